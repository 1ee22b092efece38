import { DEFAULTS } from "../../../protocol/limits.js";
import { evenlySpreadIds, inRingOrder } from "../../../server/supervisor/ring-ids.js";
import { Supervisor } from "../../../server/supervisor/supervisor.js";
import { MemoryTransport } from "../../../transport/memory.js";
import type { Deployment, DeploymentPlan } from "../deployment.js";
import { LocalLauncher } from "./local-launcher.js";

/** More than that of a test of framing: a frame in one piece is a turn of the event loop. */
const CHUNK_BYTES = 65_536;

/**
 * Daemons in this process, under the supervisor that `ringkv up` has.
 * @throws RingkvError DUPLICATE_ID, BAD_REQUEST
 */
export function deployInProcess({ settings, slaves, ids }: DeploymentPlan): Deployment {
  const ring = ids === undefined ? evenlySpreadIds(slaves ?? DEFAULTS.slaves) : inRingOrder(ids);
  const transport = new MemoryTransport({ chunkBytes: CHUNK_BYTES });
  const supervisor = new Supervisor({
    slaves: ring,
    launcher: new LocalLauncher(settings, ring.length, transport),
    transport,
    restart: false,
    onNotice: () => undefined,
  });
  return { supervisor, transport, close: () => supervisor.stop() };
}
