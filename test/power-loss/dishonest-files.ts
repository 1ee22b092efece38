import { type FileOperations, nodeFileOperations } from "../../src/server/storage/file-operations.js";

/**
 * The ways in which a build could be wrong about forces. They exist in tests only, to show that the tests would notice: each
 * is the real file operations with another `force`.
 */
export const DISHONEST_FILES = {
  /** No force of a record does anything. Each file is forced once, when it is made, so that there is a log to be read. */
  "records-unforced": {
    ...nodeFileOperations,
    open(file, how) {
      const open = nodeFileOperations.open(file, how);
      let isMade = false;
      return {
        write: (bytes, position) => open.write(bytes, position),
        async force() {
          if (!isMade) await open.force();
          isMade = true;
        },
        forceSync() {
          if (!isMade) open.forceSync();
          isMade = true;
        },
        close: () => open.close(),
      };
    },
  },
  /** The force begins, and its end is not waited for: votes and acks leave before it. */
  "forced-after-the-send": {
    ...nodeFileOperations,
    open(file, how) {
      const open = nodeFileOperations.open(file, how);
      let last: Promise<void> = Promise.resolve();
      return {
        write: (bytes, position) => open.write(bytes, position),
        force: () => {
          last = last.then(() => open.force());
          return Promise.resolve();
        },
        forceSync: () => open.forceSync(),
        close: () => void last.then(() => open.close()),
      };
    },
  },
} as const satisfies Readonly<Record<string, FileOperations>>;

export type Dishonesty = keyof typeof DISHONEST_FILES;
