import path from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { SEGMENT_HEADER_BYTES, encodeSegmentHeader } from "../../core/log-codec.js";
import { TEMPORARY_SUFFIX } from "./atomic-file.js";
import type { FileOperations, OpenFile } from "./file-operations.js";

/** Zeros are written in pieces of this size, with a turn of the event loop between them. */
const ZEROS = new Uint8Array(1_048_576);

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

  /** Creates a segment in the background, a piece in each turn. Its errors are the system's. */
  static async create(files: FileOperations, options: SegmentOptions): Promise<SegmentFile> {
    const { directory, number, bytes } = options;
    const name = segmentPath(directory, number);
    const file = files.open(name + TEMPORARY_SUFFIX, "create");
    try {
      for (const [piece, position] of pieces(number, bytes)) {
        file.write(piece, position);
        await nextTurn();
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
   * Opens a segment whose records end at `end`, and makes the disk agree: zeros after that offset where `wipe` says that
   * something else is there, the full size, and all of it forced. Only then may anything be appended.
   */
  static async reopen(
    files: FileOperations,
    options: SegmentOptions & { readonly fileBytes: number; readonly end: number; readonly wipe: boolean },
  ): Promise<SegmentFile> {
    const { directory, number, fileBytes, end, wipe } = options;
    const bytes = Math.max(options.bytes, fileBytes);
    const file = files.open(segmentPath(directory, number), "update");
    try {
      for (let position = wipe ? end : fileBytes; position < bytes; position += ZEROS.length) {
        file.write(ZEROS.subarray(0, Math.min(ZEROS.length, bytes - position)), position);
      }
      await file.force();
    } catch (error) {
      file.close();
      throw error;
    }
    return new SegmentFile(file, number, bytes);
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

/** The path of a segment's file: its number in eight digits, so that names sort as numbers. */
export function segmentPath(directory: string, number: number): string {
  return path.join(directory, `${number.toString().padStart(8, "0")}.log`);
}

/** The number that a file's name stands for; undefined when it is no segment's. */
export function segmentNumber(name: string): number | undefined {
  const match = /^([0-9]{8,10})\.log$/.exec(name);
  return match?.[1] === undefined ? undefined : Number(match[1]);
}

function* pieces(number: number, bytes: number): Generator<readonly [Uint8Array, number]> {
  yield [encodeSegmentHeader(number), 0];
  for (let position = SEGMENT_HEADER_BYTES; position < bytes; position += ZEROS.length) {
    yield [ZEROS.subarray(0, Math.min(ZEROS.length, bytes - position)), position];
  }
}
