import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What a batch of inputs came to. */
export interface BatchResult {
  readonly inputs: number;
  /** What was wrong, one line each; none: all is as it must be. */
  readonly violations: readonly string[];
  /** What else is worth counting. */
  readonly counts: Readonly<Record<string, number>>;
}

/** One of the things that are fuzzed. All of a batch is decided by its seed. */
export interface Fuzzer {
  /** Runs one batch. */
  run(seed: number): Promise<BatchResult>;
  /** The input of a failing batch, for a file. */
  input(seed: number): Promise<unknown>;
  /** Plays an input from a file. */
  replay(input: unknown): Promise<readonly string[]>;
  /** Smaller inputs, likely ones first, each to be tried. */
  smaller(input: unknown): Iterable<unknown>;
  /** The surroundings are quiet: what is held now is all that is ever held. */
  settle(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** An exception that should not have been, for a report. */
export function crashOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Bytes that JavaScript holds, inside and outside of its heap, after a collection. */
export function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const collectGarbage = exposedGc();

function exposedGc(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

/** What escapes everybody: an exception in a callback, a rejection that no one handles. In a daemon it would be the end. */
export class Crashes {
  readonly #seen: string[] = [];
  readonly #onError = (error: unknown) => {
    this.#seen.push(`CRASH: ${crashOf(error)}`);
  };

  constructor() {
    process.on("uncaughtException", this.#onError);
    process.on("unhandledRejection", this.#onError);
  }

  /** Those since the last call. */
  take(): readonly string[] {
    return this.#seen.splice(0);
  }

  /** Does something that must not throw. */
  guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#onError(error);
    }
  }

  close(): void {
    process.off("uncaughtException", this.#onError);
    process.off("unhandledRejection", this.#onError);
  }
}
