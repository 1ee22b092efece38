import type { Snapshot, UnresolvedOp } from "../protocol/messages.js";
import { formatMs } from "./output.js";
import type { Paint } from "./paint.js";
import { layOut } from "./table.js";
import { quote } from "./tokenize.js";
import { escapeUnprintable } from "../protocol/unprintable.js";

/** The unresolved updates that `status` lists; more are counted. */
const UNRESOLVED_SHOWN_MAX = 20;

/** A slave's state in its colour. */
export function paintState(state: string, paint: Paint): string {
  if (state === "up") return paint.good(state);
  return state === "down" ? paint.bad(state) : paint.warning(state);
}

/** The ring, one slave a line: the hashes it owns as primary, its share of all, and who holds the second copies. */
export function describeRing({ slaves, info }: Snapshot, paint: Paint): string {
  const rows = slaves.map((slave, index) => {
    const predecessor = slaves.at(index - 1) ?? slave;
    const successor = slaves[(index + 1) % slaves.length] ?? slave;
    return [
      paint.name(slave.name),
      paintState(slave.state, paint),
      `(${hex(predecessor.id)}, ${hex(slave.id)}]`,
      `${(slave.share * 100).toFixed(1)} %`,
      `copies on ${successor.name}`,
    ];
  });
  if (slaves.length < info.ringSize) rows.push([paint.warning(missing(slaves.length, info.ringSize))]);
  return rows.length === 0 ? paint.warning("no slave has registered yet") : layOut(rows);
}

/** The slaves, one a line. */
export function describeSlaves({ slaves, info }: Snapshot, paint: Paint): string {
  const rows = slaves.map((slave) => [
    paint.name(slave.name),
    paintState(slave.state, paint),
    slave.host === undefined || slave.port === undefined ? "-" : address({ host: slave.host, port: slave.port }),
    slave.keys === 1 ? "1 key" : `${slave.keys} keys`,
    slave.supervised ? "supervised" : "on its own",
    slave.id,
  ]);
  if (slaves.length < info.ringSize) rows.push([paint.warning(missing(slaves.length, info.ringSize))]);
  return rows.length === 0 ? paint.warning("no slave has registered yet") : layOut(rows);
}

/** The whole cluster on one screen. */
export function describeStatus(snapshot: Snapshot, paint: Paint): string {
  const { info, metrics, slaves, unresolved } = snapshot;
  const up = slaves.filter((slave) => slave.state === "up").length;
  const healthy = info.ringComplete && up === info.ringSize;
  const lookups = metrics.cacheHits + metrics.cacheMisses;
  const hitRate = lookups === 0 ? "" : ` (${((100 * metrics.cacheHits) / lookups).toFixed(1)} %)`;
  const health = `${up} of ${info.ringSize} slaves up${info.ringComplete ? "" : ", the ring is incomplete"}`;
  const head = layOut([
    ["ringkv", escapeUnprintable(`${info.version}, epoch ${info.epoch}, hash ${info.hash}`)],
    ["ring", healthy ? paint.good(health) : paint.warning(health)],
    [
      "listens",
      `clients ${address(info.client)}, registration ${address(info.registration)}, status ${address(info.status)}`,
    ],
    [
      "requests",
      `${metrics.gets} get, ${metrics.puts} put, ${metrics.dels} del; ${metrics.errors} errors, ${metrics.aborts} aborts; ${metrics.inFlight} in flight`,
    ],
    [
      "latency",
      `get p50 ${formatMs(metrics.getMs.p50)}, p99 ${formatMs(metrics.getMs.p99)}; update p50 ${formatMs(metrics.updateMs.p50)}, p99 ${formatMs(metrics.updateMs.p99)}`,
    ],
    ["cache", `${metrics.cacheHits} hits, ${metrics.cacheMisses} misses${hitRate}`],
    ["unresolved", metrics.unresolved === 0 ? "none" : paint.warning(metrics.unresolved.toString())],
  ]);
  const open = unresolved.slice(0, UNRESOLVED_SHOWN_MAX).map((op) => `  ${describeOp(op, snapshot)}`);
  const more = metrics.unresolved - open.length;
  return [head, ...open, ...(more > 0 ? [`  … and ${more} more`] : []), describeSlaves(snapshot, paint)].join("\n");
}

/** The updates that are not settled, one a line. */
export function describeUnresolved(snapshot: Snapshot, paint: Paint): string {
  const { unresolved, metrics } = snapshot;
  if (unresolved.length === 0) return paint.good("none: every update is settled");
  const more = metrics.unresolved - unresolved.length;
  const lines = unresolved.map((op) => (op.state === "in-doubt" ? paint.bad : paint.warning)(describeOp(op, snapshot)));
  return [...lines, ...(more > 0 ? [`… and ${more} more`] : [])].join("\n");
}

function describeOp(op: UnresolvedOp, { slaves }: Snapshot): string {
  const names = op.waitingFor.map((id) => slaves.find((slave) => slave.id === id)?.name ?? id);
  const waiting = names.length === 0 ? "" : `, waits for ${names.join(" and ")}`;
  return `${op.opId} ${op.kind} ${quote(op.key)}: ${op.state}${waiting}`;
}

function missing(there: number, ringSize: number): string {
  return `${ringSize - there} of ${ringSize} slaves have not registered yet`;
}

function address({ host, port }: { readonly host: string; readonly port: number }): string {
  // Slaves tell their own hosts.
  return `${escapeUnprintable(host)}:${port}`;
}

function hex(id: string): string {
  return BigInt(id).toString(16).padStart(16, "0");
}
