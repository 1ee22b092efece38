import { RingkvError } from "../../protocol/errors.js";
import { LIMITS } from "../../protocol/limits.js";
import type { Address, Connection, ConnectionHandlers, Listener } from "../../transport/transport.js";
import { SampledLines } from "../sampled-lines.js";
import { Guest, type GuestHost } from "./guest.js";
import type { Departure, PortOptions } from "./port-options.js";

/** How often deadlines are judged, in ms. */
const JUDGE_EVERY_MS = 1_000;
/** Connections beyond the limit that the system may have accepted: those that leave, and those in a TLS handshake. */
const ACCEPTED_SPARE = LIMITS.leavingConnectionsMax + 64;

/** Gives a new guest its handlers; `guest.enter` tells that it is one of those whom the port is for. */
export type Serve = (connection: Connection, guest: Guest) => ConnectionHandlers;

/**
 * A listener with limits: how many connections it has, how long each may take for what, and how much all of them may hold.
 *
 * A full port makes room for who comes by sending away the oldest guest that has not shown yet that it belongs here; where all
 * have, it refuses the newcomer. Both are told OVERLOADED. Ports are limited each for itself, so that however many clients
 * come, a slave and an admin find room.
 */
export class Port {
  readonly #options: PortOptions;
  /** Everyone who is here, oldest first. */
  readonly #guests = new Set<Guest>();
  /** Those of them that may have to make room. */
  readonly #strangers = new Set<Guest>();
  readonly #leaving = new Set<Guest>();
  readonly #told: SampledLines;
  readonly #host: GuestHost;
  #listener: Listener | undefined;
  /** Runs while anyone is here. */
  #timer: NodeJS.Timeout | undefined;

  private constructor(options: PortOptions) {
    this.#options = options;
    this.#told = new SampledLines(`connections of the ${options.name}`, (text) => options.log("warn", text));
    this.#host = {
      limits: options.limits,
      onKept: (guest) => this.#strangers.delete(guest),
      onFlood: (guest) => {
        options.onRefusal("flood");
        this.#tell(guest, "sends more than we take in a second");
      },
      onTooLong: () => options.onRefusal("tooLong"),
      onPaused: () => options.onRefusal("paused"),
      onClose: (guest) => this.#closed(guest),
    };
  }

  /** @throws the system's error when the address cannot be had */
  static async open(options: PortOptions, serve: Serve): Promise<Port> {
    const port = new Port(options);
    const { host, limits, transport, name } = options;
    port.#listener = await transport.listen(
      {
        host,
        port: options.port,
        frameBytesMax: limits.frameBytesMax,
        connectionsMax: limits.connectionsMax + ACCEPTED_SPARE,
        onAcceptError: (error) => port.#sample(`a connection to the ${name} could not be accepted: ${error.message}`),
      },
      (connection) => port.#accept(connection, serve),
    );
    return port;
  }

  get address(): Address {
    if (this.#listener === undefined) throw new Error("the port is not open");
    return this.#listener.address;
  }

  /** No one can connect any more; connections stay. */
  async close(): Promise<void> {
    await this.#listener?.close();
  }

  dropConnections(): void {
    this.#told.close();
    for (const guest of [...this.#guests, ...this.#leaving]) guest.connection.destroy();
  }

  #accept(connection: Connection, serve: Serve): ConnectionHandlers {
    const guest = new Guest(connection, this.#host);
    this.#timer ??= setInterval(() => this.#judge(), JUDGE_EVERY_MS);
    if (this.#guests.size >= this.#options.limits.connectionsMax && !this.#makeRoom()) {
      this.#sendAway(guest, "full");
      return guest.handlers;
    }
    this.#guests.add(guest);
    this.#strangers.add(guest);
    guest.serve(serve(connection, guest));
    return guest.handlers;
  }

  #closed(guest: Guest): void {
    for (const group of [this.#guests, this.#strangers, this.#leaving]) group.delete(guest);
    if (this.#guests.size + this.#leaving.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** False when everyone who is here belongs here. */
  #makeRoom(): boolean {
    const [oldest] = this.#strangers;
    if (oldest === undefined) return false;
    this.#sendAway(oldest, "full");
    return true;
  }

  /** A second has passed. */
  #judge(): void {
    let heldBytes = 0;
    for (const guest of [...this.#guests, ...this.#leaving]) {
      const why = guest.judge();
      if (why === "late") guest.connection.destroy();
      else if (why !== undefined) this.#sendAway(guest, why);
      else heldBytes += guest.heldBytes;
    }
    if (heldBytes > LIMITS.portBytesMax) this.#shed(heldBytes);
  }

  /** Drops those that hold most until all of them hold no more than they may. */
  #shed(heldBytes: number): void {
    const byBytes = [...this.#guests, ...this.#leaving]
      .map((guest) => ({ guest, bytes: guest.heldBytes }))
      .sort((left, right) => right.bytes - left.bytes);
    let left = heldBytes;
    for (const { guest, bytes } of byBytes) {
      if (left <= LIMITS.portBytesMax) return;
      left -= bytes;
      this.#sendAway(guest, "memory");
    }
  }

  #sendAway(guest: Guest, why: Departure): void {
    this.#options.onRefusal(why);
    this.#tell(guest, DEPARTURES[why].told);
    this.#guests.delete(guest);
    this.#strangers.delete(guest);
    const { refusal } = DEPARTURES[why];
    if (refusal === "drop") {
      guest.connection.destroy();
      return;
    }
    this.#leaving.add(guest);
    guest.leave(refusal);
    const [oldest] = this.#leaving;
    if (this.#leaving.size > LIMITS.leavingConnectionsMax) oldest?.connection.destroy();
  }

  #tell({ connection: { peer } }: Guest, what: string): void {
    this.#sample(`${peer.host}:${peer.port} at the ${this.#options.name}: ${what}`);
  }

  #sample(text: string): void {
    if (this.#told.mayTell()) this.#told.tell(text);
  }
}

/** What each departure is to the log, and to who departs: an error, nothing, or the loss of the connection. */
const DEPARTURES: Readonly<
  Record<Departure, { readonly told: string; readonly refusal: RingkvError | "drop" | undefined }>
> = {
  full: {
    told: "sent away, the port is full",
    refusal: new RingkvError("OVERLOADED", "The port has as many connections as it takes."),
  },
  introduction: {
    told: "sent away, it did not say who it is",
    refusal: new RingkvError("TIMEOUT", "You did not say who you are."),
  },
  line: {
    told: "sent away, a line that it began did not end",
    refusal: new RingkvError("TIMEOUT", `A line ends within ${LIMITS.lineWithinMs / 1_000} s after it was begun.`),
  },
  idle: { told: "sent away, it was idle", refusal: undefined },
  unread: { told: "dropped, it does not read", refusal: "drop" },
  memory: { told: "dropped, the port's connections hold too much and it held most", refusal: "drop" },
};
