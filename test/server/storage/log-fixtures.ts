import type { LogRecord } from "../../../src/core/log-record.js";
import { type Epoch, OP_NONE, type OpId, type SlaveId } from "../../../src/protocol/ids.js";
import type { Lsn } from "../../../src/core/two-phase-commit/participant.js";
import { SlaveLog, type SlaveLogOptions } from "../../../src/server/storage/slave-log.js";

export const epoch = (number: number): LogRecord => ({
  type: "epoch",
  epoch: number.toString() as Epoch,
  masterId: `m${number}`,
  newest: OP_NONE,
});

export const prepared = (seq: number, value = `value ${seq}`): LogRecord => ({
  type: "prepared",
  opId: `1.${seq}` as OpId,
  kind: "put",
  key: `key ${seq}`,
  value,
  replicas: ["5" as SlaveId, "9" as SlaveId],
});

export const outcome = (type: "committed" | "aborted" | "forgotten", seq: number): LogRecord => ({
  type,
  opId: `1.${seq}` as OpId,
});

/** A log opened with handlers that a test can wait on. */
export async function openLog(directory: string, options: Partial<SlaveLogOptions> = {}) {
  const waiting: { readonly lsn: Lsn; readonly resolve: () => void }[] = [];
  const failures: Error[] = [];
  const { log, records } = await SlaveLog.open(directory, {
    onDurable: (lsn) => {
      while (waiting[0] !== undefined && waiting[0].lsn <= lsn) waiting.shift()?.resolve();
    },
    onFailure: (error) => failures.push(error),
    ...options,
  });
  /** Resolves when the record is on disk. */
  const durable = (lsn: Lsn): Promise<void> =>
    lsn <= log.durable ? Promise.resolve() : new Promise((resolve) => waiting.push({ lsn, resolve }));
  return { log, records, failures, durable };
}
