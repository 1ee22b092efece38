import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import t from "tap";
import { frameBytes } from "../../../src/core/log-codec.js";
import { type SegmentScan, scanSegment } from "../../../src/core/log-scan.js";
import type { LogRecord } from "../../../src/core/log-record.js";
import { RingkvError } from "../../../src/protocol/errors.js";
import { type FileOperations, nodeFileOperations } from "../../../src/server/storage/file-operations.js";
import { segmentNumber } from "../../../src/server/storage/segment-file.js";
import { epoch, openLog, outcome, prepared } from "./log-fixtures.js";

const SEGMENT_BYTES = 512;

/** In memory where that can be had: ext4 writes a file back as soon as it was replaced by truncation. */
const QUICK_DISK = fs.existsSync("/dev/shm") ? "/dev/shm" : os.tmpdir();

/** Real files, and no waiting for the disk: nothing crashes here. */
const FILES: FileOperations = {
  ...nodeFileOperations,
  open(file, how) {
    const open = nodeFileOperations.open(file, how);
    return {
      write: (bytes, position) => open.write(bytes, position),
      force: () => Promise.resolve(),
      forceSync: () => undefined,
      close: () => open.close(),
    };
  },
  forceDirectory: () => Promise.resolve(),
  forceDirectorySync: () => undefined,
};

/** A log of several segments, as it lies on disk, and what it holds. */
interface Sample {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly records: readonly LogRecord[];
  /** The segment where the records end. */
  readonly lastName: string;
  readonly last: SegmentScan;
}

/**
 * Writes a log with a checkpoint in the middle.
 * @param isInterrupted the checkpoint ends before the segments that it makes superfluous are dropped
 */
async function write(directory: string, isInterrupted: boolean): Promise<Sample> {
  const { log, durable } = await openLog(directory, { segmentBytes: SEGMENT_BYTES, files: FILES });
  const append = async (records: readonly LogRecord[]) => {
    await durable(records.map((record) => log.append(record, "force")).at(-1) ?? 0);
  };
  await append([epoch(1)]);
  for (let seq = 1; seq <= 4; seq++) await append([prepared(seq, "value"), outcome("committed", seq)]);
  const checkpoint = log.checkpoint(
    () => [epoch(1), prepared(4, "value"), outcome("committed", 4)],
    () => (isInterrupted ? Promise.reject(new RingkvError("STORAGE", "interrupted")) : Promise.resolve()),
  );
  await checkpoint.catch((error: unknown) => {
    if (!isInterrupted) throw error;
  });
  for (let seq = 5; seq <= 7; seq++) await append([prepared(seq, "value"), outcome("aborted", seq)]);
  await append([prepared(13, "of the last group"), prepared(14, "of the last group"), outcome("committed", 13)]);
  await log.close();

  // A start keeps one of the segments that were prepared and never used; the sample would be mostly those.
  const reopened = await openLog(directory, { segmentBytes: SEGMENT_BYTES, files: FILES });
  await reopened.log.close();
  const logDirectory = path.join(directory, "log");
  const names = fs.readdirSync(logDirectory).sort();
  const files = new Map(names.map((name) => [name, fs.readFileSync(path.join(logDirectory, name))]));
  const scans = [...files].flatMap(([name, bytes]) => {
    const number = segmentNumber(name);
    return number === undefined ? [] : [{ name, scan: scanSegment(bytes, number) }];
  });
  const last = scans.findLast(({ scan }) => scan.frames.length > 0);
  if (last === undefined) throw new Error("the log has records");
  return { files, records: reopened.records, lastName: last.name, last: last.scan };
}

/** How many records of the last segment begin at this offset or later, or do not end before it. */
function recordsFrom({ last }: Sample, offset: number): number {
  const records = last.frames.filter(({ entry }) => entry.type !== "start");
  return records.filter((frame) => frame.offset + frameBytes(frame.entry) > offset).length;
}

/**
 * Opens the sample with one of its files changed.
 * @param losable how many of the last records may be missing
 * @returns what is wrong with what comes of it
 */
async function faultOf(
  directory: string,
  sample: Sample,
  { name, bytes, losable }: { readonly name: string; readonly bytes: Buffer; readonly losable: number },
): Promise<string | undefined> {
  const logDirectory = path.join(directory, "log");
  for (const each of fs.readdirSync(logDirectory))
    if (!sample.files.has(each)) fs.rmSync(path.join(logDirectory, each));
  for (const [each, content] of sample.files) {
    fs.writeFileSync(path.join(logDirectory, each), each === name ? bytes : content);
  }
  const options = { segmentBytes: SEGMENT_BYTES, files: FILES };
  let opened: Awaited<ReturnType<typeof openLog>>;
  try {
    opened = await openLog(directory, options);
  } catch (error) {
    if (!(error instanceof RingkvError) || error.code !== "STORAGE") return `it crashes: ${String(error)}`;
    const isNamed = error.message.includes(name) && (name === "manifest.json" || / at offset \d+/.test(error.message));
    return isNamed ? undefined : `the refusal does not say where: ${error.message}`;
  }
  const { log, records, durable } = opened;
  const kept = records.length;
  if (kept < sample.records.length - losable) return `${sample.records.length - kept} records are lost in silence`;
  if (JSON.stringify(records) !== JSON.stringify(sample.records.slice(0, kept))) return "other records come back";
  const next = prepared(100, "appended afterwards");
  await durable(log.append(next, "force"));
  await log.close();
  const again = await openLog(directory, options);
  await again.log.close();
  const isWhole = JSON.stringify(again.records) === JSON.stringify([...records, next]);
  return isWhole ? undefined : "what is appended afterwards is not read again";
}

for (const isInterrupted of [false, true]) {
  const kind = isInterrupted ? "an interrupted checkpoint" : "a checkpoint";

  t.test(
    `a log with ${kind}, damaged at any byte, is refused by file and offset, or lacks its end at most`,
    async (t) => {
      const directory = fs.mkdtempSync(path.join(QUICK_DISK, "ringkv-bytes-"));
      t.teardown(() => fs.rmSync(directory, { recursive: true }));
      const sample = await write(directory, isInterrupted);
      t.ok(sample.files.size >= 4, [...sample.files.keys()].join(", "));
      const inLastGroup = recordsFrom(sample, sample.last.lastGroupStart);
      t.equal(inLastGroup, 3, "of the last group no one was told");
      const faults: string[] = [];
      let cases = 0;
      const tryOut = async (what: string, name: string, bytes: Buffer, losable: number) => {
        cases += 1;
        const fault = await faultOf(directory, sample, { name, bytes, losable });
        if (fault !== undefined) faults.push(`${name}, ${what}: ${fault}`);
      };
      for (const [name, content] of sample.files) {
        const isLast = name === sample.lastName;
        for (let at = 0; at < content.length; at++) {
          await tryOut(`cut at ${at}`, name, content.subarray(0, at), isLast ? recordsFrom(sample, at) : 0);
          const flipped = Buffer.from(content);
          flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
          const isInLastGroup = isLast && at >= sample.last.lastGroupStart;
          await tryOut(`byte ${at} flipped`, name, flipped, isInLastGroup ? inLastGroup : 0);
        }
      }
      t.comment(`${cases} damaged logs opened`);
      t.strictSame(faults.slice(0, 20), []);
    },
  );
}
