import xxhash from "xxhash-wasm";
import type { Epoch, OpId, SlaveId } from "../protocol/ids.js";
import { splitOpId } from "../protocol/ids.js";
import { LIMITS } from "../protocol/limits.js";
import { ownCopy, utf8Length } from "../protocol/text.js";
import type { EpochRecord, LogRecord, OutcomeRecord, PreparedRecord } from "./log-record.js";

/**
 * The bytes of a log segment: a header, then frames, then zeros up to the segment's preallocated end.
 *
 * | header, 32 bytes         | frame, a multiple of 8 bytes                                        |
 * |--------------------------|---------------------------------------------------------------------|
 * | 0  "ringklog"            | 0   checksum, u64                                                   |
 * | 8  format version, u32   | 8   payload length, u32                                             |
 * | 12 segment number, u32   | 12  group start, u32: where in this segment the frame's group begins |
 * | 16 zeros                 | 16  payload: type, u8 (carried over: + 0x80), then its fields       |
 * | 24 checksum, u64         |     zeros up to the next multiple of 8                              |
 *
 * All numbers are little-endian. A frame's checksum covers everything after itself, the padding included, and its seed is
 * the segment's number and the frame's offset in it, so that bytes from elsewhere never pass: left over from another segment, or
 * put in the wrong place by a disk. It is xxHash64: a log is read once and
 * checked by trying every offset after damage, so 32 bits would be too few; in JavaScript it beats a table-driven CRC-32C
 * from about 100 bytes on (367 ns instead of 3,968 ns for 1,000 bytes), and it is a dependency already.
 *
 * The group start is the log's promise "everything before this offset was forced before I was written". It is what tells a
 * torn tail (the last group, which no one was told about) from damage (log-scan.ts).
 */
export const SEGMENT_HEADER_BYTES = 32;

/** Every frame takes a multiple of this. */
export const FRAME_ALIGNMENT = 8;

/** The format that this code writes, and the only one it reads. */
export const LOG_FORMAT_VERSION = 3;

/** What every frame takes besides its payload and padding. */
export const FRAME_HEAD_BYTES = 16;

/** The bytes of a COMMITTED, ABORTED or FORGOTTEN record: what must be kept free for an op that is prepared. */
export const OUTCOME_RECORD_BYTES = 40;

/** The bytes of the frame that opens each segment. */
export const START_FRAME_BYTES = 32;

/**
 * The first frame of a segment that is in use. It ties the segments to a chain, and a segment that lost its end is noticed.
 */
export interface SegmentStart {
  readonly type: "start";
  /** The segment before this one; 0 when there is none. */
  readonly previousSegment: number;
  /** Where the records of the segment before this one end. */
  readonly previousEnd: number;
  /** A checkpoint begins here: the records that it carries over. 0 where a segment just follows a full one. */
  readonly carriedOver: number;
}

export type LogEntry = LogRecord | SegmentStart;

/** A segment's header as read: its number, or why it is none. */
export type SegmentHeader =
  { readonly ok: true; readonly segment: number } | { readonly ok: false; readonly reason: string };

const MAGIC = new TextEncoder().encode("ringklog");
const TYPES = {
  start: 0x10,
  epoch: 0x11,
  prepared: 0x12,
  committed: 0x13,
  aborted: 0x14,
  forgotten: 0x15,
  outcome: 0x16,
} as const;
const CARRIED = 0x80;
const KINDS = { put: 1, del: 2 } as const;
const STATES = { committed: 1, aborted: 2 } as const;
const OUTCOMES = new Map<number, "committed" | "aborted" | "forgotten">([
  [TYPES.committed, "committed"],
  [TYPES.aborted, "aborted"],
  [TYPES.forgotten, "forgotten"],
]);
const START_PAYLOAD_BYTES = 13;
/** Type, epoch and newest op ID; the master's ID follows. */
const EPOCH_HEAD_BYTES = 25;
const OUTCOME_PAYLOAD_BYTES = 17;
/** Type, op ID, kind, two replicas, and the lengths of key and value. */
const PREPARED_HEAD_BYTES = 40;
/** Type, op ID, kind, two replicas, and the state; the key follows. */
const CARRIED_OUTCOME_HEAD_BYTES = 35;
const UINT32 = 2 ** 32;

/** The longest payload: PREPARED with the longest key and value. */
export const PAYLOAD_BYTES_MAX = PREPARED_HEAD_BYTES + LIMITS.keyBytesMax + LIMITS.valueBytesMax;

const hashes = await xxhash();
const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bytes that the entry takes in a segment, its frame and padding included. */
export function frameBytes(entry: LogEntry): number {
  return aligned(FRAME_HEAD_BYTES + payloadBytes(entry));
}

/**
 * Writes the entry's frame into the target at `at`, where the caller has made sure that there is room for `frameBytes(entry)`.
 *
 * @returns where the frame ends in the target
 */
export function encodeFrameInto(target: Uint8Array, at: number, entry: LogEntry, place: FramePlace): number {
  const view = viewOf(target);
  const payload = at + FRAME_HEAD_BYTES;
  const length = encodePayload(target, view, payload, entry);
  const end = at + aligned(FRAME_HEAD_BYTES + length);
  for (let padding = payload + length; padding < end; padding += 1) target[padding] = 0;
  view.setUint32(at + 8, length, true);
  view.setUint32(at + 12, place.groupStart, true);
  if (place.carried) target[payload] = TYPES[entry.type] | CARRIED;
  view.setBigUint64(at, hashes.h64Raw(target.subarray(at + 8, end), seedOf(place.segment, place.offset)), true);
  return end;
}

/** Where a frame belongs: all of it is covered by its checksum. */
export interface FramePlace {
  readonly segment: number;
  /** Where the frame lies in the segment. */
  readonly offset: number;
  /** Offset in the segment of the first frame of the group that is forced together. */
  readonly groupStart: number;
  /** The record repeats what older segments say, so that a checkpoint can drop them. */
  readonly carried: boolean;
}

/** The header of a segment's file. */
export function encodeSegmentHeader(segment: number): Uint8Array {
  const header = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = viewOf(header);
  header.set(MAGIC);
  view.setUint32(8, LOG_FORMAT_VERSION, true);
  view.setUint32(12, segment, true);
  view.setBigUint64(24, hashes.h64Raw(header.subarray(0, 24), 0n), true);
  return header;
}

export function decodeSegmentHeader(bytes: Uint8Array): SegmentHeader {
  if (bytes.length < SEGMENT_HEADER_BYTES) return { ok: false, reason: "the file is shorter than a segment's header" };
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) return { ok: false, reason: "this is no ringkv log segment" };
  const view = viewOf(bytes);
  if (view.getBigUint64(24, true) !== hashes.h64Raw(bytes.subarray(0, 24), 0n)) {
    return { ok: false, reason: "the header's checksum is wrong" };
  }
  const version = view.getUint32(8, true);
  if (version !== LOG_FORMAT_VERSION) {
    return { ok: false, reason: `format version ${version} is not ${LOG_FORMAT_VERSION}, the one this ringkv reads` };
  }
  return { ok: true, segment: view.getUint32(12, true) };
}

/** A frame whose checksum is right. */
export interface DecodedFrame {
  /** Undefined when the checksum is right and the content is none that this format knows. */
  readonly entry: LogEntry | undefined;
  readonly carried: boolean;
  readonly groupStart: number;
  readonly end: number;
}

/** Reads the frame at `offset` of a segment's bytes; undefined when there is none with a right checksum. Never throws, on any bytes. */
export function decodeFrame(bytes: Uint8Array, offset: number, segment: number): DecodedFrame | undefined {
  if (offset + FRAME_HEAD_BYTES > bytes.length) return undefined;
  const view = viewOf(bytes);
  const length = view.getUint32(offset + 8, true);
  const groupStart = view.getUint32(offset + 12, true);
  const end = offset + aligned(FRAME_HEAD_BYTES + length);
  if (length === 0 || length > PAYLOAD_BYTES_MAX || end > bytes.length || groupStart > offset) return undefined;
  const checksum = hashes.h64Raw(bytes.subarray(offset + 8, end), seedOf(segment, offset));
  if (view.getBigUint64(offset, true) !== checksum) return undefined;
  const payload = offset + FRAME_HEAD_BYTES;
  const carried = (view.getUint8(payload) & CARRIED) !== 0;
  return { entry: decodePayload(bytes, view, payload, length), carried, groupStart, end };
}

/** The next offset, from this one on, at which a frame may begin. */
export function aligned(offset: number): number {
  return Math.ceil(offset / FRAME_ALIGNMENT) * FRAME_ALIGNMENT;
}

/** A view of exactly these bytes. */
export function viewOf(bytes: Uint8Array): DataView {
  if (viewed?.bytes !== bytes) {
    viewed = { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
  }
  return viewed.view;
}

/** The bytes that were looked at last, since frame after frame is written into the same. */
let viewed: { readonly bytes: Uint8Array; readonly view: DataView } | undefined;

/** What a frame's checksum starts from. */
function seedOf(segment: number, offset: number): bigint {
  seed.setUint32(0, segment, true);
  seed.setUint32(4, offset, true);
  return seed.getBigUint64(0, true);
}

const seed = new DataView(new ArrayBuffer(8));

function payloadBytes(entry: LogEntry): number {
  switch (entry.type) {
    case "start":
      return START_PAYLOAD_BYTES;
    case "epoch":
      return EPOCH_HEAD_BYTES + utf8Length(entry.masterId);
    case "prepared":
      return PREPARED_HEAD_BYTES + utf8Length(entry.key) + utf8Length(entry.value);
    case "outcome":
      return CARRIED_OUTCOME_HEAD_BYTES + utf8Length(entry.key);
    case "committed":
    case "aborted":
    case "forgotten":
      return OUTCOME_PAYLOAD_BYTES;
  }
}

/** Writes the payload and returns its length. */
function encodePayload(target: Uint8Array, view: DataView, offset: number, entry: LogEntry): number {
  view.setUint8(offset, TYPES[entry.type]);
  switch (entry.type) {
    case "start":
      view.setUint32(offset + 1, entry.previousSegment, true);
      view.setUint32(offset + 5, entry.previousEnd, true);
      view.setUint32(offset + 9, entry.carriedOver, true);
      return START_PAYLOAD_BYTES;
    case "epoch": {
      view.setBigUint64(offset + 1, uint64Of(entry.epoch), true);
      setOpId(view, offset + 9, entry.newest);
      const masterId = utf8Encoder.encodeInto(entry.masterId, target.subarray(offset + EPOCH_HEAD_BYTES));
      return EPOCH_HEAD_BYTES + masterId.written;
    }
    case "outcome": {
      setUpdate(view, offset, entry);
      view.setUint8(offset + 34, STATES[entry.state]);
      const key = utf8Encoder.encodeInto(entry.key, target.subarray(offset + CARRIED_OUTCOME_HEAD_BYTES));
      return CARRIED_OUTCOME_HEAD_BYTES + key.written;
    }
    case "prepared": {
      setUpdate(view, offset, entry);
      const keyStart = offset + PREPARED_HEAD_BYTES;
      const key = utf8Encoder.encodeInto(entry.key, target.subarray(keyStart));
      view.setUint16(offset + 34, key.written, true);
      const value = utf8Encoder.encodeInto(entry.value, target.subarray(keyStart + key.written));
      view.setUint32(offset + 36, value.written, true);
      return PREPARED_HEAD_BYTES + key.written + value.written;
    }
    case "committed":
    case "aborted":
    case "forgotten":
      setOpId(view, offset + 1, entry.opId);
      return OUTCOME_PAYLOAD_BYTES;
  }
}

function decodePayload(bytes: Uint8Array, view: DataView, offset: number, length: number): LogEntry | undefined {
  const type = view.getUint8(offset) & ~CARRIED;
  if (type === TYPES.start && length === START_PAYLOAD_BYTES) {
    return {
      type: "start",
      previousSegment: view.getUint32(offset + 1, true),
      previousEnd: view.getUint32(offset + 5, true),
      carriedOver: view.getUint32(offset + 9, true),
    };
  }
  if (type === TYPES.epoch) return decodeEpoch(bytes, view, offset, length);
  if (type === TYPES.prepared) return decodePrepared(bytes, view, offset, length);
  if (type === TYPES.outcome) return decodeOutcome(bytes, view, offset, length);
  const outcome = OUTCOMES.get(type);
  if (outcome === undefined || length !== OUTCOME_PAYLOAD_BYTES) return undefined;
  return { type: outcome, opId: getOpId(view, offset + 1) };
}

function decodeEpoch(bytes: Uint8Array, view: DataView, offset: number, length: number): EpochRecord | undefined {
  if (length < EPOCH_HEAD_BYTES) return undefined;
  const masterId = decodeText(bytes.subarray(offset + EPOCH_HEAD_BYTES, offset + length));
  if (masterId === undefined) return undefined;
  return { type: "epoch", epoch: decimal(view, offset + 1) as Epoch, masterId, newest: getOpId(view, offset + 9) };
}

function decodePrepared(bytes: Uint8Array, view: DataView, offset: number, length: number): LogEntry | undefined {
  if (length < PREPARED_HEAD_BYTES) return undefined;
  const update = getUpdate(view, offset);
  const keyStart = offset + PREPARED_HEAD_BYTES;
  const valueStart = keyStart + view.getUint16(offset + 34, true);
  const end = valueStart + view.getUint32(offset + 36, true);
  if (update === undefined || end !== offset + length) return undefined;
  const key = decodeText(bytes.subarray(keyStart, valueStart));
  const value = decodeText(bytes.subarray(valueStart, end));
  if (key === undefined || value === undefined) return undefined;
  const { opId, kind, replicas } = update;
  return { type: "prepared", opId, kind, key, value, replicas };
}

function decodeOutcome(bytes: Uint8Array, view: DataView, offset: number, length: number): LogEntry | undefined {
  if (length < CARRIED_OUTCOME_HEAD_BYTES) return undefined;
  const update = getUpdate(view, offset);
  const stateByte = view.getUint8(offset + 34);
  const state = stateByte === STATES.committed ? "committed" : stateByte === STATES.aborted ? "aborted" : undefined;
  const key = decodeText(bytes.subarray(offset + CARRIED_OUTCOME_HEAD_BYTES, offset + length));
  if (update === undefined || state === undefined || key === undefined) return undefined;
  const { opId, kind, replicas } = update;
  return { type: "outcome", state, opId, kind, key, replicas };
}

/** The fields that PREPARED and a carried-over outcome share. */
function setUpdate(view: DataView, offset: number, { opId, kind, replicas }: PreparedRecord | OutcomeRecord): void {
  setOpId(view, offset + 1, opId);
  view.setUint8(offset + 17, KINDS[kind]);
  view.setBigUint64(offset + 18, uint64Of(replicas[0]), true);
  view.setBigUint64(offset + 26, uint64Of(replicas[1]), true);
}

function getUpdate(view: DataView, offset: number): Pick<PreparedRecord, "opId" | "kind" | "replicas"> | undefined {
  const kindByte = view.getUint8(offset + 17);
  const kind = kindByte === KINDS.put ? "put" : kindByte === KINDS.del ? "del" : undefined;
  if (kind === undefined) return undefined;
  const replicas = [decimal(view, offset + 18) as SlaveId, decimal(view, offset + 26) as SlaveId] as const;
  return { opId: getOpId(view, offset + 1), kind, replicas };
}

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return utf8Decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function setOpId(view: DataView, offset: number, opId: OpId): void {
  const { epoch, seq } = splitOpId(opId);
  view.setBigUint64(offset, uint64Of(epoch), true);
  view.setUint32(offset + 8, seq % UINT32, true);
  view.setUint32(offset + 12, Math.floor(seq / UINT32), true);
}

/** The number of a 64-bit decimal. A log has few of them, epochs and slaves, so those that were read are kept. */
function uint64Of(decimal: string): bigint {
  let number = knownNumbers.get(decimal);
  if (number === undefined) {
    number = BigInt(decimal);
    if (knownNumbers.size >= KNOWN_NUMBERS_MAX) knownNumbers.clear();
    knownNumbers.set(ownCopy(decimal), number);
  }
  return number;
}

const KNOWN_NUMBERS_MAX = 2 * LIMITS.slavesMax;
const knownNumbers = new Map<string, bigint>();

function getOpId(view: DataView, offset: number): OpId {
  const seq = view.getUint32(offset + 12, true) * UINT32 + view.getUint32(offset + 8, true);
  return `${decimal(view, offset)}.${seq}` as OpId;
}

function decimal(view: DataView, offset: number): string {
  return view.getBigUint64(offset, true).toString();
}
