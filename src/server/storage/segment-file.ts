import path from "node:path";
import { SEGMENT_HEADER_BYTES, encodeSegmentHeader } from "../../core/log-codec.js";
import { RingkvError } from "../../protocol/errors.js";
import { TEMPORARY_SUFFIX } from "./atomic-file.js";
import type { FileOperations, OpenFile } from "./file-operations.js";

/** Zeros are written in pieces of this size. */
const ZEROS = new Uint8Array(262_144);

/**
 * One preallocated file of the log. It exists under its name only when its header, its full size in zeros and its directory
 * entry are on disk: a later force touches no metadata, and a bad header is always damage.
 */
export class SegmentFile {
  readonly number: number;
  /** Its size on disk; records go up to here. */
  readonly bytes: number;
  readonly #file: OpenFile;

  private constructor(file: OpenFile, number: number, bytes: number) {
    this.#file = file;
    this.number = number;
    this.bytes = bytes;
  }

  /**
   * Creates a segment in the background, a piece in each turn. Its errors are the system's.
   * @param rest called after each full piece, which is then forced by itself: what else is forced meanwhile waits for one
   *   piece at most, and not for a whole segment
   */
  static async create(
    files: FileOperations,
    options: SegmentOptions,
    rest?: () => Promise<void>,
  ): Promise<SegmentFile> {
    const { directory, number, bytes } = options;
    const name = segmentPath(directory, number);
    const file = files.open(name + TEMPORARY_SUFFIX, "create");
    try {
      for (const [piece, position] of pieces(number, bytes)) {
        file.write(piece, position);
        if (rest !== undefined && piece.length === ZEROS.length) await file.force().then(rest);
        else await nextTurn();
      }
      await file.force();
      files.rename(name + TEMPORARY_SUFFIX, name);
      await files.forceDirectory(directory);
    } catch (error) {
      file.close();
      await files.remove(name + TEMPORARY_SUFFIX).catch(() => undefined);
      throw error;
    }
    return new SegmentFile(file, number, bytes);
  }

  /** Creates a segment at once, while the caller waits (some ten ms). Its errors are the system's. */
  static createNow(files: FileOperations, options: SegmentOptions): SegmentFile {
    const { directory, number, bytes } = options;
    const name = segmentPath(directory, number);
    const file = files.open(name + TEMPORARY_SUFFIX, "create");
    try {
      for (const [piece, position] of pieces(number, bytes)) file.write(piece, position);
      file.forceSync();
      files.rename(name + TEMPORARY_SUFFIX, name);
      files.forceDirectorySync(directory);
    } catch (error) {
      file.close();
      void files.remove(name + TEMPORARY_SUFFIX).catch(() => undefined);
      throw error;
    }
    return new SegmentFile(file, number, bytes);
  }

  /**
   * Opens a segment whose records end at `end`, and makes the disk agree with what was read, before anything is appended or
   * told: zeros after the end where `wipe` says that something else is there, the full size, and all of it forced.
   *
   * The last group of records is written again. It may have been in the page cache only, and a force alone would prove
   * nothing: after one that failed, the kernel takes the pages for clean and the next force for done.
   */
  static async reopen(files: FileOperations, options: ReopenOptions): Promise<SegmentFile> {
    const { directory, number, fileBytes, end, wipe, lastGroup } = options;
    const bytes = Math.max(options.bytes, fileBytes);
    const file = files.open(segmentPath(directory, number), "update");
    try {
      file.write(lastGroup, end - lastGroup.length);
      writeZeros(file, wipe ? end : fileBytes, bytes);
      await file.force();
    } catch (error) {
      file.close();
      throw error;
    }
    return new SegmentFile(file, number, bytes);
  }

  /**
   * Puts a copy of the segment, up to `end`, in its place: for a disk that refuses to force the old one where it lies. A crash
   * at any point leaves the old one or the new one.
   */
  static async copy(files: FileOperations, options: ReopenOptions): Promise<SegmentFile> {
    const { directory, number, bytes, fileBytes, end } = options;
    const name = segmentPath(directory, number);
    const content = await files.read(name);
    if (content === undefined) throw new RingkvError("STORAGE", `${name} has gone.`);
    const size = Math.max(bytes, fileBytes);
    const file = files.open(name + TEMPORARY_SUFFIX, "create");
    try {
      file.write(content.subarray(0, end), 0);
      writeZeros(file, end, size);
      await file.force();
      files.rename(name + TEMPORARY_SUFFIX, name);
      await files.forceDirectory(directory);
    } catch (error) {
      file.close();
      await files.remove(name + TEMPORARY_SUFFIX).catch(() => undefined);
      throw error;
    }
    return new SegmentFile(file, number, size);
  }

  write(bytes: Uint8Array, position: number): void {
    this.#file.write(bytes, position);
  }

  force(): Promise<void> {
    return this.#file.force();
  }

  close(): void {
    this.#file.close();
  }
}

export interface SegmentOptions {
  readonly directory: string;
  readonly number: number;
  readonly bytes: number;
}

/** A segment as it was read. */
export interface ReopenOptions extends SegmentOptions {
  /** The size of its file now. */
  readonly fileBytes: number;
  /** Where its records end. */
  readonly end: number;
  /** Its last group of records, which ends there. */
  readonly lastGroup: Uint8Array;
  /** Something else than zeros follows the end. */
  readonly wipe: boolean;
}

/** The path of a segment's file: its number in eight digits, so that names sort as numbers. */
export function segmentPath(directory: string, number: number): string {
  return path.join(directory, `${number.toString().padStart(8, "0")}.log`);
}

/** The number that a file's name stands for; undefined when it is no segment's. */
export function segmentNumber(name: string): number | undefined {
  const match = /^([0-9]{8,10})\.log$/.exec(name);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function writeZeros(file: OpenFile, from: number, to: number): void {
  for (let position = from; position < to; position += ZEROS.length) {
    file.write(ZEROS.subarray(0, Math.min(ZEROS.length, to - position)), position);
  }
}

function* pieces(number: number, bytes: number): Generator<readonly [Uint8Array, number]> {
  yield [encodeSegmentHeader(number), 0];
  for (let position = SEGMENT_HEADER_BYTES; position < bytes; position += ZEROS.length) {
    yield [ZEROS.subarray(0, Math.min(ZEROS.length, bytes - position)), position];
  }
}
