import { spawn } from "node:child_process";
import { DataDirectory } from "../../../src/server/storage/data-directory.js";

// Run by data-directory.test.ts, which kills it.
const [, , directory] = process.argv;
if (directory === undefined) throw new Error("usage: directory-holder DIRECTORY");
DataDirectory.open(directory, "slave");
const child = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)"], {
  detached: true,
  stdio: "ignore",
});
process.stdout.write(`${child.pid}\n`);
setInterval(() => undefined, 1_000);
