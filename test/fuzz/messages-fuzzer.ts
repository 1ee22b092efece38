import { Random } from "../random.js";
import { type BatchResult, Crashes, type Fuzzer } from "./fuzzing.js";
import { GoodClient } from "./good-client.js";
import type { Attacker } from "./attack.js";
import { shorterLists } from "./smaller.js";
import type { PORTS } from "./target.js";
import { Target, turn } from "./target.js";
import { hasRegistered, judge } from "./wire-judge.js";
import { LinePool, type WireSession, rawLines, wireSessions } from "./wire-input.js";

const LINES_PER_BATCH = 800;
/** The seeds of so many batches share a pool: making one takes longer than a batch. */
const BATCHES_PER_POOL = 25;
/** One batch of so many attacks without restraint, on a ring of its own. */
const WILD_EVERY = 8;
/** Bytes pushed before the daemons get a turn. */
const BYTES_PER_TURN = 8_192;
/** CPU that one batch may take. Most take some ten ms; this is for a machine that is busy. */
const BATCH_CPU_MS = 10_000;
const PATIENCE_MS = 30_000;
/** What the good client does during one batch, one after the other. */
const GOOD_STEPS = 6;
/** Longer than any stall of a loaded machine: on this ring no slave may seem to be away. */
const PATIENT = { timeoutMs: 60_000 };
/** What attackers hold up there is to end soon. */
const HASTY = { timeoutMs: 500 };

/**
 * Attacks on all ports of a whole ring, several connections at once. Most batches go to one ring that lives on, and a good
 * client on it must see nothing of them; some go to a ring of their own, and may do there whatever an admin or a newer master may.
 */
export class MessagesFuzzer implements Fuzzer {
  readonly #crashes = new Crashes();
  readonly #pools = new Map<number, LinePool>();
  #shared: { readonly target: Target; readonly good: GoodClient } | undefined;

  async run(seed: number): Promise<BatchResult> {
    const sessions = this.#sessions(seed);
    const violations = await (isWild(seed) ? this.#attackOwn(sessions) : this.#attackShared(sessions));
    if (violations.length > 0) await this.#drop();
    const good = this.#shared?.good;
    return {
      inputs: sessions.reduce((sum, { stream }) => sum + rawLines(stream).length, 0),
      violations,
      counts: { connections: sessions.length, rightAnswers: takeRight(good) },
    };
  }

  input(seed: number): Promise<readonly WrittenSession[]> {
    const written = this.#sessions(seed).map(({ port, stream, chunkBytes }) => ({
      port,
      chunkBytes,
      bytes: Buffer.from(stream).toString("latin1"),
    }));
    return Promise.resolve(written);
  }

  async replay(input: unknown): Promise<readonly string[]> {
    const sessions = (input as readonly WrittenSession[]).map(({ port, chunkBytes, bytes }) => ({
      port,
      chunkBytes,
      stream: Buffer.from(bytes, "latin1"),
    }));
    return this.#attackOwn(sessions);
  }

  *smaller(input: unknown): Iterable<unknown> {
    const sessions = input as readonly WrittenSession[];
    yield* shorterLists(sessions);
    for (const [index, session] of sessions.entries()) {
      const put = (bytes: string) => sessions.map((other, place) => (place === index ? { ...session, bytes } : other));
      for (const lines of shorterLists(session.bytes.split("\n"))) yield put(lines.join("\n"));
      if (session.bytes.length <= 4_096)
        for (const rest of shorterLists(Array.from(session.bytes))) yield put(rest.join(""));
    }
  }

  async settle(): Promise<readonly string[]> {
    return (await this.#shared?.good.sweep()) ?? [];
  }

  async close(): Promise<void> {
    await this.#drop();
    this.#crashes.close();
  }

  #sessions(seed: number): readonly WireSession[] {
    const poolSeed = Math.floor(seed / BATCHES_PER_POOL);
    let pool = this.#pools.get(poolSeed);
    if (pool === undefined) {
      this.#pools.clear();
      this.#pools.set(poolSeed, (pool = new LinePool(poolSeed)));
    }
    return wireSessions(new Random(seed), pool, LINES_PER_BATCH, !isWild(seed));
  }

  async #attackShared(sessions: readonly WireSession[]): Promise<readonly string[]> {
    if (this.#shared === undefined) {
      const target = await Target.start(PATIENT);
      this.#shared = { target, good: await GoodClient.connect(target, new Random(1)) };
    }
    const { target, good } = this.#shared;
    const stepped = good.steps(GOOD_STEPS).catch((error: unknown) => [`the good client got ${String(error)}`]);
    const attack = new Attack(target, sessions, this.#crashes);
    await attack.begin();
    const violations = await attack.end();
    const fatal = target.fatal.map((error) => `a daemon had to stop: ${error.code} ${error.message}`);
    return [...violations, ...fatal, ...(await within(stepped, "the good client waits for ever"))];
  }

  async #attackOwn(sessions: readonly WireSession[]): Promise<readonly string[]> {
    const target = await Target.start(HASTY);
    const attack = new Attack(target, sessions, this.#crashes);
    await attack.begin();
    await attack.undo();
    // A newer master was told of: this one has to stop, and says so.
    const isFenced = target.fatal.some(({ code }) => code === "STALE_EPOCH");
    if (isFenced) await target.stop();
    const violations = await attack.end(isFenced);
    if (!isFenced) await target.stop();
    const fatal = target.fatal.filter(({ code }) => code !== "STALE_EPOCH");
    return [
      ...violations,
      ...this.#crashes.take(),
      ...fatal.map((error) => `a daemon had to stop: ${error.code} ${error.message}`),
    ];
  }

  async #drop(): Promise<void> {
    const shared = this.#shared;
    this.#shared = undefined;
    await shared?.good.close();
    await shared?.target.stop();
  }
}

/** A session in a file: its bytes as Latin-1. */
interface WrittenSession {
  readonly port: (typeof PORTS)[number];
  readonly chunkBytes: number;
  readonly bytes: string;
}

function isWild(seed: number): boolean {
  return seed % WILD_EVERY === 0;
}

/** Some attackers at the same time. */
class Attack {
  readonly #target: Target;
  readonly #crashes: Crashes;
  readonly #plays: readonly Play[];
  readonly #cpuBefore = process.cpuUsage();

  constructor(target: Target, sessions: readonly WireSession[], crashes: Crashes) {
    this.#target = target;
    this.#crashes = crashes;
    this.#plays = sessions.map((session) => new Play(target, session, crashes));
  }

  /** They say all that they have to say. */
  async begin(): Promise<void> {
    await Promise.all(this.#plays.map((play) => play.begin()));
    await turn();
  }

  /** Takes back what only an admin can take back. */
  async undo(): Promise<void> {
    const lines = [
      { type: "step", mode: "off" },
      ...["s1", "s2"].map((slave) => ({ type: "fault", slave, fault: { kind: "none" } })),
    ];
    const stream = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const play = new Play(this.#target, { port: "status", stream, chunkBytes: stream.length }, this.#crashes);
    await play.begin();
    await play.end(true);
  }

  /** @param isFenced the daemons were stopped: what was not answered will not be */
  async end(isFenced = false): Promise<readonly string[]> {
    const results = await Promise.all(this.#plays.map((play) => play.end(isFenced)));
    await turn();
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    const cpuMs = (user + system) / 1_000;
    const slow = cpuMs > BATCH_CPU_MS ? [`the batch took ${Math.round(cpuMs)} ms of CPU`] : [];
    return [...this.#crashes.take(), ...results.flat(), ...slow];
  }
}

/** One attacker's connection. */
class Play {
  readonly #session: WireSession;
  readonly #crashes: Crashes;
  readonly #lines: string[] = [];
  readonly #attacker: Attacker;
  #isCutShort = false;

  constructor(target: Target, session: WireSession, crashes: Crashes) {
    this.#session = session;
    this.#crashes = crashes;
    this.#attacker = target.transport.attack(target.portOf(session.port), (line) => this.#lines.push(line));
  }

  async begin(): Promise<void> {
    const { stream, chunkBytes } = this.#session;
    let sinceTurn = 0;
    for (let at = 0; at < stream.length && !this.#attacker.isOver; at += chunkBytes) {
      this.#crashes.guard(() => this.#attacker.push(stream.subarray(at, at + chunkBytes)));
      sinceTurn += chunkBytes;
      if (sinceTurn < BYTES_PER_TURN) continue;
      sinceTurn = 0;
      await turn();
    }
    this.#isCutShort = this.#attacker.isOver;
    this.#crashes.guard(() => this.#attacker.finish());
  }

  async end(isLost: boolean): Promise<readonly string[]> {
    const { port } = this.#session;
    const attacker = this.#attacker;
    // A supervisor that never answers makes others wait, itself among them, until it goes.
    const isSupervisor = this.#lines.some((line) => COMMAND.test(line));
    if (isSupervisor) attacker.destroy();
    const hangs = await within(
      attacker.gone.then(() => []),
      `the ${port} port neither answers nor ends`,
    );
    if (isSupervisor || isLost || hangs.length > 0) return hangs;
    // A slave that was taken in may be lost, or registered anew on another connection: the master's log says so.
    const wasTaken = port === "registration" && hasRegistered(this.#session.stream);
    if (attacker.isDropped && port !== "slave" && !wasTaken)
      return [`the ${port} port dropped the connection without a word`];
    const faults = judge(this.#session, { lines: this.#lines, isCutShort: this.#isCutShort });
    return faults.map((fault) => `${port}: ${fault}`);
  }
}

const COMMAND = /^\{"type":"(?:kill|start|restart|pause|resume|failpoint)"/;

/** What it comes to, if it does so in time. */
async function within(work: Promise<readonly string[]>, complaint: string): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((resolve) => {
    timer = setTimeout(() => resolve([`HANG: ${complaint}`]), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function takeRight(good: GoodClient | undefined): number {
  if (good === undefined) return 0;
  const { rightAnswers } = good;
  good.rightAnswers = 0;
  return rightAnswers;
}
