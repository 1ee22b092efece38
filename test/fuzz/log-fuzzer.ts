import path from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { LogRecord } from "../../src/core/log-record.js";
import { Participant } from "../../src/core/two-phase-commit/participant.js";
import { RingkvError } from "../../src/protocol/errors.js";
import type { Epoch, OpId, SlaveId } from "../../src/protocol/ids.js";
import { ClusterFile } from "../../src/server/storage/cluster-file.js";
import { MemoryFiles } from "../../src/server/storage/memory-files.js";
import { openLogDirectory } from "../../src/server/storage/log-recovery.js";
import { dumpLog, verifyLog } from "../../src/server/storage/log-report.js";
import { MasterState } from "../../src/server/storage/master-state.js";
import { decodeValue, encodeValue } from "../../src/server/storage/value-codec.js";
import { Random } from "../random.js";
import { openLog, prepared } from "../server/storage/log-fixtures.js";
import type { LogImage } from "./corpus.js";
import { type BatchResult, type Fuzzer, crashOf } from "./fuzzing.js";
import {
  type DamagedImage,
  LOG_DIRECTORY,
  type LogSample,
  damagedImage,
  diskOf,
  logSamples,
  losableRecords,
} from "./log-image.js";
import { mutated } from "./mutator.js";
import { rawControlIn } from "./raw-controls.js";
import { shorterLists } from "./smaller.js";

const IMAGES_PER_BATCH = 200;
/** Of the images of a batch, those of small state files and of single values. */
const OTHERS_PER_BATCH = 20;
const SEGMENT_BYTES = 512;
const THOROUGH_EVERY = 8;
/** How long one image may take; most take less than one. */
const IMAGE_MS = 5_000;
const DATA = path.dirname(LOG_DIRECTORY);

/**
 * Damaged logs, state files and values. What comes of each is what was written, without an end that no one was told of at most;
 * or it is refused with STORAGE, by file and offset. Nothing else.
 */
export class LogFuzzer implements Fuzzer {
  #samples: Promise<readonly LogSample[]> | undefined;

  async run(seed: number): Promise<BatchResult> {
    const violations: string[] = [];
    const counts = { recovered: 0, refused: 0 };
    for (const [index, image] of (await this.#images(seed)).entries()) {
      const startedMs = performance.now();
      const { fault, isRefused } = await faultOf(image, index % THOROUGH_EVERY === 0);
      counts[isRefused ? "refused" : "recovered"] += 1;
      if (fault !== undefined) violations.push(`image ${index}: ${fault}`);
      if (performance.now() - startedMs > IMAGE_MS) violations.push(`image ${index} took more than ${IMAGE_MS} ms`);
    }
    const random = new Random(seed);
    for (let left = OTHERS_PER_BATCH; left > 0; left -= 2) {
      violations.push(...(await stateFaults(random)), ...valueFaults(random));
    }
    return { inputs: IMAGES_PER_BATCH + OTHERS_PER_BATCH, violations, counts };
  }

  async input(seed: number): Promise<unknown> {
    for (const image of await this.#images(seed)) {
      if ((await faultOf(image, true)).fault !== undefined) return written(image);
    }
    return undefined;
  }

  async replay(input: unknown): Promise<readonly string[]> {
    const samples = await (this.#samples ??= logSamples());
    const { sample: name, isForged, files } = input as WrittenImage;
    const sample = samples.find((each) => each.name === name);
    if (sample === undefined) return [`there is no sample ${name}`];
    const image = new Map(Object.entries(files).map(([file, bytes]) => [file, Buffer.from(bytes, "base64")]));
    const { fault } = await faultOf({ sample, image, isForged }, true);
    return fault === undefined ? [] : [fault];
  }

  *smaller(input: unknown): Iterable<unknown> {
    const { files, ...rest } = input as WrittenImage;
    for (const fewer of shorterLists(Object.entries(files))) yield { ...rest, files: Object.fromEntries(fewer) };
  }

  settle(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #images(seed: number): Promise<readonly DamagedImage[]> {
    const samples = await (this.#samples ??= logSamples());
    const random = new Random(seed);
    return Array.from({ length: IMAGES_PER_BATCH }, () => damagedImage(random, samples));
  }
}

/** An image in a file: bytes as base64. */
interface WrittenImage {
  readonly sample: string;
  readonly isForged: boolean;
  readonly files: Readonly<Record<string, string>>;
}

function written({ sample, image, isForged }: DamagedImage): WrittenImage {
  const files = [...image].map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")] as const);
  return { sample: sample.name, isForged, files: Object.fromEntries(files) };
}

interface Finding {
  readonly fault: string | undefined;
  readonly isRefused: boolean;
}

/** @param isThorough also has it told, and opened again after something was appended to it */
async function faultOf(damaged: DamagedImage, isThorough: boolean): Promise<Finding> {
  const { image, isForged } = damaged;
  const files = diskOf(image);
  const told = isThorough ? await reportFault(files) : undefined;
  if (told !== undefined) return { fault: told, isRefused: false };
  let records: readonly LogRecord[];
  try {
    ({ records } = await openLogDirectory(files, LOG_DIRECTORY, SEGMENT_BYTES));
  } catch (error) {
    return { fault: refusalFault(error, image), isRefused: true };
  }
  try {
    replay(records);
  } catch (error) {
    // A contradiction in what someone else wrote is an assertion's business; in our own it cannot be.
    if (!isForged) return { fault: `the replay fails: ${crashOf(error)}`, isRefused: false };
  }
  if (isForged) return { fault: undefined, isRefused: false };
  const fault = lossFault(damaged, records) ?? (isThorough ? await appendFault(files, records) : undefined);
  return { fault, isRefused: false };
}

/** What is appended after the recovery is read again, behind what was recovered. */
async function appendFault(files: MemoryFiles, records: readonly LogRecord[]): Promise<string | undefined> {
  const { log, durable } = await openLog(DATA, { segmentBytes: SEGMENT_BYTES, files });
  const next = prepared(100, "appended afterwards");
  await durable(log.append(next, "force"));
  await log.close();
  const again = await openLog(DATA, { segmentBytes: SEGMENT_BYTES, files });
  await again.log.close();
  return isDeepStrictEqual(again.records, [...records, next])
    ? undefined
    : "what is appended afterwards is not read again";
}

function lossFault(damaged: DamagedImage, records: readonly LogRecord[]): string | undefined {
  const { sample } = damaged;
  const lost = sample.records.length - records.length;
  const losable = losableRecords(damaged);
  if (!isDeepStrictEqual(records, sample.records.slice(0, records.length))) return "other records come back";
  return lost > losable ? `${lost} records are lost without a word, and ${losable} may be` : undefined;
}

function refusalFault(error: unknown, image: LogImage): string | undefined {
  if (!(error instanceof RingkvError) || error.code !== "STORAGE") return `it crashes: ${crashOf(error)}`;
  const { message } = error;
  if (/manifest\.json/.test(message)) return undefined;
  const names = [...image.keys(), ...message.matchAll(/[0-9]{8,10}\.log/g)].map(String);
  const isNamed = names.some((name) => message.includes(name)) && / at offset \d+/.test(message);
  return isNamed ? undefined : `the refusal does not say where: ${message}`;
}

async function reportFault(files: MemoryFiles): Promise<string | undefined> {
  try {
    const lines = [...(await dumpLog(DATA, files)), (await verifyLog(DATA, files)).text];
    const control = lines.map(rawControlIn).find((found) => found !== undefined);
    return control === undefined ? undefined : `\`log dump\` prints ${control}`;
  } catch (error) {
    return error instanceof RingkvError && error.code === "STORAGE"
      ? undefined
      : `\`log dump\` crashes: ${crashOf(error)}`;
  }
}

/** Has the participant take it up, as a start does. */
function replay(records: readonly LogRecord[]): void {
  const participant = new Participant(records, {
    append: () => 0,
    refusalOf: () => undefined,
    send: () => undefined,
    holds: () => true,
    apply: () => undefined,
  });
  if (participant.carriedOver.length === 0) throw new Error("nothing is carried over");
}

const EPOCH = "7" as Epoch;
const MEMBER = { slaveId: "1" as SlaveId, storeId: "store-1", epoch: EPOCH };
const MASTER_STATE = { epoch: EPOCH, members: [MEMBER, { ...MEMBER, slaveId: "18446744073709551615" as SlaveId }] };
const CLUSTER = { slaves: ["1", "9223372036854775808"] as readonly string[] as readonly SlaveId[] };

/** A state file that was damaged: it comes back as it was saved, or is refused by name. */
async function stateFaults(random: Random): Promise<readonly string[]> {
  const { name, saved, open } = random.pick(STATE_FILES);
  const bytes = await bytesOf(name);
  const files = new MemoryFiles();
  files.makeDirectory(DATA);
  const file = files.open(path.join(DATA, name), "create");
  file.write(mutated(random, bytes, [bytes], 100_000), 0);
  file.close();
  try {
    const found = await open(files);
    return isDeepStrictEqual(found, saved) ? [] : [`${name} comes back as ${JSON.stringify(found)}`];
  } catch (error) {
    const isRefusal = error instanceof RingkvError && error.code === "STORAGE" && error.message.includes(name);
    return isRefusal ? [] : [`${name}: it crashes: ${crashOf(error)}`];
  }
}

const STATE_FILES = [
  {
    name: "master.json",
    saved: MASTER_STATE,
    open: async (files: MemoryFiles) => (await MasterState.open(DATA, files)).found,
    save: async (files: MemoryFiles) => (await MasterState.open(DATA, files)).save(MASTER_STATE),
  },
  {
    name: "cluster.json",
    saved: CLUSTER,
    open: async (files: MemoryFiles) => (await ClusterFile.open(DATA, files)).found,
    save: async (files: MemoryFiles) => (await ClusterFile.open(DATA, files)).save(CLUSTER),
  },
] as const;

const stateBytes = new Map<string, Uint8Array>();

/** What a state file holds after it was saved. */
async function bytesOf(name: string): Promise<Uint8Array> {
  let bytes = stateBytes.get(name);
  if (bytes === undefined) {
    const files = new MemoryFiles();
    files.makeDirectory(DATA);
    await STATE_FILES.find((file) => file.name === name)?.save(files);
    bytes = (await files.read(path.join(DATA, name))) ?? new Uint8Array(0);
    stateBytes.set(name, bytes);
  }
  return bytes;
}

const VALUE = { value: "a stored value, é€😀", opId: "7.42" as OpId };
const VALUE_BYTES = encodeValue("key", VALUE);

/** A stored value that was damaged: as it was, or known to be damaged. */
function valueFaults(random: Random): readonly string[] {
  const bytes = mutated(random, VALUE_BYTES, [VALUE_BYTES]);
  try {
    const found = decodeValue("key", bytes);
    return found === undefined || isDeepStrictEqual(found, VALUE)
      ? []
      : [`a value comes back as ${JSON.stringify(found)}`];
  } catch (error) {
    return [`a value: it crashes: ${crashOf(error)}`];
  }
}
