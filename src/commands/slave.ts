import { UsageError, type Values } from "../config.js";
import { runSlave } from "../server/slave/main.js";
import { runDaemon } from "./daemon.js";
import type { SLAVE } from "./settings.js";

/** `ringkv slave` */
export function run({ supervised, id, data, advertise, ...options }: Values<typeof SLAVE>): Promise<number> {
  if (id === undefined) throw new UsageError("--id is missing: each slave has a 64-bit ID of its own");
  if (data === undefined) throw new UsageError("--data is missing: the slave's log and store live there");
  return runDaemon(() => runSlave({ ...options, id, data, ...(advertise !== undefined && { advertise }) }), {
    supervised,
  });
}
