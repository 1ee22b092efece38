import { RingkvError } from "../../../protocol/errors.js";
import type { FileOperations, OpenFile } from "../../../server/storage/file-operations.js";
import type { Library } from "../../../server/storage/library.js";
import type { Life } from "./life.js";

/** Files as one life of a daemon has them: when it is over they take nothing more from it, and keep what they have. */
export function filesOf(life: Life, files: FileOperations): FileOperations {
  return {
    makeDirectory(directory) {
      expect(life);
      files.makeDirectory(directory);
    },
    list: (directory) => files.list(directory),
    read: (file) => files.read(file),
    open(file, how) {
      expect(life);
      return openFileOf(life, files.open(file, how));
    },
    rename(from, to) {
      expect(life);
      files.rename(from, to);
    },
    async remove(file) {
      expect(life);
      await files.remove(file);
    },
    async forceDirectory(directory) {
      expect(life);
      await files.forceDirectory(directory);
    },
    forceDirectorySync(directory) {
      expect(life);
      files.forceDirectorySync(directory);
    },
  };
}

/** A store's library as one life of a slave has it. */
export function libraryOf(life: Life, library: Library): Library {
  return {
    directory: library.directory,
    storeId: library.storeId,
    get size() {
      return library.size;
    },
    get isOpen() {
      return library.isOpen;
    },
    get: (key) => library.get(key),
    keys: (start) => library.keys(start),
    async write(writes, sizeDelta) {
      expect(life);
      await library.write(writes, sizeDelta);
    },
    async force() {
      expect(life);
      await library.force();
    },
    hasRoomToReopen: () => library.hasRoomToReopen(),
    reopen: () => library.reopen(),
    // The next life opens it again.
    close: () => Promise.resolve(),
  };
}

function openFileOf(life: Life, file: OpenFile): OpenFile {
  return {
    write(bytes, position) {
      expect(life);
      file.write(bytes, position);
    },
    async force() {
      expect(life);
      await file.force();
    },
    forceSync() {
      expect(life);
      file.forceSync();
    },
    close: () => file.close(),
  };
}

/** @throws RingkvError STORAGE when the life is over */
function expect(life: Life): void {
  if (life.isOver) throw new RingkvError("STORAGE", "The process has ended.");
}
