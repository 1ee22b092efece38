import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Test } from "tap";
import { RingkvClient } from "../../src/client/client.js";
import type { Refusals } from "../../src/protocol/messages.js";
import { type Cluster, startCluster } from "./cluster.js";

const ATTACKER = fileURLToPath(new URL("attacker.ts", import.meta.url));
const MIB = 1_048_576;
/** What an attack may cost the master in memory. */
const GROWTH_MAX = 64 * MIB;
/** A good client's p99 stays within so many times its quiet value … */
const SLOWER_MAX = 3;
/**
 * … or this, in ms: on a machine that runs other tests at the same time, noise alone takes as long, and a single force of a shared
 * disk up to 400 ms. What the master does on a machine of its own, with 0 here, is in docs/operations.md.
 */
const NOISE_MS = Number(process.env["RINGKV_HOSTILE_NOISE_MS"] ?? 1_000);
/** How long a good client is watched before an attack. */
const QUIET_MS = 3_000;
const SAMPLE_EVERY_MS = 25;

/** RINGKV_HOSTILE_FULL=1: attacks of the size that docs/operations.md tells of, for which CI has no time. */
export const IS_FULL = process.env["RINGKV_HOSTILE_FULL"] === "1";

/** What an attacker saw. */
export interface Seen {
  readonly connected: number;
  readonly closed: number;
  readonly failed: number;
  readonly codes: Readonly<Record<string, number>>;
}

/** An attack under way, in a process of its own. */
export class Attack {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(kind: string, address: { readonly host: string; readonly port: number }, amount: number) {
    const args = [...process.execArgv, ATTACKER, kind, address.host, address.port.toString(), amount.toString()];
    this.#child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
    if (this.#child.stdout === null) throw new Error("stdout is a pipe");
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  /** Resolves when it can begin. */
  async ready(): Promise<void> {
    await this.#next();
  }

  /** Begins; resolves when it is at its height: all is sent, or all connections were tried. */
  async begin(): Promise<void> {
    this.#child.stdin?.write("\n");
    await this.#next();
  }

  /** Ends it, and tells what came of it. */
  async end(): Promise<Seen> {
    this.#child.stdin?.end();
    return this.#next();
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async #next(): Promise<Seen> {
    const next = await this.#lines.next();
    if (next.done === true) throw new Error("the attacker has died");
    return JSON.parse(next.value) as Seen;
  }
}

/** What an attack did to the cluster. */
export interface Damage {
  readonly seen: Seen;
  /** By how much the master's memory grew at most, in MiB. */
  readonly grownMib: number;
  /** A good client's 99th percentile, in ms, before the attack and during it. */
  readonly quietMs: number;
  readonly attackedMs: number;
  readonly refusals: Refusals;
}

export interface AttackOptions {
  readonly kind: string;
  readonly amount: number;
  /** The port that is attacked; default: that of the clients. */
  readonly port?: "client" | "registration" | "status";
  /** Resolves when enough was seen. @param refusals asks the master for its counters */
  readonly until?: (refusals: () => Promise<Refusals>) => Promise<void>;
  /** Runs while the attacker still holds what it has, and nothing is measured any more. */
  readonly whileHeld?: () => Promise<void>;
}

/**
 * Attacks a cluster while a good client goes on, and checks what must hold of each attack: the master grows by less than 64 MiB,
 * the good client is hardly slower, and afterwards all is as before.
 */
export async function attackCluster(t: Test, cluster: Cluster, options: AttackOptions): Promise<Damage> {
  const { client, ready, status } = cluster;
  const good = await RingkvClient.connect(ready.client);
  t.teardown(() => good.close());
  const attack = new Attack(options.kind, ready[options.port ?? "client"], options.amount);
  t.teardown(() => attack.kill());
  await attack.ready();
  const refusals = async () => (await status.snapshot()).metrics.refusals;
  // Whoever has spoken belongs to the port, and does not have to make room.
  await refusals();
  const quietMs = p99Of(await timesDuring(good, pause(QUIET_MS)));
  const before = residentBytes(ready.master.pid);
  const memory = watchMemory(ready.master.pid);
  const attacked = async () => {
    await attack.begin();
    await options.until?.(refusals);
  };
  const attackedMs = p99Of(await timesDuring(good, attacked()));
  const grownMib = Math.round((memory.stop() - before) / MIB);
  await options.whileHeld?.();
  const damage: Damage = {
    grownMib,
    quietMs,
    attackedMs,
    refusals: await refusals(),
    seen: await attack.end(),
  };
  t.comment(`${options.kind} ${options.amount}: ${JSON.stringify(damage)}`);
  t.ok(damage.grownMib * MIB < GROWTH_MAX, `the master grew by ${damage.grownMib} MiB`);
  const slowMs = Math.max(SLOWER_MAX * quietMs, NOISE_MS);
  t.ok(attackedMs <= slowMs, `the good client's p99 is ${attackedMs} ms, before it was ${quietMs} ms`);
  await client.put("afterwards", "well");
  t.equal((await client.get("afterwards"))?.value, "well", "afterwards all is well");
  return damage;
}

/** A cluster of two slaves, whose master has grown as large as good clients make it. */
export async function startWarmCluster(t: Test, openFiles?: number): Promise<Cluster> {
  const cluster = await startCluster(t, { slaves: 2, ...(openFiles !== undefined && { openFiles }) });
  const { client } = cluster;
  await client.put("large", "v".repeat(262_144));
  await client.put("small", "v");
  for (let round = 0; round < 20; round++) {
    await Promise.all(Array.from({ length: 500 }, (_, n) => client.put(`warm-${n}`, "v".repeat(1_000))));
  }
  return cluster;
}

/** What puts and gets take, one after the other, in ms, until something is over. */
async function timesDuring(client: RingkvClient, over: Promise<unknown>): Promise<readonly number[]> {
  const progress = { isOver: false };
  const ending = over.finally(() => (progress.isOver = true));
  const times: number[] = [];
  while (!progress.isOver) {
    const startMs = performance.now();
    if (times.length % 2 === 0) await client.put(`good-${times.length % 100}`, "v");
    else await client.get(`good-${(times.length - 1) % 100}`);
    times.push(performance.now() - startMs);
  }
  await ending;
  return times;
}

function p99Of(times: readonly number[]): number {
  const sorted = times.toSorted((left, right) => left - right);
  return Math.round(100 * (sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0)) / 100;
}

function watchMemory(pid: number): { stop(): number } {
  let most = residentBytes(pid);
  const timer = setInterval(() => (most = Math.max(most, residentBytes(pid))), SAMPLE_EVERY_MS);
  return {
    stop() {
      clearInterval(timer);
      return Math.max(most, residentBytes(pid));
    },
  };
}

/** A process' resident set, as Linux tells it. */
function residentBytes(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) * 1_024;
}

/** Why these tests cannot run here; false on Linux, whose /proc they read. */
export const CANNOT_MEASURE = process.platform === "linux" ? false : "memory is read from /proc, which only Linux has";
