import {
  type DecodedFrame,
  type LogEntry,
  FRAME_ALIGNMENT,
  FRAME_HEAD_BYTES,
  SEGMENT_HEADER_BYTES,
  aligned,
  decodeFrame,
  decodeSegmentHeader,
  viewOf,
} from "./log-codec.js";

/** What a segment holds, up to the first bytes that are no valid frame. */
export interface SegmentScan {
  readonly frames: readonly ScannedFrame[];
  readonly end: SegmentEnd;
  /** Where the last group of the frames begins, the only one that may not have been forced; the end's offset if none. */
  readonly lastGroupStart: number;
  /** There is a valid frame, if only behind a first one that is not: all segments before this one were forced to their ends. */
  readonly isBegun: boolean;
}

export interface ScannedFrame {
  readonly offset: number;
  readonly entry: LogEntry;
  /** Repeats what older segments say. */
  readonly carried: boolean;
}

/**
 * How a segment ends, and where. `clean`: nothing but zeros follow. `torn`: the last group was not wholly written, so no
 * one was ever told that it is on disk. `damage`: bytes that had been forced are wrong.
 */
export type SegmentEnd =
  | { readonly kind: "clean"; readonly offset: number }
  | { readonly kind: "torn" | "damage"; readonly offset: number; readonly reason: string };

/**
 * Reads a segment's bytes. Never throws, on any bytes, and never returns an entry whose checksum is wrong.
 *
 * A wrong frame is damage, not a torn tail, when a valid frame of a **later group** follows: that frame's group start says
 * that everything before it was forced first. A valid frame of the same group proves nothing: after a power cut the sectors
 * of one write may be on disk in any selection. What can not be told from a torn tail is damage to the very last group.
 *
 * @param segment the number that the segment must have
 */
export function scanSegment(bytes: Uint8Array, segment: number): SegmentScan {
  const header = decodeSegmentHeader(bytes);
  if (!header.ok)
    return { frames: [], end: { kind: "damage", offset: 0, reason: header.reason }, lastGroupStart: 0, isBegun: false };
  if (header.segment !== segment) {
    const reason = `the header says segment ${header.segment}, the name says ${segment}`;
    return { frames: [], end: { kind: "damage", offset: 0, reason }, lastGroupStart: 0, isBegun: false };
  }
  const frames: ScannedFrame[] = [];
  let offset = SEGMENT_HEADER_BYTES;
  let lastGroupStart = offset;
  for (;;) {
    const frame = decodeFrame(bytes, offset, segment);
    if (frame === undefined) {
      const end = classifyEnd(bytes, offset, segment);
      const isBegun = frames.length > 0 || (end.kind === "torn" && hasFrame(bytes, offset, segment));
      return { frames, end, lastGroupStart, isBegun };
    }
    const reason = troubleWith(frame, offset, lastGroupStart);
    if (reason !== undefined) return { frames, end: { kind: "damage", offset, reason }, lastGroupStart, isBegun: true };
    if (frame.entry === undefined) throw new Error("a frame without trouble has an entry");
    frames.push({ offset, entry: frame.entry, carried: frame.carried });
    lastGroupStart = frame.groupStart;
    offset = frame.end;
  }
}

/** What is wrong with a frame whose checksum is right. */
function troubleWith({ entry, groupStart }: DecodedFrame, offset: number, lastGroupStart: number): string | undefined {
  if (entry === undefined) return "the record's checksum is right and its content is of no known kind";
  // It opens a group, or is of the one that it stands in.
  if (groupStart !== offset && groupStart !== lastGroupStart)
    return "the record is of a group that it does not stand in";
  return undefined;
}

function hasFrame(bytes: Uint8Array, from: number, segment: number): boolean {
  for (let offset = from; offset + FRAME_HEAD_BYTES <= bytes.length; offset += FRAME_ALIGNMENT) {
    if (decodeFrame(bytes, offset, segment) !== undefined) return true;
  }
  return false;
}

function classifyEnd(bytes: Uint8Array, offset: number, segment: number): SegmentEnd {
  const firstNonZero = indexOfNonZero(bytes, offset);
  if (firstNonZero === bytes.length) return { kind: "clean", offset };
  const later = findLaterGroup(bytes, offset, firstNonZero, segment);
  if (later !== undefined) {
    return {
      kind: "damage",
      offset,
      reason: `the record is not valid, but the one at ${later} was written later and is`,
    };
  }
  return { kind: "torn", offset, reason: "the last group of records was not wholly written" };
}

/** The offset of a valid frame whose group begins after `bad`, if there is one. */
function findLaterGroup(bytes: Uint8Array, bad: number, from: number, segment: number): number | undefined {
  const view = viewOf(bytes);
  // A frame begins with its checksum, which may begin with zeros.
  const start = Math.max(bad + FRAME_ALIGNMENT, aligned(from - FRAME_ALIGNMENT));
  for (let offset = start; offset + FRAME_HEAD_BYTES <= bytes.length; offset += FRAME_ALIGNMENT) {
    const groupStart = view.getUint32(offset + 12, true);
    if (groupStart <= bad || groupStart > offset) continue;
    if (decodeFrame(bytes, offset, segment) !== undefined) return offset;
  }
  return undefined;
}

/** The first non-zero byte from `from` on, or the length; by words, since a fresh segment is megabytes of zeros. */
function indexOfNonZero(bytes: Uint8Array, from: number): number {
  let index = from;
  while (index < bytes.length && (bytes.byteOffset + index) % 4 !== 0) {
    if (bytes[index] !== 0) return index;
    index += 1;
  }
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + index, Math.floor((bytes.length - index) / 4));
  const word = words.findIndex((value) => value !== 0);
  index += (word === -1 ? words.length : word) * 4;
  while (index < bytes.length && bytes[index] === 0) index += 1;
  return index;
}
