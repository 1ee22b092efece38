import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import t from "tap";
import { DataDirectory } from "../../../src/server/storage/data-directory.js";

/** A process that takes the directory, starts a child of its own that outlives it, and prints the child's pid. */
function startHolder(directory: string): ChildProcess & { readonly stdout: NodeJS.ReadableStream } {
  const script = path.join(import.meta.dirname, "directory-holder.ts");
  return spawn(process.execPath, [...process.execArgv, script, directory], { stdio: ["ignore", "pipe", "inherit"] });
}

t.test("a directory is created with mode 0700 and its lock file with 0600", (t) => {
  const directory = path.join(t.testdir(), "deep", "data");
  const held = DataDirectory.open(directory, "master");
  t.equal(fs.statSync(directory).mode & 0o777, 0o700);
  t.equal(fs.statSync(path.join(directory, "LOCK")).mode & 0o777, 0o600);
  held.close();
  t.end();
});

t.test("a second opener in the same process is refused, and a closed directory can be taken again", (t) => {
  const directory = t.testdir();
  const held = DataDirectory.open(directory, "slave");
  t.throws(() => DataDirectory.open(directory, "slave"), { code: "STORAGE" });
  held.close();
  held.close();
  DataDirectory.open(directory, "slave").close();
  t.end();
});

t.test("the refusal names the holder's pid and role, and SIGKILL frees the lock though a child lives on", async (t) => {
  const directory = t.testdir();
  const holder = startHolder(directory);
  const [line] = (await once(createInterface({ input: holder.stdout }), "line")) as [string];
  const orphan = Number(line);
  t.teardown(() => process.kill(orphan, "SIGKILL"));
  t.throws(() => DataDirectory.open(directory, "slave"), {
    code: "STORAGE",
    message: new RegExp(`${directory} is in use by the slave with pid ${holder.pid}, since 20`),
  });
  holder.kill("SIGKILL");
  await once(holder, "exit");
  t.doesNotThrow(() => process.kill(orphan, 0), "the child lives on");
  DataDirectory.open(directory, "slave").close();
});

t.test("a directory that cannot be created is refused by name", (t) => {
  const file = path.join(t.testdir({ file: "" }), "file", "data");
  t.throws(() => DataDirectory.open(file, "master"), { code: "STORAGE", message: /file.data/ });
  t.end();
});
