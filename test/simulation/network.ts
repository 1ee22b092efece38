import { RingkvError } from "../../src/protocol/errors.js";
import type {
  Address,
  ConnectOptions,
  Connection,
  ConnectionHandlers,
  ListenOptions,
  Listener,
  Transport,
} from "../../src/transport/transport.js";
import type { Random } from "../random.js";
import { type Medium, Side } from "./side.js";
import type { Life, World } from "./world.js";

/** How long bytes take, in ms. */
export interface Delays {
  readonly minMs: number;
  readonly typicalMs: number;
  /** The part of all writes, 0 to 1, that is slow, and how slow at most. */
  readonly slowPart: number;
  readonly slowMs: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** When the first packet of a connection stays without an answer it is sent again. */
const CONNECT_RETRY_MS = 300;
/** How long a cut troubles connections that are being made. */
const UNSTEADY_MS = 150;
const FIRST_FREE_PORT = 40_000;

/**
 * The network between the hosts. A connection is first in first out in each direction, as TCP is; different ones overtake each
 * other. What a partition holds back arrives when it heals, as TCP sends it again, unless the connection is gone by then. The
 * two sides notice an end at different times, and what was under way may or may not arrive before.
 */
export class Network implements Medium {
  readonly #world: World;
  readonly #random: Random;
  readonly #delays: Delays;
  readonly #listeners = new Map<string, SimulatedListener>();
  readonly #open = new Set<Side>();
  /** Sides, open or not, whose output a partition holds back. */
  readonly #holding = new Set<Side>();
  /** Directions that carry nothing now, `from>to`, and by how many faults each. */
  readonly #blocked = new Map<string, number>();
  /** Hosts, `from>to`, between which connections that are being made may be reset until then: something was just cut. */
  readonly #unsteadyUntilMs = new Map<string, number>();
  /** Where connections lead that one host opens to another, `from>to`, if not there. */
  readonly #routes = new Map<string, string>();
  #nextPort = FIRST_FREE_PORT;
  /** Told of every line before it is delivered. */
  onLine: (from: string, to: string, line: string) => void = () => undefined;

  constructor(world: World, random: Random, delays: Delays) {
    this.#world = world;
    this.#random = random;
    this.#delays = delays;
  }

  /** The network as one process on a host sees it. */
  transportOf(host: string, life: Life): Transport {
    return {
      listen: (options, onConnection) => this.#listen(host, life, options, onConnection),
      connect: (options, handlers) => this.#connect(host, life, options, handlers),
    };
  }

  /** A process has ended, or its host has lost power: then the peers hear nothing of it before the host is back. */
  ended(life: Life, isPowerCut: boolean): void {
    for (const [key, listener] of this.#listeners) if (listener.life === life) this.#listeners.delete(key);
    for (const side of this.#open) if (side.life === life) side.died(isPowerCut);
  }

  /** A host is back after a power cut, or another one has its address: whoever still believes in a connection to it learns better. */
  hostIsBack(host: string): void {
    for (const side of this.#open) if (side.peerHost === host && side.isPeerGone) side.reset(this.delayMs());
  }

  /** Cuts connections between two hosts: each with this probability. */
  cut(one: string, other: string, part: number): void {
    for (const way of [`${one}>${other}`, `${other}>${one}`])
      this.#unsteadyUntilMs.set(way, this.#world.nowMs + UNSTEADY_MS);
    for (const side of this.#open) {
      if (side.host !== one || side.peerHost !== other || this.#random.next() >= part) continue;
      side.cut(this.#random.next() * 50, this.#random.next() * 50);
    }
  }

  /** From now on nothing gets from one host to the other; the returned function ends that. */
  block(from: string, to: string): () => void {
    const way = `${from}>${to}`;
    this.#blocked.set(way, (this.#blocked.get(way) ?? 0) + 1);
    return () => {
      const left = (this.#blocked.get(way) ?? 0) - 1;
      if (left > 0) {
        this.#blocked.set(way, left);
        return;
      }
      this.#blocked.delete(way);
      for (const side of this.#holding) if (side.host === from && side.peerHost === to) side.sendHeldBack();
    };
  }

  /** From now on what a host opens to another one leads to a third; connections that are open stay. */
  reroute(from: string, to: string, instead: string): void {
    this.#routes.set(`${from}>${to}`, instead);
  }

  isBlocked(from: string, to: string): boolean {
    return this.#blocked.size > 0 && this.#blocked.has(`${from}>${to}`);
  }

  delayMs(): number {
    const { minMs, typicalMs, slowPart, slowMs } = this.#delays;
    return minMs + this.#random.next() * (this.#random.next() < slowPart ? slowMs : typicalMs);
  }

  doesResetOvertake(): boolean {
    return this.#random.next() < 0.5;
  }

  holdsBack(side: Side, isHolding: boolean): void {
    if (isHolding) this.#holding.add(side);
    else this.#holding.delete(side);
  }

  opened(side: Side): void {
    this.#open.add(side);
  }

  closed(side: Side): void {
    this.#open.delete(side);
  }

  async #listen(
    host: string,
    life: Life,
    options: ListenOptions,
    onConnection: (connection: Connection) => ConnectionHandlers,
  ): Promise<Listener> {
    await Promise.resolve();
    const address = { host, port: options.port === 0 ? this.#nextPort++ : options.port };
    const key = keyOf(address);
    if (this.#listeners.has(key)) throw Object.assign(new Error(`listen EADDRINUSE: ${key}`), { code: "EADDRINUSE" });
    this.#listeners.set(key, { life, frameBytesMax: options.frameBytesMax, onConnection });
    return {
      address,
      close: () => {
        if (this.#listeners.get(key)?.life === life) this.#listeners.delete(key);
        return Promise.resolve();
      },
    };
  }

  #connect(host: string, life: Life, options: ConnectOptions, handlers: ConnectionHandlers): Promise<Connection> {
    const target = { host: this.#routes.get(`${host}>${options.host}`) ?? options.host, port: options.port };
    const { timeoutMs = CONNECT_TIMEOUT_MS } = options;
    return new Promise((resolve, reject) => {
      const refuse = (why: string) =>
        reject(new RingkvError("UNAVAILABLE", `No connection to ${target.host}:${target.port} (${why}).`));
      const attempt = (waitedMs: number) => {
        if (!this.isBlocked(host, target.host) && !this.isBlocked(target.host, host)) {
          const { frameBytesMax } = options;
          this.#reach({ host, life, target, frameBytesMax, handlers, connected: resolve, refuse });
        } else if (waitedMs + CONNECT_RETRY_MS < timeoutMs) {
          this.#world.after(CONNECT_RETRY_MS, undefined, () => attempt(waitedMs + CONNECT_RETRY_MS));
        } else this.#world.after(timeoutMs - waitedMs, life, () => refuse("no answer"));
      };
      attempt(0);
    });
  }

  /** The first packet of a connection is on its way, and nothing stops it. */
  #reach(dial: Dial): void {
    const world = this.#world;
    const { host, life, target } = dial;
    world.after(this.delayMs(), undefined, () => {
      const listener = this.#listeners.get(keyOf(target));
      if (life.isOver) return;
      const isUnsteady = world.nowMs < (this.#unsteadyUntilMs.get(`${host}>${target.host}`) ?? 0);
      if (listener === undefined || (isUnsteady && this.#random.next() < 0.5)) {
        world.after(this.delayMs(), life, () => dial.refuse(listener === undefined ? "ECONNREFUSED" : "ECONNRESET"));
        return;
      }
      const near = new Side(world, this, { life, host, peer: target, frameBytesMax: dial.frameBytesMax });
      const peer = { host, port: this.#nextPort++ };
      const { life: farLife, frameBytesMax } = listener;
      const far = new Side(world, this, { life: farLife, host: target.host, peer, frameBytesMax });
      near.join(far);
      world.after(0, farLife, () => far.start(listener.onConnection(far)));
      world.after(this.delayMs(), life, () => {
        dial.connected(near);
        world.after(0, life, () => near.start(dial.handlers));
      });
    });
  }
}

/** An attempt to connect. */
interface Dial {
  readonly host: string;
  readonly life: Life;
  readonly target: Address;
  readonly frameBytesMax: number;
  readonly handlers: ConnectionHandlers;
  readonly connected: (connection: Connection) => void;
  readonly refuse: (why: string) => void;
}

interface SimulatedListener {
  readonly life: Life;
  readonly frameBytesMax: number;
  readonly onConnection: (connection: Connection) => ConnectionHandlers;
}

function keyOf({ host, port }: Address): string {
  return `${host}:${port}`;
}
