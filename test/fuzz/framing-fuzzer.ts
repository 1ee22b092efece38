import { isDeepStrictEqual } from "node:util";
import { LineDecoder } from "../../src/protocol/framing.js";
import { Random } from "../random.js";
import { type BatchResult, type Fuzzer, crashOf } from "./fuzzing.js";
import { mutated } from "./mutator.js";
import { shorterLists } from "./smaller.js";
import { LinePool } from "./wire-input.js";
import { PORTS } from "./target.js";

const STREAMS_PER_BATCH = 50;
const LINES_MAX = 40;
/** Small enough that ordinary lines are too long, too. */
const LIMITS_TRIED = [0, 1, 16, 100, 1_000, 1_048_576];
const BATCHES_PER_POOL = 50;

/** Streams in chunks of any size: what the decoder makes of them is what a plain reading of all the bytes gives. */
export class FramingFuzzer implements Fuzzer {
  #pool: { readonly seed: number; readonly lines: LinePool } | undefined;

  run(seed: number): Promise<BatchResult> {
    const streams = this.#streams(seed);
    const violations = streams.map(faultOf).filter((fault) => fault !== undefined);
    const inputs = streams.reduce((sum, { bytes }) => sum + bytes.split("\n").length, 0);
    return Promise.resolve({ inputs, violations, counts: { streams: streams.length } });
  }

  input(seed: number): Promise<unknown> {
    return Promise.resolve(this.#streams(seed).find((stream) => faultOf(stream) !== undefined));
  }

  replay(input: unknown): Promise<readonly string[]> {
    const fault = faultOf(input as CutStream);
    return Promise.resolve(fault === undefined ? [] : [fault]);
  }

  *smaller(input: unknown): Iterable<unknown> {
    const { bytes, cuts, limit } = input as CutStream;
    for (const fewer of shorterLists(Array.from(bytes))) yield { bytes: fewer.join(""), cuts, limit };
    for (const fewer of shorterLists(cuts)) yield { bytes, cuts: fewer, limit };
  }

  settle(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #streams(seed: number): readonly CutStream[] {
    const poolSeed = Math.floor(seed / BATCHES_PER_POOL);
    if (this.#pool?.seed !== poolSeed) this.#pool = { seed: poolSeed, lines: new LinePool(poolSeed) };
    const { lines } = this.#pool;
    const random = new Random(seed);
    return Array.from({ length: STREAMS_PER_BATCH }, () => {
      const parts: Uint8Array[] = [];
      for (let left = random.below(LINES_MAX); left > 0; left -= 1) {
        parts.push(lines.line(random, random.pick(PORTS)), Buffer.from(random.pick(["\n", "\n", "\r\n", "\n\n", ""])));
      }
      const whole = Buffer.concat(parts);
      const bytes = Buffer.from(random.next() < 0.5 ? whole : mutated(random, whole, parts, 65_536)).toString("latin1");
      const cuts = Array.from({ length: random.below(30) }, () => random.below(bytes.length + 1)).sort((a, b) => a - b);
      return { bytes, cuts, limit: random.pick(LIMITS_TRIED) };
    });
  }
}

/** A stream as Latin-1, where it is cut, and the longest line that is taken. */
interface CutStream {
  readonly bytes: string;
  readonly cuts: readonly number[];
  readonly limit: number;
}

function faultOf({ bytes, cuts, limit }: CutStream): string | undefined {
  const whole = Buffer.from(bytes, "latin1");
  try {
    const decoder = new LineDecoder(limit);
    const pieces = [0, ...cuts].map((start, index) => whole.subarray(start, cuts[index] ?? whole.length));
    const frames = [...pieces.flatMap((piece) => decoder.push(piece)), ...decoder.end()];
    if (decoder.pendingBytes > 0) return `${decoder.pendingBytes} bytes are still held`;
    const found = frames.map((frame) => (typeof frame === "string" ? `=${frame}` : `!${frame.code}`));
    return isDeepStrictEqual(found, plainReading(whole, limit)) ? undefined : "the frames are others than the lines";
  } catch (error) {
    return `it crashes: ${crashOf(error)}`;
  }
}

/** The same, for plainness alone. */
function plainReading(whole: Buffer, limit: number): readonly string[] {
  return whole
    .toString("latin1")
    .split("\n")
    .map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line))
    .filter((line) => line !== "")
    .map((line) => {
      if (line.length > limit) return "!FRAME_TOO_LARGE";
      const content = Buffer.from(line, "latin1");
      const text = content.toString("utf8");
      return Buffer.from(text).equals(content) ? `=${text}` : "!BAD_FRAME";
    });
}
