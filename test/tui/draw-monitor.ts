/**
 * Draws docs/monitor.svg: a real cluster, watched by `ringkv up` in a terminal of 160x48, at the moment when a put waits for the
 * vote of a frozen slave while another one is down. `npm run docs:picture`; nothing but this package and its dependencies is needed.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RingkvClient } from "../../src/client/client.js";
import { Pty } from "./pty.js";
import { screenToSvg } from "./screen-to-svg.js";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const IDS =
  "360287970189639680,3386706919782612992,6485183463413514240,9727775195120271360,12826251738751172608,15924728282382073856";
const TRAFFIC_MS = 25_000;

async function main(): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), "ringkv-picture-"));
  const flags = ["--ids", IDS, "--data", data, "--client-port", "0", "--registration-port", "0", "--status-port", "0"];
  const pty = new Pty([process.execPath, join(ROOT, "dist/cli.js"), "up", ...flags, "--cache-sets", "64"], {
    columns: 160,
    rows: 48,
    env: { XDG_STATE_HOME: data },
  });
  try {
    await pty.waitFor((lines) => lines.some((line) => line.includes("slaves 6/6")));
    const [, port = ""] = /master 127\.0\.0\.1:(\d+)/.exec(pty.emulator.lines.join("\n")) ?? [];
    const client = await RingkvClient.connect({ port: Number(port) });
    await traffic(client);
    const { slaves } = await client.info();
    const idOf = (name: string) => slaves.find((slave) => slave.name === name)?.id;
    pty.type("kill s5\r");
    await pty.waitFor((lines) => lines.some((line) => line.includes("slaves 5/6")));
    const key = await keyOf(client, [idOf("s3"), idOf("s4")]);
    pty.type("pause s4\r");
    await pty.waitFor((lines) => lines.some((line) => line.includes("❄ frozen")));
    pty.type("\u001b");
    await pty.waitFor((lines) => !lines.some((line) => line.includes("Answers")));
    pty.type("\u001b[B\u001b[Bc");
    const put = client.put(key, "Alice").catch(() => undefined);
    await pty.waitFor((lines) => lines.some((line) => line.includes(`begin`) && line.includes(`"${key}"`)));
    await pty.waitFor((lines) => lines.some((line) => line.includes("PREPARE 1/2")));
    pty.type(`:get ${key}`);
    await pty.waitFor((lines) => lines.some((line) => line.startsWith(` : get ${key}`)));
    const { emulator } = pty;
    const picture = screenToSvg(emulator.surface(), { title: "ringkv up", cursor: emulator.cursor });
    writeFileSync(join(ROOT, "docs/monitor.svg"), picture);
    await put;
    await client.close();
    pty.type("\u0003\u0003");
    await pty.exit;
  } finally {
    await pty.end();
    rmSync(data, { recursive: true, force: true });
  }
}

/** Reads and writes with a swell, so that bars have something to show. */
async function traffic(client: RingkvClient): Promise<void> {
  const names = ["user", "order", "cart"];
  const startedMs = performance.now();
  for (let index = 0; performance.now() - startedMs < TRAFFIC_MS; index += 1) {
    const key = `${names[index % names.length] ?? ""}:${(index * 7) % 120}`;
    if (index % 5 === 0) await client.put(key, `value ${index}`);
    else await client.get(key);
    const swell = Math.sin((performance.now() - startedMs) / 3_000) + 1.2;
    await new Promise((resolve) => setTimeout(resolve, 60 / swell));
  }
}

/** A key of these two slaves. */
async function keyOf(client: RingkvClient, replicas: readonly (string | undefined)[]): Promise<string> {
  for (let index = 0; ; index += 1) {
    const key = `user:${index}`;
    if ((await client.where(key)).replicas.join() === replicas.join()) return key;
  }
}

await main();
