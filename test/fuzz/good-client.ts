import { RingkvClient } from "../../src/client/client.js";
import { RingkvError } from "../../src/protocol/errors.js";
import type { Random } from "../random.js";
import type { Target } from "./target.js";

const PREFIX = "well behaved:";
const KEYS = 12;
/** Keys of others that one sweep deletes at the same time. */
const SWEEP_WIDTH = 64;
const ATTEMPTS = 20;

/** A client that does nothing wrong, with keys of its own, and knows what every answer must be. */
export class GoodClient {
  readonly #client: RingkvClient;
  readonly #random: Random;
  readonly #written = new Map<string, string>();
  /** Answers that were as they must be. */
  rightAnswers = 0;
  /** Refusals that invited to ask again. */
  retries = 0;

  static async connect(target: Target, random: Random): Promise<GoodClient> {
    const { transport } = target;
    const client = await RingkvClient.connect({
      host: "memory",
      port: target.portOf("client"),
      transport,
      requestTimeoutMs: 60_000,
    });
    return new GoodClient(client, random);
  }

  private constructor(client: RingkvClient, random: Random) {
    this.#client = client;
    this.#random = random;
  }

  /** Writes, reads and deletes some of its keys. @returns what was wrong with an answer */
  async steps(count: number): Promise<readonly string[]> {
    const faults: string[] = [];
    for (let left = count; left > 0; left -= 1) faults.push(...(await this.#step()));
    return faults;
  }

  async #step(): Promise<readonly string[]> {
    const random = this.#random;
    const key = `${PREFIX}${random.below(KEYS)}`;
    const faults: string[] = [];
    const before = this.#written.get(key);
    if (before !== undefined && random.next() < 0.2) {
      await this.#again(() => this.#client.del(key));
      this.#written.delete(key);
    } else {
      const value = `${random.next()} \u0000 é ${"x".repeat(random.below(200))}`;
      await this.#again(() => this.#client.put(key, value));
      this.#written.set(key, value);
    }
    for (const asked of [key, `${PREFIX}${random.below(KEYS)}`]) {
      const wanted = this.#written.get(asked);
      const found = await this.#again(() => this.#client.get(asked));
      if (found?.value === wanted) this.rightAnswers += 1;
      else faults.push(`${asked} is ${JSON.stringify(found?.value)} and was written as ${JSON.stringify(wanted)}`);
    }
    return faults;
  }

  /** Lists its keys, and deletes what the attackers have written, so that what grows is a leak. */
  async sweep(): Promise<readonly string[]> {
    const own: string[] = [];
    const others: string[] = [];
    for await (const key of this.#client.keys()) (key.startsWith(PREFIX) ? own : others).push(key);
    for (let at = 0; at < others.length; at += SWEEP_WIDTH) {
      const keys = others.slice(at, at + SWEEP_WIDTH);
      await Promise.all(keys.map((key) => this.#again(() => this.#client.del(key)).catch(ignoreMissing)));
    }
    const wanted = [...this.#written.keys()].sort();
    if (own.sort().join() === wanted.join()) return [];
    return [`its keys are listed as ${own.join()}, and it has written ${wanted.join()}`];
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #again<Result>(ask: () => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await ask();
        this.rightAnswers += 1;
        return result;
      } catch (error) {
        if (!(error instanceof RingkvError) || !error.retriable || attempt === ATTEMPTS) throw error;
        this.retries += 1;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }
}

/** Another attacker was faster. */
function ignoreMissing(error: unknown): void {
  if (!(error instanceof RingkvError) || error.code !== "KEY_NOT_FOUND") throw error;
}
