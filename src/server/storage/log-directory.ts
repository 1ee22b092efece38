import path from "node:path";
import { z } from "zod";
import { SEGMENT_HEADER_BYTES, type SegmentStart } from "../../core/log-codec.js";
import type { LogRecord } from "../../core/log-record.js";
import { type ScannedFrame, type SegmentScan, scanSegment } from "../../core/log-scan.js";
import { TEMPORARY_SUFFIX } from "./atomic-file.js";
import type { FileOperations } from "./file-operations.js";
import { segmentNumber, segmentPath } from "./segment-file.js";
import { StateFile, type StateFormat } from "./state-file.js";

/** Where a slave's log is in its data directory. */
export function logDirectoryOf(dataDirectory: string): string {
  return path.join(dataDirectory, "log");
}

/** The manifest: the segment at which the log begins, older ones are left over from an interrupted checkpoint. */
export interface Manifest {
  readonly firstSegment: number;
  /** The records that the checkpoint which begins there has carried over; 0 in a log that has had none. */
  readonly carriedOver: number;
}

const MANIFEST_FORMAT: StateFormat<Manifest> = {
  what: "the log's manifest",
  version: 1,
  schema: z.object({ firstSegment: z.number().int().min(1), carriedOver: z.number().int().min(0) }),
};

export function manifestFile(files: FileOperations, directory: string): StateFile<Manifest> {
  return new StateFile(files, path.join(directory, "manifest.json"), MANIFEST_FORMAT);
}

/** A segment in use. */
export interface ReadSegment extends SegmentScan {
  readonly number: number;
  readonly path: string;
  readonly fileBytes: number;
  /** The bytes of its last group of frames. */
  readonly lastGroup: Uint8Array;
}

/** What is wrong with a log, and where. */
export interface LogDamage {
  readonly path: string;
  readonly offset: number;
  readonly reason: string;
}

/** A log as it stands on disk; nothing is changed by reading it. */
export interface LogContents {
  /** Undefined when there is no manifest, so no log yet. */
  readonly manifest: Manifest | undefined;
  /** The segments in use, in the order of their records, as far as they could be read. */
  readonly segments: readonly ReadSegment[];
  /** Segments prepared and never used, that can be: their numbers are above those in use. */
  readonly prepared: readonly { readonly number: number; readonly fileBytes: number }[];
  /** Files that a crash left over; they may be removed. */
  readonly leftovers: readonly string[];
  /** The highest number that any segment file has. */
  readonly highestNumber: number;
  readonly damage: LogDamage | undefined;
}

/**
 * Reads a log's directory.
 * @throws RingkvError STORAGE when the manifest is damaged, or the system's error when a file cannot be read
 */
export async function readLog(files: FileOperations, directory: string): Promise<LogContents> {
  const names = files.list(directory).sort();
  const manifest = await manifestFile(files, directory).read();
  const numbers = names.map(segmentNumber).filter((number) => number !== undefined);
  const first = manifest?.firstSegment ?? 0;
  const leftovers = names
    .filter((name) => name.endsWith(TEMPORARY_SUFFIX) || (segmentNumber(name) ?? first) < first)
    .map((name) => path.join(directory, name));

  const segments: ReadSegment[] = [];
  const recordless = new Set<number>();
  let prepared: { number: number; fileBytes: number }[] = [];
  let damage: LogDamage | undefined;
  for (const number of numbers.filter((candidate) => candidate >= first)) {
    const segment = await readSegment(files, directory, number);
    if (segment === undefined) continue;
    if (segment.frames.length === 0 && segment.end.kind !== "damage" && number !== first) {
      damage = damageBefore(segment, segments.at(-1));
      if (damage !== undefined) break;
      recordless.add(number);
      if (segment.end.kind === "clean") prepared.push({ number, fileBytes: segment.fileBytes });
      else leftovers.push(segment.path);
      continue;
    }
    damage = damageOf(segment, { previous: segments.at(-1), recordless, directory, manifest });
    if (segment.end.kind !== "damage" || segment.frames.length > 0) segments.push(segment);
    if (damage !== undefined) break;
    leftovers.push(...prepared.map((unused) => segmentPath(directory, unused.number)));
    prepared = [];
  }
  damage ??= damageOfWhole(directory, manifest, segments);
  return { manifest, segments, prepared, leftovers, highestNumber: Math.max(0, ...numbers), damage };
}

/**
 * The records to replay, in order. What a checkpoint carried over is left out where the segments before it are there to be
 * replayed themselves (a crash came before they were dropped): it would only repeat them.
 */
export function recordsOf(segments: readonly ReadSegment[]): LogRecord[] {
  const records: LogRecord[] = [];
  for (const { entry, carried, isInFirstCheckpoint } of framesOf(segments)) {
    if (entry.type !== "start" && (!carried || isInFirstCheckpoint)) records.push(entry);
  }
  return records;
}

function* framesOf(
  segments: readonly ReadSegment[],
): Generator<ScannedFrame & { readonly isInFirstCheckpoint: boolean }> {
  let isInFirstCheckpoint = true;
  for (const [index, { frames }] of segments.entries()) {
    for (const frame of frames) {
      if (frame.entry.type === "start") isInFirstCheckpoint &&= index === 0 || frame.entry.carriedOver === 0;
      yield { ...frame, isInFirstCheckpoint };
    }
  }
}

async function readSegment(files: FileOperations, directory: string, number: number): Promise<ReadSegment | undefined> {
  const file = segmentPath(directory, number);
  const bytes = await files.read(file);
  if (bytes === undefined) return undefined;
  const scan = scanSegment(bytes, number);
  const lastGroup = bytes.slice(scan.lastGroupStart, scan.end.offset);
  return { number, path: file, fileBytes: bytes.length, lastGroup, ...scan };
}

/** A segment is begun only when the one before it is forced to its end: a torn one before it is damaged. */
function damageBefore(segment: ReadSegment, previous: ReadSegment | undefined): LogDamage | undefined {
  if (!segment.isBegun || previous?.end.kind !== "torn") return undefined;
  const reason = "its last group of records is not whole, and the next segment was begun, for which it had to be";
  return { path: previous.path, offset: previous.end.offset, reason };
}

/** What a segment is judged by. */
interface Surroundings {
  readonly directory: string;
  readonly manifest: Manifest | undefined;
  /** The segment with records before it. */
  readonly previous: ReadSegment | undefined;
  /** Segments before it without any record: prepared and never used, as they should be. */
  readonly recordless: ReadonlySet<number>;
}

function damageOf(segment: ReadSegment, surroundings: Surroundings): LogDamage | undefined {
  const { end } = segment;
  if (surroundings.manifest === undefined && (segment.frames.length > 0 || end.kind === "damage")) {
    return { path: segment.path, offset: 0, reason: "the manifest, which says where the log begins, is missing" };
  }
  if (segment.frames.length > 0) {
    const broken = brokenChain(segment, surroundings);
    if (broken !== undefined) return broken;
  }
  return end.kind === "damage" ? { path: segment.path, offset: end.offset, reason: end.reason } : undefined;
}

/** The frames that open segments must tie them together, without a gap and without a lost end. */
function brokenChain(segment: ReadSegment, { previous, recordless, directory }: Surroundings): LogDamage | undefined {
  const start = startOf(segment);
  const stray = segment.frames.slice(1).find(({ entry }) => entry.type === "start");
  if (start === undefined || stray !== undefined) {
    const offset = stray?.offset ?? SEGMENT_HEADER_BYTES;
    return { path: segment.path, offset, reason: "a segment opens with a start record and has no other" };
  }
  if (previous === undefined) return undefined;
  if (recordless.has(start.previousSegment)) {
    const reason = `it has no records, and the next segment says that they went on to ${start.previousEnd}`;
    return { path: segmentPath(directory, start.previousSegment), offset: SEGMENT_HEADER_BYTES, reason };
  }
  if (start.previousSegment !== previous.number) {
    const reason = `it follows segment ${start.previousSegment}, which is missing`;
    return { path: segment.path, offset: SEGMENT_HEADER_BYTES, reason };
  }
  if (start.previousEnd !== previous.end.offset) {
    const reason = `its records end here, and the next segment says that they went on to ${start.previousEnd}`;
    return { path: previous.path, offset: previous.end.offset, reason };
  }
  return undefined;
}

function damageOfWhole(
  directory: string,
  manifest: Manifest | undefined,
  segments: readonly ReadSegment[],
): LogDamage | undefined {
  if (manifest === undefined) return undefined;
  const [first] = segments;
  if (first?.number !== manifest.firstSegment) {
    const file = segmentPath(directory, manifest.firstSegment);
    return { path: file, offset: 0, reason: "the segment at which the log begins is missing" };
  }
  let carriedOver = 0;
  for (const frame of framesOf(segments)) if (frame.carried && frame.isInFirstCheckpoint) carriedOver += 1;
  if (carriedOver >= manifest.carriedOver) return undefined;
  return { path: first.path, offset: first.end.offset, reason: "records that a checkpoint carried over are missing" };
}

function startOf(segment: ReadSegment): SegmentStart | undefined {
  const entry = segment.frames[0]?.entry;
  return entry?.type === "start" ? entry : undefined;
}
