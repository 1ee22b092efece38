import t from "tap";
import { RingkvError } from "../../src/protocol/errors.js";
import { type Cluster, startCluster } from "./cluster.js";
import { differentCopies } from "./copies.js";
import { KeyModel } from "./key-model.js";
import { Random } from "../random.js";

const STORM_MS = 20_000;
const KILL_EVERY_MS = 300;
const UPDATES_MIN = 1_000;
/** On a busy machine a slave takes longer to start than one beat. */
const KILLS_MIN = 5;
const WRITERS = 8;
const KEYS_PER_WRITER = 12;
/** What a client waits after a refusal, so that writers leave the processors to the slaves that start. */
const PAUSE_AFTER_REFUSAL_MS = 10;

const random = new Random();

t.test(
  `no acknowledged write is lost and no failed one appears while a slave is killed every ${KILL_EVERY_MS} ms (SEED=${random.seed})`,
  { timeout: 120_000 },
  async (t) => {
    const cluster = await startCluster(t);
    const until = performance.now() + STORM_MS;
    const writers = Array.from(
      { length: WRITERS },
      (_, index) => new Writer(index, cluster, new Random(random.seed + index)),
    );
    const kills = killer(cluster, until);
    await Promise.all(writers.map((writer) => writer.run(until)));
    const killed = await kills;

    const sum = (count: (writer: Writer) => number) => writers.reduce((total, writer) => total + count(writer), 0);
    const updates = sum((writer) => writer.acknowledged);
    t.comment(
      `${updates} updates acknowledged, ${sum((w) => w.refused)} refused, ${sum((w) => w.unknown)} unknown, ` +
        `${sum((w) => w.reads)} reads, ${killed} slaves killed`,
    );
    t.ok(updates >= UPDATES_MIN, `${updates} updates were acknowledged`);
    t.ok(killed >= KILLS_MIN, `${killed} slaves were killed`);
    t.strictSame(
      writers.flatMap((writer) => writer.violations),
      [],
      "every read during the storm was right",
    );

    for (const writer of writers) await writer.verify();
    t.strictSame(
      writers.flatMap((writer) => writer.violations),
      [],
      "every key holds what was acknowledged",
    );

    const { unresolved } = await cluster.status.snapshot();
    t.strictSame(
      unresolved.filter((op) => op.state === "in-doubt"),
      [],
      "nothing is in doubt",
    );
    await cluster.stop();
    t.strictSame(await differentCopies(cluster), [], "both copies of every key are equal");
  },
);

/** The only writer of its keys, so that it knows what each may hold. */
class Writer {
  acknowledged = 0;
  refused = 0;
  unknown = 0;
  reads = 0;
  readonly violations: string[] = [];
  readonly #models: ReadonlyMap<string, KeyModel>;
  readonly #cluster: Cluster;
  readonly #random: Random;
  #written = 0;

  constructor(index: number, cluster: Cluster, random: Random) {
    this.#cluster = cluster;
    this.#random = random;
    this.#models = new Map(Array.from({ length: KEYS_PER_WRITER }, (_, n) => [`w${index}:${n}`, new KeyModel()]));
  }

  async run(untilMs: number): Promise<void> {
    while (performance.now() < untilMs) {
      const [key, model] = this.#random.pick([...this.#models]);
      const kind = this.#random.pick(["put", "put", "put", "del", "get"] as const);
      const isServed =
        kind === "get"
          ? await this.#tryRead(key, model)
          : await this.#update(key, model, kind === "put" ? `${key}=${(this.#written += 1)}` : undefined);
      if (!isServed) await new Promise((resolve) => setTimeout(resolve, PAUSE_AFTER_REFUSAL_MS));
    }
  }

  async verify(): Promise<void> {
    for (const [key, model] of this.#models) await this.#read(key, model);
  }

  async #update(key: string, model: KeyModel, value: string | undefined): Promise<boolean> {
    try {
      if (value === undefined) await this.#cluster.client.del(key);
      else await this.#cluster.client.put(key, value);
      model.acknowledged(value);
      this.acknowledged += 1;
      return true;
    } catch (error) {
      if (model.failed(value, error)) this.unknown += 1;
      else if (error instanceof RingkvError && error.code === "KEY_NOT_FOUND") {
        if (!model.allows(undefined))
          this.violations.push(`del ${key}: not found, but it is ${String(model.possible)}`);
        model.acknowledged(undefined);
      } else this.refused += 1;
      return false;
    }
  }

  /** Reads while slaves die: a refusal is no violation. */
  async #tryRead(key: string, model: KeyModel): Promise<boolean> {
    try {
      await this.#read(key, model);
      return true;
    } catch (error) {
      if (!(error instanceof RingkvError)) throw error;
      return false;
    }
  }

  async #read(key: string, model: KeyModel): Promise<void> {
    const value = (await this.#cluster.client.get(key))?.value;
    this.reads += 1;
    if (model.allows(value)) model.acknowledged(value);
    else this.violations.push(`${key} is ${String(value)}, but may be ${model.possible.map(String).join(" or ")}`);
  }
}

/** Kills a random slave at each beat and has it started again at once; one at a time. @returns how many were killed */
async function killer(cluster: Cluster, untilMs: number): Promise<number> {
  let killed = 0;
  while (performance.now() + KILL_EVERY_MS < untilMs) {
    const beat = new Promise((resolve) => setTimeout(resolve, KILL_EVERY_MS));
    const { name } = random.pick(cluster.ready.slaves);
    await cluster.status.process("kill", name);
    killed += 1;
    await cluster.status.process("start", name);
    await beat;
  }
  return killed;
}
