import {
  SEGMENT_HEADER_BYTES,
  START_FRAME_BYTES,
  type LogEntry,
  type SegmentStart,
  encodeFrameInto,
} from "../../core/log-codec.js";
import type { LogRecord } from "../../core/log-record.js";
import type { SegmentFile } from "./segment-file.js";

/** A group buffer larger than this is not kept for the next group. */
const KEPT_BUFFER_BYTES_MAX = 1_048_576;

/** Where a log is being written: its last segment, and the place of the next frame in it. */
export class SegmentWriter {
  #segment: SegmentFile;
  #position: number;
  /** The frame that must open the segment, until it is written. */
  #start: SegmentStart | undefined;
  #buffer = new Uint8Array(65_536);

  /** @param start undefined when the segment has its start frame already */
  constructor(segment: SegmentFile, position: number, start: SegmentStart | undefined) {
    this.#segment = segment;
    this.#position = position;
    this.#start = start;
  }

  /** The number of the segment. */
  get segmentNumber(): number {
    return this.#segment.number;
  }

  /** Bytes that frames can still take in the segment. */
  get freeBytes(): number {
    const startBytes = this.#start === undefined ? 0 : START_FRAME_BYTES;
    return this.#segment.bytes - this.#position - startBytes;
  }

  /**
   * Writes the records as one group, to be forced next. The caller has made sure that they fit, and that the force before
   * this one has ended well.
   *
   * @param bytes what the records' frames take
   */
  writeGroup(records: readonly GroupRecord[], bytes: number): void {
    const groupStart = this.#position;
    const buffer = this.#bufferOf(bytes + START_FRAME_BYTES);
    let end = 0;
    const encode = (entry: LogEntry, carried: boolean): void => {
      const place = { segment: this.#segment.number, offset: groupStart + end, groupStart, carried };
      end = encodeFrameInto(buffer, end, entry, place);
    };
    if (this.#start !== undefined) encode(this.#start, false);
    this.#start = undefined;
    for (const { record, carried } of records) encode(record, carried);
    this.#position += end;
    this.#segment.write(buffer.subarray(0, end), groupStart);
  }

  /** Resolves when all that is written is on disk. */
  force(): Promise<void> {
    return this.#segment.force();
  }

  /**
   * Goes on in the next segment; all of this one is forced.
   * @param carriedOver the records of the checkpoint that begins there, 0 for none
   */
  continueIn(next: SegmentFile, carriedOver: number): void {
    const { number } = this.#segment;
    this.#segment.close();
    this.#start = { type: "start", previousSegment: number, previousEnd: this.#position, carriedOver };
    this.#segment = next;
    this.#position = SEGMENT_HEADER_BYTES;
  }

  close(): void {
    this.#segment.close();
  }

  #bufferOf(bytes: number): Uint8Array {
    if (bytes <= this.#buffer.length) return this.#buffer;
    const buffer = new Uint8Array(Math.max(bytes, Math.min(2 * bytes, KEPT_BUFFER_BYTES_MAX)));
    if (buffer.length <= KEPT_BUFFER_BYTES_MAX) this.#buffer = buffer;
    return buffer;
  }
}

export interface GroupRecord {
  readonly record: LogRecord;
  /** It repeats what older segments say. */
  readonly carried: boolean;
}
