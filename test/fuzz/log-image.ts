import path from "node:path";
import {
  FRAME_ALIGNMENT,
  SEGMENT_HEADER_BYTES,
  decodeFrame,
  encodeFrameInto,
  frameBytes,
} from "../../src/core/log-codec.js";
import type { LogRecord } from "../../src/core/log-record.js";
import { type ReadSegment, readLog, recordsOf } from "../../src/server/storage/log-directory.js";
import { MemoryFiles } from "../../src/server/storage/memory-files.js";
import { segmentNumber } from "../../src/server/storage/segment-file.js";
import type { Random } from "../random.js";
import { epoch, outcome, prepared } from "../server/storage/log-fixtures.js";
import { type LogImage, corpusLogs } from "./corpus.js";
import { mutated } from "./mutator.js";

export const LOG_DIRECTORY = "/data/log";

/** A log as it was written, and what it holds. */
export interface LogSample {
  readonly name: string;
  readonly image: LogImage;
  readonly records: readonly LogRecord[];
  /** The segment where the records end. */
  readonly lastFile: string;
  /** Its frames in order, from the first segment to the last. */
  readonly frames: readonly SampleFrame[];
}

interface SampleFrame {
  readonly file: string;
  readonly offset: number;
  readonly end: number;
  readonly groupStart: number;
  /** The records of a log that ends before this frame. */
  readonly recordsBefore: number;
}

/** Puts an image on a disk in memory. */
export function diskOf(image: LogImage): MemoryFiles {
  const files = new MemoryFiles();
  files.makeDirectory(LOG_DIRECTORY);
  for (const [name, bytes] of image) {
    const file = files.open(path.join(LOG_DIRECTORY, name), "create");
    file.write(bytes, 0);
    file.close();
  }
  return files;
}

export async function logSamples(): Promise<readonly LogSample[]> {
  const samples: LogSample[] = [];
  for (const [name, image] of corpusLogs()) {
    const { segments, damage } = await readLog(diskOf(image), LOG_DIRECTORY);
    const lastFile = path.basename(segments.at(-1)?.path ?? "");
    if (damage !== undefined || lastFile === "") throw new Error(`the sample ${name} is damaged`);
    samples.push({ name, image, records: recordsOf(segments), lastFile, frames: framesOf(image, segments) });
  }
  return samples;
}

function framesOf(image: LogImage, segments: readonly ReadSegment[]): readonly SampleFrame[] {
  return segments.flatMap((segment, place) => {
    const file = path.basename(segment.path);
    const bytes = image.get(file) ?? new Uint8Array(0);
    return segment.frames.map(({ offset }, index) => {
      const frame = decodeFrame(bytes, offset, segment.number);
      if (frame === undefined) throw new Error("a frame that was scanned can be read");
      const before = [...segments.slice(0, place), { ...segment, frames: segment.frames.slice(0, index) }];
      const { end, groupStart } = frame;
      return { file, offset, end, groupStart, recordsBefore: recordsOf(before).length };
    });
  });
}

/** A damaged image, and whether someone made a right checksum for wrong content: what is read then is his word. */
export interface DamagedImage {
  readonly sample: LogSample;
  readonly image: LogImage;
  readonly isForged: boolean;
}

export function damagedImage(random: Random, samples: readonly LogSample[]): DamagedImage {
  const sample = random.pick(samples);
  const image = new Map(sample.image);
  let isForged = false;
  for (let left = random.next() < 0.8 ? 1 : 2 + random.below(3); left > 0; left -= 1) {
    const name = random.pick([...image.keys(), ...image.keys(), sample.lastFile]);
    const bytes = image.get(name);
    if (bytes === undefined) continue;
    if (random.next() < 0.03 && segmentNumber(name) !== undefined) {
      image.set(name, forged(random, bytes, segmentNumber(name) ?? 0));
      isForged = true;
    } else if (random.next() < 0.05) moveFiles(random, image, name);
    else
      image.set(
        name,
        name.endsWith(".json") ? mutated(random, bytes, []) : damaged(random, bytes, [...image.values()]),
      );
  }
  return { sample, image, isForged };
}

/** What disks do to bytes: flips, holes, sectors in the wrong place or of another time, lost ends. */
function damaged(random: Random, bytes: Uint8Array, others: readonly Uint8Array[]): Uint8Array {
  const copy = new Uint8Array(bytes);
  const at = random.below(copy.length);
  const unit = random.pick([1, FRAME_ALIGNMENT, 64, 128]);
  const start = Math.floor(at / unit) * unit;
  const length = unit * (1 + random.below(4));
  switch (random.below(9)) {
    case 0:
      copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
      return copy;
    case 1:
      copy[at] = random.below(256);
      return copy;
    case 2:
      return copy.subarray(0, at);
    case 3:
      return copy.fill(0, start, start + length);
    case 4:
      for (let index = start; index < Math.min(copy.length, start + length); index += 1)
        copy[index] = random.below(256);
      return copy;
    case 5: {
      const source = random.pick([bytes, ...others]);
      const from = Math.floor(random.below(source.length + 1) / unit) * unit;
      copy.set(source.subarray(from, from + Math.min(length, copy.length - start)), start);
      return copy;
    }
    case 6: {
      // A write that was done again at another place.
      const from = SEGMENT_HEADER_BYTES + FRAME_ALIGNMENT * random.below(32);
      const to = Math.min(copy.length, SEGMENT_HEADER_BYTES + FRAME_ALIGNMENT * random.below(56));
      copy.set(bytes.subarray(from, from + Math.min(FRAME_ALIGNMENT * (5 + random.below(10)), copy.length - to)), to);
      return copy;
    }
    case 7: {
      const grown = new Uint8Array(copy.length + length);
      grown.set(copy);
      if (random.next() < 0.5) grown.fill(random.below(256), copy.length);
      return grown;
    }
    default:
      return mutated(random, copy, others, 4_096);
  }
}

/** A frame with a right checksum where none belongs, or with content that no slave writes. */
function forged(random: Random, bytes: Uint8Array, segment: number): Uint8Array {
  const record = random.pick([epoch(9), prepared(77, "forged"), outcome("committed", 1), outcome("forgotten", 77)]);
  const offset = SEGMENT_HEADER_BYTES + FRAME_ALIGNMENT * random.below(48);
  const target = new Uint8Array(Math.max(bytes.length, offset + frameBytes(record)));
  target.set(bytes);
  const groupStart = random.pick([offset, SEGMENT_HEADER_BYTES, 0, offset - FRAME_ALIGNMENT, 2 ** 32 - 1]);
  encodeFrameInto(target, offset, record, { segment, offset, groupStart, carried: random.next() < 0.2 });
  return target;
}

function moveFiles(random: Random, image: Map<string, Uint8Array>, name: string): void {
  const bytes = image.get(name) ?? new Uint8Array(0);
  const other = random.pick([
    ...image.keys(),
    "00000000.log",
    "00000009.log",
    "4294967296.log",
    "9999999999.log",
    "00000001.log.tmp",
    "__proto__",
  ]);
  if (random.next() < 0.4) image.delete(name);
  else image.set(other, bytes);
}

/**
 * How many of the last records may be missing: those from the first damaged frame on, where nothing that was written later is
 * left to tell of it. No one can tell such an end from one that was never written.
 */
export function losableRecords({ sample, image }: DamagedImage): number {
  const isIntact = ({ file, offset, end }: SampleFrame) => {
    const [before, after] = [sample.image.get(file), image.get(file)];
    for (let at = offset; at < end; at += 1) if (before?.[at] !== after?.[at]) return false;
    return true;
  };
  const { frames } = sample;
  const bad = frames.findIndex((frame) => !isIntact(frame));
  const damaged = frames[bad];
  if (damaged === undefined) return 0;
  const rest = image.get(damaged.file)?.subarray(damaged.offset);
  const isTorn = rest?.some((byte) => byte !== 0) ?? false;
  const tells = (frame: SampleFrame) => {
    if (frame.file === damaged.file) return frame.groupStart > damaged.offset;
    // The first frame of a segment says where the one before ended; any other, that it was forced to its end.
    return frame.offset === SEGMENT_HEADER_BYTES || (isTorn && image.has(damaged.file));
  };
  const isTold = frames.slice(bad + 1).some((frame) => tells(frame) && isIntact(frame));
  return isTold ? 0 : sample.records.length - damaged.recordsBefore;
}
