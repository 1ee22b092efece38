import type { RingkvClient } from "../../src/client/client.js";
import { RingkvError } from "../../src/protocol/errors.js";
import { KeyModel } from "../e2e/key-model.js";
import type { Random } from "../random.js";

const PAUSE_AFTER_REFUSAL_MS = 10;

/** Clients that write until told to stop, each the only writer of its keys. */
export class WritingClients {
  acknowledged = 0;
  readonly refusals = new Map<string, number>();
  readonly #models: ReadonlyMap<string, KeyModel>;
  readonly #client: RingkvClient;
  readonly #random: Random;
  #isOver: () => boolean = () => false;
  #written = 0;

  constructor(client: RingkvClient, random: Random, keys: number) {
    this.#client = client;
    this.#random = random;
    this.#models = new Map(Array.from({ length: keys }, (_, index) => [`key ${index}`, new KeyModel()]));
  }

  /** One writer for each key, until `isOver` says so. */
  async run(isOver: () => boolean): Promise<void> {
    this.#isOver = isOver;
    await Promise.all(Array.from(this.#models, ([key, model]) => this.#write(key, model)));
  }

  /** What the keys hold and must not. */
  async violations(): Promise<string[]> {
    const found: string[] = [];
    for (const [key, model] of this.#models) {
      const value = (await this.#client.get(key))?.value;
      if (!model.allows(value))
        found.push(`${key} is ${String(value)}, but may be ${model.possible.map(String).join(" or ")}`);
    }
    return found;
  }

  async #write(key: string, model: KeyModel): Promise<void> {
    while (!this.#isOver()) {
      this.#written += 1;
      const text = `${key} ${this.#written} ${"x".repeat(this.#random.below(200))}`;
      const value = this.#random.below(4) === 0 ? undefined : text;
      try {
        if (value === undefined) await this.#client.del(key);
        else await this.#client.put(key, value);
        model.acknowledged(value);
        this.acknowledged += 1;
      } catch (error) {
        if (!(error instanceof RingkvError)) throw error;
        this.refusals.set(error.code, (this.refusals.get(error.code) ?? 0) + 1);
        if (error.code === "KEY_NOT_FOUND" && model.allows(undefined)) model.acknowledged(undefined);
        else {
          model.failed(value, error);
          await new Promise((resolve) => setTimeout(resolve, PAUSE_AFTER_REFUSAL_MS));
        }
      }
    }
  }
}
