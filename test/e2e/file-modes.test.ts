import { lstatSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { RingkvClient } from "../../src/client/client.js";
import { ANY_PORTS, Daemon, type UpReady } from "./cluster.js";

t.test("all that a cluster writes is for its owner only, whatever the umask that it was started with", async (t) => {
  const parent = mkdtempSync(join(tmpdir(), "ringkv-modes-"));
  const umask = process.umask(0);
  const up = new Daemon(["up", "--headless", "--slaves", "2", "--data", join(parent, "data"), ...ANY_PORTS]);
  process.umask(umask);
  t.teardown(async () => {
    await up.stop();
    rmSync(parent, { recursive: true, force: true });
  });
  const { client: address } = await up.ready<UpReady>();
  const client = await RingkvClient.connect(address);
  await client.put("k", "v");
  await client.close();
  await up.stop();

  const entries = readdirSync(parent, { recursive: true, encoding: "utf8" });
  t.ok(
    entries.some((entry) => /slave-\d+\/.*MANIFEST/.test(entry)),
    "the library's files are among them",
  );
  const modes = entries.map((entry) => {
    const status = lstatSync(join(parent, entry));
    return { entry, isDirectory: status.isDirectory(), mode: (status.mode & 0o777).toString(8) };
  });
  t.strictSame(
    modes.filter(({ isDirectory, mode }) => mode !== (isDirectory ? "700" : "600")),
    [],
    `${entries.length} files and directories`,
  );
});
