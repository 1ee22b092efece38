import fs from "node:fs";
import path from "node:path";
import { tryLock } from "fs-native-extensions";
import { z } from "zod";
import { RingkvError } from "../../protocol/errors.js";
import { nodeFileOperations } from "./file-operations.js";
import { storageError } from "./storage-error.js";

export type DirectoryRole = "master" | "slave" | "supervisor";

const LOCK_FILE = "LOCK";
/** Beyond the text that says who holds the lock, so that it can be read where locks are mandatory (Windows). */
const LOCK_OFFSET = 2 ** 30;

const holder = z.object({ pid: z.number(), role: z.string(), since: z.string() });
type Holder = z.output<typeof holder>;

/**
 * A data directory with one owner at a time (docs/adr/0004-directory-lock.md). The lock belongs to an open file, which
 * children do not inherit (Node opens files close-on-exec): it is free the moment the owner is gone, SIGKILL included, and
 * the file's text only says who it is.
 */
export class DataDirectory {
  readonly path: string;
  #descriptor: number | undefined;

  private constructor(directory: string, descriptor: number) {
    this.path = directory;
    this.#descriptor = descriptor;
  }

  /**
   * Creates the directory (mode 0700) if need be and takes it.
   * @throws RingkvError STORAGE when another process holds it (the message names its pid and role), or when it cannot be
   *   created or locked
   */
  static open(directory: string, role: DirectoryRole): DataDirectory {
    const lockFile = path.join(directory, LOCK_FILE);
    let descriptor: number | undefined;
    try {
      createDirectory(path.resolve(directory));
      descriptor = fs.openSync(lockFile, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
      if (!tryLock(descriptor, LOCK_OFFSET, 1)) throw inUse(directory, readHolder(lockFile));
      const self: Holder = { pid: process.pid, role, since: new Date().toISOString() };
      fs.ftruncateSync(descriptor);
      fs.writeSync(descriptor, `${JSON.stringify(self)}\n`, 0);
      return new DataDirectory(directory, descriptor);
    } catch (error) {
      if (descriptor !== undefined) fs.closeSync(descriptor);
      throw storageError(`Cannot take the data directory ${directory}`, error);
    }
  }

  /** Gives the directory back; a second call has no effect. */
  close(): void {
    if (this.#descriptor === undefined) return;
    fs.ftruncateSync(this.#descriptor);
    fs.closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** Creates the directory with its parents, and makes their entries survive a power cut. */
function createDirectory(directory: string): void {
  const firstCreated = fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (firstCreated === undefined) return;
  for (let created = directory; created.length >= firstCreated.length; created = path.dirname(created)) {
    nodeFileOperations.forceDirectorySync(path.dirname(created));
  }
}

function readHolder(lockFile: string): Holder | undefined {
  try {
    return holder.parse(JSON.parse(fs.readFileSync(lockFile, "utf8")));
  } catch {
    // The holder took the lock a moment ago and has not written yet, or wrote half: the refusal stands all the same.
    return undefined;
  }
}

function inUse(directory: string, by: Holder | undefined): RingkvError {
  const who = by === undefined ? "another process" : `the ${by.role} with pid ${by.pid}, since ${by.since}`;
  return new RingkvError("STORAGE", `The data directory ${directory} is in use by ${who}.`);
}
