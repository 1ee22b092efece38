import { connect } from "node:net";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SlaveId } from "../../../src/protocol/ids.js";
import { openLogFile } from "../../../src/server/storage/log-file.js";
import { ProcessLauncher, type ProcessLauncherOptions } from "../../../src/server/supervisor/process-launcher.js";
import { Supervisor, type SupervisorOptions } from "../../../src/server/supervisor/supervisor.js";
import { tcpTransport } from "../../../src/transport/tcp.js";

export const IDS = ["10", "20"] as SlaveId[];

const FAKE_DAEMON = fileURLToPath(new URL("fake-daemon.mjs", import.meta.url));

/** A supervisor of fake daemons, and what it has told people. */
export function fakeCluster(
  data: string,
  behaviours = "",
  { command, ...options }: Partial<SupervisorOptions & Pick<ProcessLauncherOptions, "command">> = {},
) {
  const notices: string[] = [];
  const waiting: { readonly pattern: RegExp; readonly resolve: () => void }[] = [];
  process.env["FAKE"] = behaviours;
  const supervisor = new Supervisor({
    slaves: IDS,
    launcher: new ProcessLauncher({
      settings: {
        host: "127.0.0.1",
        clientPort: 0,
        registrationPort: 0,
        statusPort: 0,
        prepareTimeoutMs: 1,
        readTimeoutMs: 1,
        heartbeatIntervalMs: 1,
        heartbeatTimeoutMs: 1,
        hash: "xxh64",
        serial: false,
        cacheSets: 1,
        cacheWays: 1,
      },
      data,
      slaves: IDS.length,
      // `env` becomes node, pid included, and takes away tap's instrumentation of child processes, which is slow.
      command: command ?? ["env", "-u", "NODE_OPTIONS", process.execPath, FAKE_DAEMON],
      openLog: (name) => openLogFile(join(data, "logs", `${name}.log`)),
    }),
    transport: tcpTransport,
    restart: false,
    onNotice: (text) => {
      notices.push(text);
      for (const { pattern, resolve } of waiting) if (pattern.test(text)) resolve();
    },
    ...options,
  });
  /** Resolves when a notice that matches has come. */
  const noticed = (pattern: RegExp) =>
    new Promise<void>((resolve) => {
      if (notices.some((notice) => pattern.test(notice))) resolve();
      else waiting.push({ pattern, resolve });
    });
  return { supervisor, notices, noticed };
}

/** True while a process of that pid is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when the process is gone, for processes that are not children of this one. */
export async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Speaks to a fake master's status port: what is sent reaches the supervisor, and its answers come back. */
export async function openAdmin(port: number) {
  const socket = connect(port, "127.0.0.1");
  const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
  const send = (message: object) => socket.write(`${JSON.stringify(message)}\n`);
  const ask = async (message: object): Promise<Record<string, unknown>> => {
    send(message);
    return JSON.parse((await lines.next()).value as string) as Record<string, unknown>;
  };
  // The supervisor connects when it likes to.
  while ((await ask({ type: "hello" }))["supervisors"] === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  return { ask, send, close: () => socket.destroy() };
}
