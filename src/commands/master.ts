import type { Values } from "../config.js";
import { runMaster } from "../server/master/main.js";
import { runDaemon } from "./daemon.js";
import type { MASTER } from "./settings.js";

/** `ringkv master` */
export function run({ supervised, ...options }: Values<typeof MASTER>): Promise<number> {
  return runDaemon(() => runMaster(options), { supervised });
}
