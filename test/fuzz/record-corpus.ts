import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { RingkvClient } from "../../src/client/client.js";
import { StatusClient } from "../../src/client/status-client.js";
import { RingkvError } from "../../src/protocol/errors.js";
import { LIMITS } from "../../src/protocol/limits.js";
import { COMMANDS } from "../../src/repl/command-table.js";
import { logDirectoryOf } from "../../src/server/storage/log-directory.js";
import { MemoryFiles } from "../../src/server/storage/memory-files.js";
import type { FileOperations } from "../../src/server/storage/file-operations.js";
import { epoch, openLog, outcome, prepared } from "../server/storage/log-fixtures.js";
import { OpenTransport } from "./attack.js";
import { KEPT_AS } from "./corpus.js";
import { type Port, Target } from "./target.js";

/**
 * Makes test/fuzz/corpus anew, from real sessions on a ring in this process: `npm run fuzz -- --record`. The lines are what
 * clients, slaves and masters sent to each port; the logs are what a slave's log wrote.
 */
export async function recordCorpus(directory: string): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(path.join(directory, "logs"), { recursive: true });
  const recorder = new Recorder();
  const target = await Target.start({ timeoutMs: 500 }, recorder);
  await session(target);
  for (const port of ["client", "registration", "slave", "status"] as const) {
    writeFileSync(path.join(directory, `${port}.jsonl`), recorder.linesOf(target.portOf(port)).join("\n") + "\n");
  }
  await target.stop();
  const statements = COMMANDS.flatMap(({ examples }) => examples);
  writeFileSync(path.join(directory, "statements.kv"), `${statements.join("\n---\n")}\n`);
  for (const [name, write] of Object.entries(LOGS)) await recordLog(path.join(directory, "logs", name), write);
}

/** Keeps the lines that listeners are sent: of each kind the first few. */
class Recorder extends OpenTransport {
  readonly #lines = new Map<number, string[]>();

  override listen(
    ...[options, onConnection]: Parameters<OpenTransport["listen"]>
  ): ReturnType<OpenTransport["listen"]> {
    const lines: string[] = [];
    return super
      .listen(options, (connection) => {
        const handlers = onConnection(connection);
        return {
          ...handlers,
          onFrames: (frames) => {
            for (const frame of frames) if (typeof frame === "string") keep(lines, frame);
            handlers.onFrames(frames);
          },
        };
      })
      .then((listener) => {
        this.#lines.set(listener.address.port, lines);
        return listener;
      });
  }

  linesOf(port: number): readonly string[] {
    return this.#lines.get(port) ?? [];
  }
}

const EACH_KIND_MAX = 6;

function keep(lines: string[], line: string): void {
  const kind = /"type":"[a-z]+"/.exec(line)?.[0] ?? "";
  if (lines.filter((kept) => kept.includes(kind)).length < EACH_KIND_MAX && !lines.includes(line)) lines.push(line);
}

/** What people and programs do with a ring. */
async function session(target: Target): Promise<void> {
  const { transport } = target;
  const at = (port: Port) => ({ host: "memory", port: target.portOf(port), transport });
  const client = await RingkvClient.connect(at("client"));
  for (const [key, value] of [
    ["city", "Paris"],
    ["user:1", '{"name":"Ada"}'],
    ["é€😀", ""],
    ["k", "v"],
  ] as const) {
    await client.put(key, value);
    await client.get(key);
  }
  await client.del("k");
  await Promise.allSettled([client.get("missing"), client.del("missing"), client.where("city"), client.info()]);
  for await (const key of client.keys({ prefix: "user:" })) await client.get(key);
  const status = await StatusClient.connect(at("status"));
  await status.snapshot();
  await status.cache("master");
  await status.cache("s1");
  await status.logs({ node: "s1", limit: 5 });
  await status.copies("s2");
  await status.step("on");
  await status.step("off");
  for (const fault of [{ kind: "delay", ms: 5 }, { kind: "drop", from: "vote" }, { kind: "none" }] as const) {
    await status.fault("s1", fault);
  }
  for (const verb of ["kill", "start", "pause", "resume", "restart"] as const) {
    await status.process(verb, "s2").catch(expected);
  }
  await status.process("kill", "s2", { point: "after:force-prepared#2" }).catch(expected);
  const feed = status.subscribe();
  await client.put("watched", "1");
  await feed.next();
  await status.close();
  await client.close();
}

function expected(error: unknown): void {
  if (!(error instanceof RingkvError)) throw error;
}

type OpenedLog = Awaited<ReturnType<typeof openLog>>;

/** Logs of some shapes: which segments, which groups, which checkpoints. */
const LOGS: Readonly<Record<string, (opened: OpenedLog) => Promise<void>>> = {
  short: async ({ log, durable }) => {
    await durable(log.append(epoch(1), "force"));
    await durable(log.append(prepared(1, "one"), "force"));
    log.append(prepared(2, "two"), "force");
    await durable(log.append(outcome("committed", 1), "force"));
  },
  segments: async ({ log, durable }) => {
    await durable(log.append(epoch(1), "force"));
    for (let seq = 1; seq <= 9; seq += 1) {
      log.append(prepared(seq, "value ".repeat(seq)), "force");
      await durable(log.append(outcome(seq % 2 === 0 ? "aborted" : "committed", seq), "force"));
    }
    log.append(prepared(20, "of the last group"), "force");
    await durable(log.append(prepared(21, "of the last group"), "force"));
  },
  checkpoint: async ({ log, durable }) => {
    await durable(log.append(epoch(1), "force"));
    for (let seq = 1; seq <= 4; seq += 1) {
      log.append(prepared(seq), "force");
      await durable(log.append(outcome("committed", seq), "force"));
    }
    await log.checkpoint(
      () => [epoch(1), prepared(4), outcome("committed", 4)],
      () => Promise.resolve(),
    );
    for (let seq = 5; seq <= 7; seq += 1) await durable(log.append(prepared(seq), "force"));
    await durable(log.append(outcome("forgotten", 4), "force"));
  },
  interrupted: async ({ log, durable }) => {
    await durable(log.append(epoch(1), "force"));
    for (let seq = 1; seq <= 4; seq += 1) await durable(log.append(prepared(seq), "force"));
    const stopped = log.checkpoint(
      () => [epoch(1), prepared(4)],
      () => Promise.reject(new RingkvError("STORAGE", "interrupted")),
    );
    await stopped.catch(expected);
    for (let seq = 5; seq <= 6; seq += 1) await durable(log.append(prepared(seq), "force"));
  },
};

/** Small segments, so that a log has several of them and a damaged byte is rarely a zero after the end. */
export const SAMPLE_SEGMENT_BYTES = 512;
const DATA = "/data";

async function recordLog(directory: string, write: (opened: OpenedLog) => Promise<void>): Promise<void> {
  const files: FileOperations = new MemoryFiles();
  const open = () => openLog(DATA, { segmentBytes: SAMPLE_SEGMENT_BYTES, files });
  const opened = await open();
  await write(opened);
  await opened.log.close();
  // A start keeps one of the segments that were prepared and never used; the sample would be mostly those.
  await (await open()).log.close();
  mkdirSync(directory);
  for (const name of files.list(logDirectoryOf(DATA))) {
    const bytes = await files.read(path.join(logDirectoryOf(DATA), name));
    if (bytes !== undefined && bytes.length <= LIMITS.keyBytesMax * 16)
      writeFileSync(path.join(directory, name.replace(".log", KEPT_AS)), bytes);
  }
}
