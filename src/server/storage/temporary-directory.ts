import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storageError } from "./storage-error.js";

/** A directory of its own, for data that nobody wants afterwards. */
export class TemporaryDirectory {
  readonly path: string;

  /**
   * Makes it where the system keeps such directories, mode 0700.
   * @throws RingkvError STORAGE
   */
  constructor() {
    try {
      this.path = mkdtempSync(join(tmpdir(), "ringkv-"));
    } catch (error) {
      throw storageError(`Cannot make a directory in ${tmpdir()}`, error);
    }
  }

  /** Removes it with all that is in it. */
  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 3 });
  }
}
