import { SEGMENT_HEADER_BYTES, START_FRAME_BYTES, frameBytes } from "../../core/log-codec.js";
import type { LogRecord } from "../../core/log-record.js";
import type { Lsn } from "../../core/two-phase-commit/participant.js";
import { RingkvError } from "../../protocol/errors.js";
import { DEFAULTS } from "../../protocol/limits.js";
import { AppendQueue, type Checkpoint, type QueuedRecord } from "./append-queue.js";
import { type FileOperations, nodeFileOperations } from "./file-operations.js";
import { type Manifest, logDirectoryOf, manifestFile } from "./log-directory.js";
import { type OpenedLog, openLogDirectory } from "./log-recovery.js";
import { OutcomeReserve } from "./outcome-reserve.js";
import { segmentPath } from "./segment-file.js";
import type { SegmentPool } from "./segment-pool.js";
import { type GroupRecord, SegmentWriter } from "./segment-writer.js";
import type { StateFile } from "./state-file.js";
import { storageError } from "./storage-error.js";

const RIDE_MS_DEFAULT = 5;

/**
 * A slave's log on disk: append, group commit, checkpoint.
 *
 * 1. Everything appended until a force starts leaves as one group, in one write into the preallocated segment and one
 *    fdatasync; while it runs, the next group collects. There is never a second force beside the first, so a group is
 *    written only when all before it is forced (the group start in log-codec.ts relies on it).
 * 2. A record that does not fit the segment opens the next one; that segment's first record is written only when the old
 *    segment is forced to its end.
 * 3. After a write or a force has failed nothing is ever reported durable again: what the disk holds is unknown until the
 *    log is opened anew.
 */
export class SlaveLog {
  readonly #files: FileOperations;
  readonly #directory: string;
  readonly #options: SlaveLogOptions;
  readonly #manifest: StateFile<Manifest>;
  readonly #pool: SegmentPool;
  readonly #writer: SegmentWriter;
  readonly #queue = new AppendQueue();
  readonly #reserve = new OutcomeReserve();
  /** Segments before the one that is written, oldest first. */
  #oldSegments: readonly number[];
  #largestFrameBytes = START_FRAME_BYTES;
  #bytesSinceCheckpoint = 0;

  #appended: Lsn = 0;
  #durable: Lsn = 0;

  #isForceWanted = false;
  #turnEnd: NodeJS.Immediate | undefined;
  #rideTimer: NodeJS.Timeout | undefined;
  #forcing: Promise<void> | undefined;
  #checkpoint: Promise<void> | undefined;
  #refuseCheckpoint: ((error: RingkvError) => void) | undefined;
  #failure: RingkvError | undefined;
  #isClosing = false;

  /**
   * Opens the log in a slave's data directory, which the caller has locked, and recovers from it.
   *
   * @returns the log, ready for appends, and the records to replay
   * @throws RingkvError STORAGE when bytes that had been forced are damaged (the message names file and offset), or when
   *   the disk refuses
   */
  static async open(
    dataDirectory: string,
    options: SlaveLogOptions,
  ): Promise<{ readonly log: SlaveLog; readonly records: readonly LogRecord[] }> {
    const files = options.files ?? nodeFileOperations;
    const directory = logDirectoryOf(dataDirectory);
    const opened = await openLogDirectory(files, directory, options.segmentBytes ?? DEFAULTS.segmentBytes);
    return { log: new SlaveLog(files, directory, options, opened), records: opened.records };
  }

  private constructor(files: FileOperations, directory: string, options: SlaveLogOptions, opened: OpenedLog) {
    this.#files = files;
    this.#directory = directory;
    this.#options = options;
    this.#manifest = manifestFile(files, directory);
    this.#pool = opened.pool;
    this.#writer = new SegmentWriter(opened.segment, opened.position, opened.start);
    this.#oldSegments = opened.oldSegments;
    for (const record of opened.records) this.#note(record, frameBytes(record));
  }

  /** Everything up to this record is on disk. */
  get durable(): Lsn {
    return this.#durable;
  }

  /** Bytes of records that the next start would have to read; a checkpoint is due at one segment's worth, or a bit less. */
  get bytesSinceCheckpoint(): number {
    return this.#bytesSinceCheckpoint;
  }

  /** Bytes appended and not yet taken by a force. */
  get queuedBytes(): number {
    return this.#queue.bytes;
  }

  /**
   * Appends a record. `force`: it is forced with the group that leaves at the end of this event-loop turn, or when the force
   * that is running ends. `ride`: with a later force, or after 5 ms.
   *
   * @throws RingkvError STORAGE when the log has failed, is closed, or the record is larger than a segment
   */
  append(record: LogRecord, urgency: "force" | "ride"): Lsn {
    this.#assertOpen();
    const bytes = frameBytes(record);
    if (bytes > this.#segmentCapacity) {
      throw new RingkvError("STORAGE", "The record is larger than a segment of the log.");
    }
    this.#appended += 1;
    this.#note(record, bytes);
    this.#queue.pushRecord(record, bytes, this.#appended);
    this.#schedule(urgency);
    return this.#appended;
  }

  /**
   * Whether this record can be appended so that the outcomes of all open ops, and of its own, still find room. Asked before
   * a PREPARED is appended; on a full disk the answer is no, and yes again when there is space. May take some ten ms when
   * appends outrun the preparation of segments, since one is made at once then.
   */
  hasRoomFor(record: LogRecord): boolean {
    if (this.#failure !== undefined || this.#isClosing) return false;
    const bytes = frameBytes(record);
    if (bytes > this.#segmentCapacity) return false;
    const needed = bytes + OutcomeReserve.addedBy(record) + this.#queue.bytes + this.#reserve.bytes;
    const freeBytes = this.#queue.hasCheckpoint ? 0 : this.#writer.freeBytes;
    if (2 * freeBytes < this.#segmentCapacity) this.#pool.hurry();
    return this.#findRoom(needed, freeBytes, Math.max(this.#largestFrameBytes, bytes));
  }

  /**
   * Shortens the log: starts a segment with the carried-over records, forces the store, then drops the older segments. A
   * crash at any point leaves a log that says the same. Appends go on meanwhile. A call while one runs gets that one's end.
   *
   * @param carryOver called once, when the new segment's place in the order of appends is fixed: what must outlive the
   *   older segments, that is the epoch and every op that is not forgotten, in the order of the log
   * @param forceStore makes all writes applied before it is called survive a power cut
   * @throws RingkvError STORAGE when there is no space for a segment, or the log or the store fails; nothing is dropped then
   */
  checkpoint(carryOver: () => readonly LogRecord[], forceStore: () => Promise<void>): Promise<void> {
    this.#checkpoint ??= this.#runCheckpoint(carryOver, forceStore).finally(() => {
      this.#checkpoint = undefined;
    });
    return this.#checkpoint;
  }

  /** Forces what is appended, and closes the files. What finds no room on a full disk is not forced. */
  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#pool.drain();
    this.#isForceWanted = true;
    this.#startForcing();
    await this.#forcing;
    await this.#checkpoint?.catch(() => undefined);
    await this.#pool.close();
    this.#writer.close();
  }

  get #segmentCapacity(): number {
    return (this.#options.segmentBytes ?? DEFAULTS.segmentBytes) - SEGMENT_HEADER_BYTES - START_FRAME_BYTES;
  }

  #assertOpen(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#isClosing) throw new RingkvError("STORAGE", "The log is closed.");
  }

  #note(record: LogRecord, bytes: number): void {
    this.#reserve.note(record);
    this.#bytesSinceCheckpoint += bytes;
    this.#largestFrameBytes = Math.max(this.#largestFrameBytes, bytes);
  }

  /** True when `needed` bytes of frames find room in `freeBytes` and the segments that are ready, or made ready now. */
  #findRoom(needed: number, freeBytes: number, largestFrameBytes: number): boolean {
    if (needed <= freeBytes) return true;
    for (;;) {
      const ready = this.#pool.ready.length;
      if (ready > 0 && needed <= this.#segmentCapacity) return true;
      // At the end of each segment but the last, less than one frame is lost.
      const bytesPerSegment = this.#segmentCapacity - largestFrameBytes;
      if (needed <= freeBytes + ready * bytesPerSegment) return true;
      if (ready > 0 && bytesPerSegment <= 0) return false;
      if (this.#pool.shortage !== undefined || !this.#pool.prepareNow()) return false;
    }
  }

  #schedule(urgency: "force" | "ride"): void {
    if (urgency === "force") this.#isForceWanted = true;
    if (this.#forcing !== undefined) return;
    if (this.#isForceWanted) {
      this.#turnEnd ??= setImmediate(() => this.#startForcing());
    } else {
      this.#rideTimer ??= setTimeout(() => {
        this.#isForceWanted = true;
        this.#startForcing();
      }, this.#options.rideMs ?? RIDE_MS_DEFAULT);
    }
  }

  #startForcing(): void {
    clearImmediate(this.#turnEnd);
    clearTimeout(this.#rideTimer);
    this.#turnEnd = undefined;
    this.#rideTimer = undefined;
    this.#forcing ??= this.#forceGroups().finally(() => {
      this.#forcing = undefined;
      if (this.#queue.length > 0 && !this.#isClosing) this.#schedule("ride");
    });
  }

  async #forceGroups(): Promise<void> {
    while (this.#isForceWanted && this.#queue.length > 0) {
      const { records, bytes } = this.#queue.takeRecords(this.#writer.freeBytes);
      if (records.length === 0) {
        if (!(await this.#openNextSegment())) return;
        continue;
      }
      if (this.#queue.length === 0) this.#isForceWanted = this.#isClosing;
      try {
        this.#writer.writeGroup(records, bytes);
        this.#options.aroundForce?.("before", records);
        await this.#writer.force();
        this.#options.aroundForce?.("after", records);
      } catch (error) {
        this.#fail(error);
        return;
      }
      this.#forced(records);
    }
  }

  #forced(records: readonly QueuedRecord[]): void {
    for (const { lsn, onForced } of records) {
      if (lsn !== undefined) this.#durable = lsn;
      onForced?.();
    }
    this.#options.onDurable(this.#durable);
  }

  /** False when the log is being closed and no segment can be had. */
  async #openNextSegment(): Promise<boolean> {
    const checkpoint = this.#queue.takeCheckpoint();
    if (checkpoint !== undefined) await this.#pool.settled();
    if (checkpoint !== undefined && this.#pool.ready.length === 0) {
      // A checkpoint must not wait for space: outcomes may be behind it in the queue, and there is room for those.
      checkpoint.onRefused(this.#noSpace());
      return true;
    }
    const next = await this.#pool.take();
    if (next === undefined) {
      this.#refuseCheckpoint?.(this.#noSpace());
      return false;
    }
    this.#oldSegments = [...this.#oldSegments, this.#writer.segmentNumber];
    this.#writer.continueIn(next, checkpoint?.carried.length ?? 0);
    if (checkpoint !== undefined) this.#queue.beginCheckpoint(checkpoint, () => checkpoint.onForced(next.number));
    return true;
  }

  async #runCheckpoint(carryOver: () => readonly LogRecord[], forceStore: () => Promise<void>): Promise<void> {
    await this.#pool.settled();
    this.#assertOpen();
    const bytesBefore = this.#bytesSinceCheckpoint;
    const carried = carryOver();
    if (carried.length === 0) throw new TypeError("A checkpoint carries at least the epoch over.");
    const bytes = carried.reduce((sum, record) => sum + frameBytes(record), 0);
    const needed = bytes + this.#queue.bytes + this.#reserve.bytes;
    if (!this.#findRoom(needed, 0, this.#largestFrameBytes)) throw this.#noSpace();
    const firstSegment = await this.#startCheckpoint({ carried, bytes });
    await forceStore();
    await this.#manifest.save({ firstSegment, carriedOver: carried.length });
    this.#bytesSinceCheckpoint += bytes - bytesBefore;
    const dropped = this.#oldSegments.filter((number) => number < firstSegment);
    this.#oldSegments = this.#oldSegments.filter((number) => number >= firstSegment);
    // What stays behind here by a crash or an error is removed at the next start.
    for (const number of dropped) await this.#files.remove(segmentPath(this.#directory, number)).catch(() => undefined);
  }

  /** Resolves with the number of the new segment when the carried-over records are on disk. */
  #startCheckpoint(checkpoint: Pick<Checkpoint, "carried" | "bytes">): Promise<number> {
    const started = new Promise<number>((resolve, reject) => {
      this.#refuseCheckpoint = reject;
      this.#queue.pushCheckpoint({ ...checkpoint, onForced: resolve, onRefused: reject });
      this.#schedule("force");
    });
    return started.finally(() => {
      this.#refuseCheckpoint = undefined;
    });
  }

  #noSpace(): RingkvError {
    return this.#pool.shortage ?? new RingkvError("STORAGE", "There is no room for another segment of the log.");
  }

  #fail(cause: unknown): void {
    this.#failure = storageError(`The log in ${this.#directory} failed; nothing more is acknowledged`, cause);
    this.#queue.clear();
    this.#refuseCheckpoint?.(this.#failure);
    this.#options.onFailure(this.#failure);
  }
}

export interface SlaveLogOptions {
  /** Called after each force, with the newest record that is on disk now. */
  readonly onDurable: (lsn: Lsn) => void;
  /** Called once, when a write or a force has failed: the log takes no more appends, and the slave must stop. */
  readonly onFailure: (error: RingkvError) => void;
  /** Size of a segment's file; default 16 MiB. Must hold the largest record, 256 KiB and a bit. */
  readonly segmentBytes?: number;
  /** How long a `ride` record waits for a force at most; default 5. */
  readonly rideMs?: number;
  /** Called with each group that is written, before and after its force: a crash test ends the process here. */
  readonly aroundForce?: (side: "before" | "after", group: readonly GroupRecord[]) => void;
  readonly files?: FileOperations;
}
