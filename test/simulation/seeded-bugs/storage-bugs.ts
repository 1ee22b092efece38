import type { SeededBug } from "./seeded-bug.js";

const slaveLog = "server/storage/slave-log.ts";
const segmentFile = "server/storage/segment-file.ts";
const diskStore = "server/storage/disk-store.ts";

/** Mistakes in what is written to disk, when it is forced, and how it is read again. */
export const STORAGE_BUGS: readonly SeededBug[] = [
  {
    name: "durable-before-force",
    what: "Records are reported durable when their force has been started and not when it has ended, so a power cut takes what was voted.",
    file: slaveLog,
    find: `await this.#writer.force();`,
    replace: `void this.#writer.force().catch(() => undefined);`,
  },
  {
    name: "durable-runs-ahead",
    what: "After a force everything appended is reported durable, also what came while it ran and is not written yet.",
    file: slaveLog,
    find: `this.#options.onDurable(this.#durable);`,
    replace: `this.#options.onDurable(this.#appended);`,
  },
  {
    name: "failed-force-ignored",
    what: "A force that failed counts as done: what it did not bring to the disk is voted, and a power cut takes it.",
    file: slaveLog,
    find: `this.#fail(error);
        return;`,
    replace: `void error;`,
  },
  {
    name: "ride-never-leaves",
    what: "Records that wait for company never leave alone: the last outcomes are neither forced nor acknowledged, and their ops stay open.",
    file: slaveLog,
    find: `this.#options.rideMs ?? RIDE_MS_DEFAULT`,
    replace: `2 ** 31 - 1`,
  },
  {
    name: "checkpoint-skips-store-force",
    what: "A checkpoint drops log segments without forcing the store, so a power cut takes committed values that are nowhere else.",
    file: slaveLog,
    find: `await forceStore();`,
    replace: `void forceStore;`,
  },
  {
    name: "segments-dropped-before-manifest",
    what: "A checkpoint drops the old segments before the manifest says where the log begins now: a crash between leaves a log that cannot be opened.",
    file: slaveLog,
    find: `await this.#manifest.save({ firstSegment, carriedOver: carried.length });`,
    replace: `for (const number of this.#oldSegments.filter((old) => old < firstSegment)) {
      await this.#files.remove(segmentPath(this.#directory, number));
    }
    await this.#manifest.save({ firstSegment, carriedOver: carried.length });`,
  },
  {
    name: "manifest-before-carried",
    what: "A checkpoint does not wait until what it carries over is forced: after a power cut it is missing, and the segments that held it are dropped.",
    file: slaveLog,
    find: `this.#queue.beginCheckpoint(checkpoint, () => checkpoint.onForced(next.number));`,
    replace: `{
      this.#queue.beginCheckpoint(checkpoint, () => undefined);
      checkpoint.onForced(next.number);
    }`,
  },
  {
    name: "carried-over-not-replayed",
    what: "A start does not read what the last checkpoint has carried over: the epoch and every open op in it are forgotten.",
    file: "server/storage/log-directory.ts",
    find: `if (entry.type !== "start" && (!carried || isInFirstCheckpoint)) records.push(entry);`,
    replace: `if (entry.type !== "start" && !carried) records.push(entry);
    void isInFirstCheckpoint;`,
  },
  {
    name: "every-frame-a-group",
    what: "Each record claims to be a group of its own, so a torn write, of which a later sector survived, is taken for damage: the slave never starts again.",
    file: "server/storage/segment-writer.ts",
    find: `offset: groupStart + end, groupStart, carried }`,
    replace: `offset: groupStart + end, groupStart: groupStart + end, carried }`,
  },
  {
    name: "checksum-not-checked",
    what: "A record is read whatever its checksum says, so the torn end of the log is replayed as if it had been written.",
    file: "core/log-codec.ts",
    find: `if (view.getBigUint64(offset, true) !== checksum) return undefined;`,
    replace: `void checksum;`,
  },
  {
    name: "last-group-not-rewritten",
    what: "Recovery does not write the last group again, so after a failed force a slave acts on records that the disk never got.",
    file: segmentFile,
    find: `file.write(lastGroup, end - lastGroup.length);`,
    replace: `void lastGroup;`,
  },
  {
    name: "segment-entry-not-forced",
    what: "A new segment's directory entry is not forced, so a power cut takes the whole segment with all that was forced into it.",
    file: segmentFile,
    find: `await nextTurn();
      }
      await file.force();
      files.rename(name + TEMPORARY_SUFFIX, name);
      await files.forceDirectory(directory);`,
    replace: `await nextTurn();
      }
      await file.force();
      files.rename(name + TEMPORARY_SUFFIX, name);`,
  },
  {
    name: "rename-not-forced",
    what: "A replaced file's directory entry is not forced: after a power cut the old manifest names dropped segments, or a master takes its epoch again.",
    file: "server/storage/atomic-file.ts",
    find: `await files.forceDirectory(path.dirname(file));`,
    replace: `void path;`,
  },
  {
    name: "renamed-before-forced",
    what: "A file is put in the old one's place before its content is forced: after a power cut there is neither, and the daemon cannot start.",
    file: "server/storage/atomic-file.ts",
    find: `await open.force();`,
    replace: ``,
  },
  {
    name: "versions-compared-as-text",
    what: "The store compares versions as text, so 1.10 counts as older than 1.9 and is not written: the update is lost, at both replicas.",
    file: diskStore,
    find: `compareOpIds(write.opId, newest.opId) <= 0`,
    replace: `(write.opId <= newest.opId || compareOpIds(write.opId, newest.opId) === 0)`,
  },
  {
    name: "checkpoint-leaves-waiting-writes",
    what: "The store's checkpoint forces the library without the writes that still wait for it; the log drops them, and a power cut takes them.",
    file: diskStore,
    find: `await this.#writeWaiting(waiting);
      await this.#library.force();`,
    replace: `void waiting;
      await this.#library.force();`,
  },
  {
    name: "full-disk-drops-batch",
    what: "A batch that the library refused on a full disk counts as written: its writes are gone once the log has been shortened.",
    file: diskStore,
    find: `else this.#overlay.returnBatch();`,
    replace: `else this.#overlay.releaseBatch();`,
  },
  {
    name: "batch-unseen-while-written",
    what: "A write that is on its way to the library is not seen by reads, which get the value before it.",
    file: "server/storage/write-overlay.ts",
    find: `return this.#waiting.get(key) ?? this.#taken.get(key);`,
    replace: `return this.#waiting.get(key);`,
  },
  {
    name: "shortage-never-over",
    what: "A log that found no room for one more segment while it had one ready never looks again: every update that needs both is refused for ever.",
    file: "server/storage/segment-pool.ts",
    find: `      this.#shortage = undefined;
      this.#prepare();`,
    replace: `      this.#prepare();`,
  },
];
