import t from "tap";
import type { LogRecord } from "../../../src/core/log-record.js";
import { SlaveLog } from "../../../src/server/storage/slave-log.js";
import { openLog } from "./log-fixtures.js";
import { epoch, outcome, prepared } from "./log-fixtures.js";
import { SimulatedDisk, randomOf } from "./simulated-disk.js";

const SEGMENT_BYTES = 8_192;
const OPS = 180;

/** What a slave knows, and which of it was acknowledged: the small participant that the crash tests run. */
class Model {
  readonly open = new Map<string, LogRecord[]>();
  readonly applied = new Set<string>();

  replay(record: LogRecord): void {
    if (record.type === "epoch") return;
    const { opId } = record;
    if (record.type === "prepared") this.open.set(opId, [record]);
    else if (record.type === "forgotten") this.open.delete(opId);
    else {
      this.open.get(opId)?.push(record);
      if (record.type === "committed") this.applied.add(opId);
    }
  }

  get carriedOver(): LogRecord[] {
    return [epoch(1), ...[...this.open.values()].flat()];
  }
}

interface Run {
  /** Records whose force was reported. */
  readonly acknowledged: LogRecord[];
  readonly appended: LogRecord[];
  /** The ops that the store had forced. */
  forcedStore: ReadonlySet<string>;
}

/** Appends ops, in turns of three, with checkpoints, until it is done or the power goes. */
async function run(disk: SimulatedDisk, ops: number, firstOp: number, forcedStore: ReadonlySet<string>): Promise<Run> {
  const result: Run = { acknowledged: [], appended: [], forcedStore };
  const model = new Model();
  for (const opId of forcedStore) model.applied.add(opId);
  try {
    const lsns: LogRecord[] = [];
    let wake: () => void = () => undefined;
    const { log, records } = await SlaveLog.open("/data", {
      files: disk,
      segmentBytes: SEGMENT_BYTES,
      onDurable: (lsn) => {
        result.acknowledged.push(...lsns.splice(0, lsn - result.acknowledged.length));
        wake();
      },
      onFailure: () => wake(),
    });
    for (const record of records) model.replay(record);
    const append = (record: LogRecord, urgency: "force" | "ride"): number => {
      const lsn = log.append(record, urgency);
      lsns.push(record);
      result.appended.push(record);
      model.replay(record);
      return lsn;
    };
    append(epoch(1), "force");
    const checkpoints: Promise<void>[] = [];
    for (let op = firstOp; op < firstOp + ops; op += 3) {
      for (const seq of [op, op + 1, op + 2]) append(prepared(seq), "force");
      append(outcome(op % 2 === 0 ? "committed" : "aborted", op), "ride");
      if (op > firstOp) append(outcome("forgotten", op - 3), "ride");
      const last = append(outcome("committed", op + 1), "force");
      if (op % 30 === 0) checkpoints.push(checkpointOf(log, model, result).catch(() => undefined));
      while (log.durable < last && !disk.isOff) await new Promise<void>((resolve) => (wake = resolve));
      if (disk.isOff) break;
    }
    await Promise.all(checkpoints);
    await log.close();
  } catch (error) {
    if (!disk.isOff) throw error;
  }
  return result;
}

function checkpointOf(log: SlaveLog, model: Model, result: Run): Promise<void> {
  let applied: ReadonlySet<string> = new Set();
  return log.checkpoint(
    () => {
      applied = new Set(model.applied);
      return model.carriedOver;
    },
    () => {
      result.forcedStore = applied;
      return Promise.resolve();
    },
  );
}

/** Recovers from a disk, and says what is wrong with what came back; then goes on, and recovers once more. */
async function faultsOf(disk: SimulatedDisk, before: Run): Promise<string[]> {
  const faults: string[] = [];
  const check = async (from: SimulatedDisk, runs: readonly Run[]): Promise<void> => {
    const { log, records } = await openLog("/data", { files: from, segmentBytes: SEGMENT_BYTES });
    await log.close();
    const model = new Model();
    for (const opId of runs.at(-1)?.forcedStore ?? []) model.applied.add(opId);
    for (const record of records) model.replay(record);
    faults.push(...missing(runs, model));
  };
  await check(disk, [before]);
  const second = disk.afterKill();
  const after = await run(second, 6, 1_000, before.forcedStore);
  await check(
    second.afterPowerCut(() => 0),
    [before, after],
  );
  return faults;
}

function missing(runs: readonly Run[], model: Model): string[] {
  const acknowledged = runs.flatMap((each) => each.acknowledged);
  const appended = new Set(runs.flatMap((each) => each.appended).map((record) => JSON.stringify(record)));
  const forgotten = new Set(
    runs.flatMap((each) => each.appended).flatMap((record) => (record.type === "forgotten" ? [record.opId] : [])),
  );
  const faults: string[] = [];
  for (const record of acknowledged) {
    if (record.type === "committed" && !model.applied.has(record.opId)) faults.push(`lost COMMITTED ${record.opId}`);
    if (record.type === "epoch" || record.type === "forgotten" || forgotten.has(record.opId)) continue;
    const known = model.open.get(record.opId) ?? [];
    if (!known.some(({ type }) => type === record.type)) faults.push(`lost ${record.type} ${record.opId}`);
  }
  for (const record of [...model.open.values()].flat()) {
    if (!appended.has(JSON.stringify(record))) faults.push(`made up ${JSON.stringify(record)}`);
  }
  return faults;
}

t.test(
  "whatever operation the power goes or the process dies at, nothing acknowledged is lost or made up",
  async (t) => {
    const whole = new SimulatedDisk();
    const complete = await run(whole, OPS, 0, new Set());
    t.equal(complete.acknowledged.length, complete.appended.length);
    t.ok(complete.forcedStore.size > 0, "checkpoints took place");
    const points = whole.operations;
    t.ok(points > 150, `${points} operations`);
    const faults: string[] = [];
    for (let point = 1; point <= points; point++) {
      const disk = new SimulatedDisk();
      disk.powerCutAt = point;
      const before = await run(disk, OPS, 0, new Set());
      const seed = point;
      const random = randomOf(seed);
      const cuts = [disk.afterPowerCut(() => 0), disk.afterPowerCut(random), disk.afterPowerCut(random)];
      const after = [...cuts, disk.afterKill()];
      for (const [index, survivor] of after.entries()) {
        try {
          faults.push(
            ...(await faultsOf(survivor, before)).map((fault) => `point ${point}, survivor ${index}: ${fault}`),
          );
        } catch (error) {
          faults.push(`point ${point}, survivor ${index}: ${String(error)}`);
        }
      }
    }
    t.same(faults.slice(0, 10), []);
  },
);
