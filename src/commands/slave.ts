import { UsageError, type Values } from "../config.js";
import { stderrLog } from "../server/log.js";
import { runSlave } from "../server/slave/main.js";
import { CERTIFICATE_FILES } from "./credentials.js";
import { runDaemon } from "./daemon.js";
import { daemonTransport } from "./daemon-transport.js";
import { exposedSlavePort } from "./exposure.js";
import type { SLAVE } from "./settings.js";

/** `ringkv slave` */
export function run(values: Values<typeof SLAVE>): Promise<number> {
  const { supervised, id, data, advertise, tls, ...options } = values;
  if (id === undefined) throw new UsageError("--id is missing: each slave has a 64-bit ID of its own");
  if (data === undefined) throw new UsageError("--data is missing: the slave's log and store live there");
  for (const warning of exposedSlavePort(values)) stderrLog("warn", warning);
  const { transport, renew } = daemonTransport(tls, CERTIFICATE_FILES.slave(id));
  const start = () => runSlave({ ...options, transport, id, data, ...(advertise !== undefined && { advertise }) });
  return runDaemon(start, { supervised, renew });
}
