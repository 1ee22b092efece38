import path from "node:path";
import type { FileOperations, OpenFile } from "./file-operations.js";

/** A file grows in steps of at least this, so that small appends do not copy it each time. */
const GROWTH_BYTES_MIN = 4_096;

/**
 * The real disk's twin: files in memory, with the page cache's view of them. What was written stays, whoever wrote it and
 * however he ended; a power cut it does not know. What takes a disk time takes a turn of the event loop here.
 */
export class MemoryFiles implements FileOperations {
  readonly #directories = new Set([path.parse(path.resolve("/")).root]);
  readonly #files = new Map<string, MemoryFile>();

  makeDirectory(directory: string): void {
    for (let made = path.resolve(directory); !this.#directories.has(made); made = path.dirname(made)) {
      this.#directories.add(made);
    }
  }

  list(directory: string): string[] {
    const resolved = this.#existing(directory);
    const inside = [...this.#files.keys(), ...this.#directories].filter((entry) => path.dirname(entry) === resolved);
    return inside.filter((entry) => entry !== resolved).map((entry) => path.basename(entry));
  }

  async read(file: string): Promise<Uint8Array | undefined> {
    await nextTurn();
    return this.#files.get(path.resolve(file))?.content.slice();
  }

  open(file: string, how: "create" | "update"): OpenFile {
    const resolved = path.resolve(file);
    this.#existing(path.dirname(resolved));
    let opened = this.#files.get(resolved);
    if (how === "create") {
      if (opened === undefined) this.#files.set(resolved, (opened = new MemoryFile()));
      else opened.clear();
    }
    if (opened === undefined) throw noSuchFile(file);
    return opened.open();
  }

  rename(from: string, to: string): void {
    const file = this.#files.get(path.resolve(from));
    if (file === undefined) throw noSuchFile(from);
    this.#existing(path.dirname(path.resolve(to)));
    this.#files.delete(path.resolve(from));
    this.#files.set(path.resolve(to), file);
  }

  async remove(file: string): Promise<void> {
    await nextTurn();
    this.#files.delete(path.resolve(file));
  }

  async forceDirectory(directory: string): Promise<void> {
    this.#existing(directory);
    await nextTurn();
  }

  forceDirectorySync(directory: string): void {
    this.#existing(directory);
  }

  /** @throws the system's error when there is no such directory */
  #existing(directory: string): string {
    const resolved = path.resolve(directory);
    if (!this.#directories.has(resolved)) throw noSuchFile(directory);
    return resolved;
  }
}

/** What a name stands for; who has it open keeps it, renamed or removed. */
class MemoryFile {
  #bytes = new Uint8Array(0);
  #size = 0;

  get content(): Uint8Array {
    return this.#bytes.subarray(0, this.#size);
  }

  clear(): void {
    this.#bytes = new Uint8Array(0);
    this.#size = 0;
  }

  open(): OpenFile {
    let isOpen = true;
    const expectOpen = () => {
      if (!isOpen) throw systemError("EBADF", "bad file descriptor");
    };
    return {
      write: (bytes, position) => {
        expectOpen();
        this.#write(bytes, position);
      },
      force: async () => {
        expectOpen();
        await nextTurn();
      },
      forceSync: expectOpen,
      close: () => {
        expectOpen();
        isOpen = false;
      },
    };
  }

  #write(bytes: Uint8Array, position: number): void {
    const end = position + bytes.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length + Math.max(GROWTH_BYTES_MIN, this.#bytes.length)));
      grown.set(this.content);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, position);
    this.#size = Math.max(this.#size, end);
  }
}

function noSuchFile(file: string): Error {
  return systemError("ENOENT", `no such file or directory: ${file}`);
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
