import fc from "fast-check";
import t from "tap";
import { RingkvClient } from "../../src/client/client.js";
import { RingkvError } from "../../src/protocol/errors.js";
import { LIMITS } from "../../src/protocol/limits.js";
import { fromSlave } from "../../src/protocol/messages.js";
import { MemoryFiles } from "../../src/server/storage/memory-files.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import type { Connection, ConnectionHandlers } from "../../src/transport/transport.js";
import { Random } from "../random.js";
import { DATA, IDS, startFuzzedMaster } from "./fuzzed-master.js";
import { Crashes } from "./fuzzing.js";
import { mutated } from "./mutator.js";
import { arbitraryOf } from "./schema-arbitrary.js";
import { turn } from "./target.js";
import { WORDS } from "./wire-input.js";

const ROUNDS = 30;
const REQUESTS = 200;
/** Most lines are messages that a linked slave may send: any other one costs it its link at once. */
const EVERYDAY_PART = 0.95;
const EVERYDAY = new Set<unknown>(["ready", "abort", "ack", "resp", "cache", "copies"]);
/** Of a hostile slave's answers, so many are what a good one would say: or no update would come far. */
const GOOD_PART = 0.5;
/** Lines in all that a slave has to say, after which it is silent. */
const LINES_MAX = 400;
/** What each welcome names: a slave that comes back with less than it has voted for would be taken for an old copy. */
const NEWEST = "9.9007199254740991";
/** Every timeout of the ring is 20 ms. */
const HANG_MS = 15_000;
const hostileMessage = arbitraryOf(fromSlave, WORDS) as fc.Arbitrary<{ readonly type?: unknown }>;

/** A slave that registers as it should, welcomes its master, and then says anything. */
class HostileSlave {
  /** Lines that it has said. */
  said = 0;
  readonly #transport: MemoryTransport;
  readonly #registrationPort: number;
  readonly #id: string;
  readonly #random: Random;
  readonly #everyday: readonly string[];
  readonly #any: readonly string[];
  #isOver = false;
  #epochSeen = "0";
  #registration: Connection | undefined;

  constructor(transport: MemoryTransport, registrationPort: number, id: string, random: Random) {
    this.#transport = transport;
    this.#registrationPort = registrationPort;
    this.#id = id;
    this.#random = random;
    const messages = fc.sample(hostileMessage, { numRuns: 500, seed: random.below(2 ** 31) });
    this.#any = messages.map((message) => JSON.stringify(message));
    this.#everyday = messages.filter(({ type }) => EVERYDAY.has(type)).map((message) => JSON.stringify(message));
  }

  async start(): Promise<void> {
    const { address } = await this.#transport.listen(
      { host: "memory", port: 0, frameBytesMax: LIMITS.linkFrameBytesMax },
      (connection) => this.#serve(connection),
    );
    await this.#register(address.port);
  }

  stop(): void {
    this.#isOver = true;
    this.#registration?.destroy();
  }

  async #register(port: number): Promise<void> {
    if (this.#isOver) return;
    const target = { host: "memory", port: this.#registrationPort, frameBytesMax: LIMITS.linkFrameBytesMax };
    try {
      this.#registration = await this.#transport.connect(target, {
        onFrames: () => undefined,
        onClose: () => void this.#register(port),
      });
    } catch {
      return;
    }
    const storeId = `store-${this.#id}`;
    this.#registration.send({ type: "register", slaveId: this.#id, port, storeId, epochSeen: this.#epochSeen, pid: 1 });
  }

  #serve(connection: Connection): ConnectionHandlers {
    return {
      onFrames: (frames) => {
        for (const frame of frames) if (typeof frame === "string") this.#answer(connection, frame);
      },
      onClose: () => undefined,
    };
  }

  #answer(connection: Connection, line: string): void {
    const { type, opId, epoch, id } = JSON.parse(line) as Readonly<Record<string, string>>;
    if (type === "hello") {
      this.#epochSeen = epoch ?? "0";
      const storeId = `store-${this.#id}`;
      connection.send({ type: "welcome", epoch, slaveId: this.#id, storeId, newest: NEWEST, keys: 0 });
    }
    if (this.said < LINES_MAX && this.#random.next() > GOOD_PART) this.#sayAnything(connection);
    if (type === "putreq" || type === "delreq") connection.send({ type: "ready", opId });
    else if (type === "commit" || type === "abort") connection.send({ type: "ack", opId });
    else if (type === "getreq") connection.send({ type: "resp", id, value: "v", opId: "1.1" });
  }

  #sayAnything(connection: Connection): void {
    const random = this.#random;
    const isEveryday = random.next() < EVERYDAY_PART;
    const line = Buffer.from(random.pick(isEveryday ? this.#everyday : this.#any));
    const isDamaged = !isEveryday && random.next() < 0.5;
    const bytes = isDamaged ? mutated(random, line, []) : line;
    // One line, whatever it has become.
    connection.sendLine(`${Buffer.from(bytes).toString().replaceAll("\n", " ")}\n`);
    this.said += 1;
  }
}

t.test(
  "whatever slaves say to their master, it goes on, and every request is answered",
  { timeout: 120_000 },
  async (t) => {
    const crashes = new Crashes();
    const seed = new Random();
    t.comment(`SEED=${seed.seed}`);
    let said = 0;
    let done = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const random = new Random(seed.below(2 ** 31));
      const transport = new MemoryTransport({ chunkBytes: 65_536 });
      const files = new MemoryFiles();
      files.makeDirectory(DATA);
      const fatal: RingkvError[] = [];
      const master = await startFuzzedMaster({
        transport,
        files,
        log: () => undefined,
        onFatal: (error) => fatal.push(error),
        cacheSets: 4,
        cacheWays: 2,
        timeoutMs: 20,
        heartbeatTimeoutMs: 10_000,
      });
      const slaves = IDS.map((id) => new HostileSlave(transport, master.addresses.registration.port, id, random));
      await Promise.all(slaves.map((slave) => slave.start()));
      const client = await RingkvClient.connect({
        host: "memory",
        port: master.addresses.client.port,
        transport,
        requestTimeoutMs: HANG_MS,
      });
      for (let turns = 0; turns < 1_000 && !master.master.view.info().ringComplete; turns++) await turn();
      const beganMs = performance.now();
      const outcomes = await Promise.allSettled(
        Array.from({ length: REQUESTS }, async (_, n) => {
          for (let before = 0; before < n; before++) await turn();
          const key = random.pick(["k", "city", "user:1"]);
          await (random.next() < 0.5 ? client.put(key, "v") : client.get(key));
        }),
      );
      if (performance.now() - beganMs > HANG_MS) t.fail(`round ${round}: a request was not answered`);
      for (const outcome of outcomes) {
        if (outcome.status === "fulfilled") done += 1;
        else if (!(outcome.reason instanceof RingkvError)) {
          t.fail(`round ${round}: ${String(outcome.reason)}`);
        }
      }
      for (const { code, message } of fatal) {
        if (code !== "STALE_EPOCH") t.fail(`round ${round}: the master has ended: ${code} ${message}`);
      }
      if (fatal.length === 0) await client.ping();
      said += slaves.reduce((sum, slave) => sum + slave.said, 0);
      for (const slave of slaves) slave.stop();
      await client.close();
      await master.stop();
    }
    t.strictSame(crashes.take(), []);
    crashes.close();
    t.comment(`${said} hostile lines, ${done} of ${ROUNDS * REQUESTS} requests were done as asked`);
    t.ok(said > 10 * ROUNDS, `${said} hostile lines`);
    t.ok(done > 0, `${done} requests were done as asked`);
  },
);
