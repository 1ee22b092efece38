import { frameBytes } from "../../core/log-codec.js";
import type { LogRecord } from "../../core/log-record.js";
import type { Lsn } from "../../core/two-phase-commit/participant.js";
import type { RingkvError } from "../../protocol/errors.js";
import type { GroupRecord } from "./segment-writer.js";

/** What waits for the next force, in order: records, and the place where a checkpoint begins. */
export class AppendQueue {
  #items: (QueuedRecord | QueuedCheckpoint)[] = [];
  #bytes = 0;
  #hasCheckpoint = false;

  get length(): number {
    return this.#items.length;
  }

  /** Bytes of the frames of all records that wait, those that a checkpoint will carry over included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** True when a checkpoint waits, so that what comes later goes into a new segment. */
  get hasCheckpoint(): boolean {
    return this.#hasCheckpoint;
  }

  pushRecord(record: LogRecord, bytes: number, lsn: Lsn): void {
    this.#items.push({ kind: "record", record, bytes, lsn, carried: false });
    this.#bytes += bytes;
  }

  /** One at a time: the one before must have been taken. */
  pushCheckpoint(checkpoint: Checkpoint): void {
    this.#items.push({ kind: "checkpoint", ...checkpoint });
    this.#bytes += checkpoint.bytes;
    this.#hasCheckpoint = true;
  }

  /** Takes records up to a checkpoint, or up to the first one that does not fit `freeBytes` any more. */
  takeRecords(freeBytes: number): { readonly records: readonly QueuedRecord[]; readonly bytes: number } {
    const records: QueuedRecord[] = [];
    let bytes = 0;
    for (const item of this.#items) {
      if (item.kind === "checkpoint" || bytes + item.bytes > freeBytes) break;
      records.push(item);
      bytes += item.bytes;
    }
    this.#items = this.#items.slice(records.length);
    this.#bytes -= bytes;
    return { records, bytes };
  }

  /** Takes the checkpoint that is at the head, if one is. */
  takeCheckpoint(): Checkpoint | undefined {
    const [head] = this.#items;
    if (head?.kind !== "checkpoint") return undefined;
    this.#items.shift();
    this.#bytes -= head.bytes;
    this.#hasCheckpoint = false;
    return head;
  }

  /** Puts the checkpoint's records at the head; `onForced` is called when the last of them is on disk. */
  beginCheckpoint({ carried, bytes }: Checkpoint, onForced: () => void): void {
    const records = carried.map((record, index): QueuedRecord => ({
      kind: "record",
      record,
      bytes: frameBytes(record),
      lsn: undefined,
      carried: true,
      ...(index === carried.length - 1 && { onForced }),
    }));
    this.#items = [...records, ...this.#items];
    this.#bytes += bytes;
  }

  clear(): void {
    this.#items = [];
    this.#bytes = 0;
    this.#hasCheckpoint = false;
  }
}

/** A checkpoint that waits for its new segment. */
export interface Checkpoint {
  readonly carried: readonly LogRecord[];
  /** What the carried records' frames take. */
  readonly bytes: number;
  /** The carried records are on disk, in this segment and maybe later ones. */
  readonly onForced: (segment: number) => void;
  readonly onRefused: (error: RingkvError) => void;
}

export interface QueuedRecord extends GroupRecord {
  readonly kind: "record";
  readonly bytes: number;
  /** Undefined for what a checkpoint carries over. */
  readonly lsn: Lsn | undefined;
  readonly onForced?: () => void;
}

interface QueuedCheckpoint extends Checkpoint {
  readonly kind: "checkpoint";
}
