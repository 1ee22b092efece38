import fs from "node:fs";
import path from "node:path";

/**
 * The few things that durable storage does with files. The log and the state files do all their I/O through it, so that a
 * test can count forces, make them fail, and simulate a disk that loses what was not forced.
 *
 * What only touches the page cache or a directory entry is synchronous (microseconds); what waits for the disk is not.
 */
export interface FileOperations {
  /** Creates the directory and its parents, mode 0700; one that exists stays as it is. */
  makeDirectory(directory: string): void;
  /** The names in the directory. */
  list(directory: string): string[];
  /** The whole file; undefined when there is none. */
  read(file: string): Promise<Uint8Array | undefined>;
  /** `create` makes an empty file of mode 0600 or empties the one that is there; `update` opens an existing one. */
  open(file: string, how: "create" | "update"): OpenFile;
  rename(from: string, to: string): void;
  /** Removes a file; no error when there is none. */
  remove(file: string): Promise<void>;
  /** Makes the directory's entries (new, renamed, removed files) survive a power cut. */
  forceDirectory(directory: string): Promise<void>;
  forceDirectorySync(directory: string): void;
}

export interface OpenFile {
  /** Writes all the bytes, into the page cache. */
  write(bytes: Uint8Array, position: number): void;
  /** Makes what was written survive a power cut: data, and the size where it changed (fdatasync). */
  force(): Promise<void>;
  forceSync(): void;
  close(): void;
}

/** The real disk. */
export const nodeFileOperations: FileOperations = {
  makeDirectory(directory) {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  },
  list(directory) {
    return fs.readdirSync(directory);
  },
  async read(file) {
    try {
      return await fs.promises.readFile(file);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
      throw error;
    }
  },
  open(file, how) {
    const flags = how === "create" ? fs.constants.O_CREAT | fs.constants.O_TRUNC : 0;
    return new NodeFile(fs.openSync(file, flags | fs.constants.O_RDWR, 0o600));
  },
  rename(from, to) {
    fs.renameSync(from, to);
  },
  async remove(file) {
    await fs.promises.rm(file, { force: true });
  },
  async forceDirectory(directory) {
    if (!DIRECTORIES_CAN_BE_FORCED) return;
    const handle = await fs.promises.open(directory, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  forceDirectorySync(directory) {
    if (!DIRECTORIES_CAN_BE_FORCED) return;
    const descriptor = fs.openSync(directory, "r");
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  },
};

/** Windows has no such call; NTFS journals directory entries in order. */
const DIRECTORIES_CAN_BE_FORCED = path.sep === "/";

class NodeFile implements OpenFile {
  readonly #descriptor: number;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  write(bytes: Uint8Array, position: number): void {
    let written = 0;
    while (written < bytes.length) {
      written += fs.writeSync(this.#descriptor, bytes, written, bytes.length - written, position + written);
    }
  }

  force(): Promise<void> {
    return new Promise((resolve, reject) => {
      fs.fdatasync(this.#descriptor, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }

  forceSync(): void {
    fs.fdatasyncSync(this.#descriptor);
  }

  close(): void {
    fs.closeSync(this.#descriptor);
  }
}
