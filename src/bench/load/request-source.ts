import { keyChooser } from "./key-choice.js";
import { type RandomSource, randomFrom } from "./random.js";
import { PUT_SHARE, type Workload, keyName } from "./workload.js";

export type Operation = "put" | "get";

/** Values are cut out of a text that is so much longer than they, at any place. */
const POOL_EXTRA = 65_536;
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** What is asked for next, without end: operations by the mix, keys by the distribution, values that do not compress. */
export class RequestSource {
  readonly #random: RandomSource;
  readonly #nextKey: () => number;
  readonly #putShare: number;
  readonly #valueBytes: number;
  readonly #pool: string;

  constructor({ mix, distribution, keys, valueBytes }: Omit<Workload, "clients" | "depth">, seed: number) {
    this.#random = randomFrom(seed);
    this.#nextKey = keyChooser(distribution, keys, this.#random);
    this.#putShare = PUT_SHARE[mix];
    this.#valueBytes = valueBytes;
    const letters = Array.from({ length: valueBytes + POOL_EXTRA }, () => LETTERS[Math.floor(this.#random() * 64)]);
    this.#pool = letters.join("");
  }

  operation(): Operation {
    if (this.#putShare === 0) return "get";
    return this.#putShare === 1 || this.#random() < this.#putShare ? "put" : "get";
  }

  key(): string {
    return keyName(this.#valueBytes, this.#nextKey());
  }

  /** Letters, digits, `-` and `_`: no protocol has to escape them. */
  value(): string {
    const start = Math.floor(this.#random() * POOL_EXTRA);
    return this.#pool.slice(start, start + this.#valueBytes);
  }
}
