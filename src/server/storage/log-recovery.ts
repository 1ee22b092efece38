import path from "node:path";
import { SEGMENT_HEADER_BYTES, type SegmentStart } from "../../core/log-codec.js";
import type { LogRecord } from "../../core/log-record.js";
import { RingkvError } from "../../protocol/errors.js";
import type { FileOperations } from "./file-operations.js";
import { type LogContents, manifestFile, readLog, recordsOf } from "./log-directory.js";
import { SegmentFile, segmentPath } from "./segment-file.js";
import { SegmentPool } from "./segment-pool.js";
import { storageError } from "./storage-error.js";

/** A log's directory made ready for appends. */
export interface OpenedLog {
  readonly records: readonly LogRecord[];
  /** The segment that appends continue in, and where. */
  readonly segment: SegmentFile;
  readonly position: number;
  /** The frame that must open the segment; undefined when it has one. */
  readonly start: SegmentStart | undefined;
  /** Segments before that one which the next checkpoint may drop. */
  readonly oldSegments: readonly number[];
  readonly pool: SegmentPool;
}

/**
 * Recovers a log. Appends continue in the last segment: its last group is written again, a torn tail is overwritten with
 * zeros, and the segment is forced as a whole, before any are taken, because what was read may have been in the page cache
 * only. Where the disk refuses that, a copy of the segment takes its place; where it refuses that too, the log stays shut.
 *
 * @throws RingkvError STORAGE when the log is damaged or the disk refuses; nothing is changed when it is damaged
 */
export async function openLogDirectory(
  files: FileOperations,
  directory: string,
  segmentBytes: number,
): Promise<OpenedLog> {
  try {
    files.makeDirectory(directory);
    await files.forceDirectory(path.dirname(directory));
    const contents = await readLog(files, directory);
    if (contents.damage !== undefined) throw damaged(directory, contents.damage);
    for (const leftover of contents.leftovers) await files.remove(leftover);
    return contents.manifest === undefined
      ? await createLog(files, directory, segmentBytes, contents)
      : await continueLog(files, directory, segmentBytes, contents);
  } catch (error) {
    throw storageError(`Cannot open the log in ${directory}`, error);
  }
}

async function createLog(
  files: FileOperations,
  directory: string,
  segmentBytes: number,
  contents: LogContents,
): Promise<OpenedLog> {
  // Without a manifest and without a record: an earlier start came no further.
  for (const { number } of contents.prepared) await files.remove(segmentPath(directory, number));
  const number = contents.highestNumber + 1;
  const segment = await SegmentFile.create(files, { directory, number, bytes: segmentBytes });
  await manifestFile(files, directory).save({ firstSegment: number, carriedOver: 0 });
  return {
    records: [],
    segment,
    position: SEGMENT_HEADER_BYTES,
    start: FIRST_START,
    oldSegments: [],
    pool: new SegmentPool(files, { directory, segmentBytes, nextNumber: number + 1, ready: [] }),
  };
}

async function continueLog(
  files: FileOperations,
  directory: string,
  segmentBytes: number,
  contents: LogContents,
): Promise<OpenedLog> {
  const last = contents.segments.at(-1);
  if (last === undefined) throw new Error("a log with a manifest has a segment");
  const { number, fileBytes, end, lastGroup, frames } = last;
  const wipe = end.kind !== "clean";
  const options = { directory, number, bytes: segmentBytes, fileBytes, end: end.offset, lastGroup, wipe };
  const segment = await SegmentFile.reopen(files, options).catch(() => SegmentFile.copy(files, options));
  const pool = new SegmentPool(files, {
    directory,
    segmentBytes,
    nextNumber: contents.highestNumber + 1,
    ready: await reopenPrepared(files, directory, segmentBytes, contents),
  });
  return {
    records: recordsOf(contents.segments),
    segment,
    position: end.offset,
    start: frames.length === 0 ? FIRST_START : undefined,
    oldSegments: contents.segments.slice(0, -1).map((old) => old.number),
    pool,
  };
}

const NOTHING = new Uint8Array(0);
const FIRST_START: SegmentStart = { type: "start", previousSegment: 0, previousEnd: 0, carriedOver: 0 };

/** One prepared segment of the right size is used again, the others go. */
async function reopenPrepared(
  files: FileOperations,
  directory: string,
  segmentBytes: number,
  contents: LogContents,
): Promise<SegmentFile[]> {
  const usable = contents.prepared.find(({ fileBytes }) => fileBytes === segmentBytes);
  for (const { number } of contents.prepared) {
    if (number !== usable?.number) await files.remove(segmentPath(directory, number));
  }
  if (usable === undefined) return [];
  const { number, fileBytes } = usable;
  const options = {
    directory,
    number,
    bytes: segmentBytes,
    fileBytes,
    end: SEGMENT_HEADER_BYTES,
    lastGroup: NOTHING,
    wipe: false,
  };
  return [await SegmentFile.reopen(files, options)];
}

function damaged(directory: string, damage: NonNullable<LogContents["damage"]>): RingkvError {
  const { path: file, offset, reason } = damage;
  const data = path.dirname(directory);
  return new RingkvError(
    "STORAGE",
    `${file} is damaged at offset ${offset}: ${reason}. It was left as it is; ` +
      `\`ringkv log verify ${data}\` and \`ringkv log dump ${data}\` show what it holds.`,
  );
}
