import type { Values } from "../config.js";
import { stderrLog } from "../server/log.js";
import { runMaster } from "../server/master/main.js";
import { CERTIFICATE_FILES } from "./credentials.js";
import { runDaemon } from "./daemon.js";
import { daemonTransport } from "./daemon-transport.js";
import { exposedMasterPorts } from "./exposure.js";
import type { MASTER } from "./settings.js";
import { masterTokens } from "./tokens.js";

/** `ringkv master` */
export function run({ supervised, tls, insecure, ...options }: Values<typeof MASTER>): Promise<number> {
  const tokens = masterTokens(options);
  const warnings = exposedMasterPorts({ ...options, tls, insecure }, tokens);
  const { transport, renew } = daemonTransport(tls, CERTIFICATE_FILES.master);
  for (const warning of warnings) stderrLog("warn", warning);
  return runDaemon(() => runMaster({ ...options, tokens, transport }), { supervised, renew });
}
