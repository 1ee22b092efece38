import { encodeFrame } from "../../src/protocol/framing.js";
import type { ErrorCode } from "../../src/protocol/errors.js";
import type { OpId } from "../../src/protocol/ids.js";
import type { Address, Connection } from "../../src/transport/transport.js";
import type { Del, Get, Operation, Put } from "../../src/testing/history.js";
import type { Request } from "./plan.js";
import type { Surroundings } from "./machine.js";
import { Life } from "./world.js";

const RECONNECT_MS = 30;
/** A client does not wait for ever: then the outcome is unknown to it. */
const PATIENCE_MS = 8_000;
const FRAME_BYTES_MAX = 2 ** 21;

/** A client of the client port: its requests go out one after the other, and all that comes of them goes into the history. */
export class Client {
  readonly name: string;
  readonly host: string;
  /** Where it connects to, the next time it does. */
  master: Address;
  readonly #around: Surroundings;
  readonly #life: Life;
  readonly #history: Operation[];
  #connection: Connection | undefined;
  #nextId = 0;
  readonly #waiting = new Map<number, Waiting>();
  #requests: readonly Request[] = [];
  #onDone: () => void = () => undefined;
  readonly #depositionOf: (master: string) => () => boolean;
  /** Reads at a master that a newer one had deposed before they were answered: those may be old, and no more is promised. */
  readonly readsAtDeposed: Get[] = [];

  /**
   * @param depositionOf called with the host of the master when a request is sent: what tells later on whether the life that it was sent to has
   *   been deposed meanwhile
   */
  constructor(
    name: string,
    master: Address,
    around: Surroundings,
    history: Operation[],
    depositionOf: (master: string) => () => boolean = () => () => false,
  ) {
    this.name = name;
    this.host = name;
    this.master = master;
    this.#around = around;
    this.#life = new Life(name);
    this.#history = history;
    this.#depositionOf = depositionOf;
  }

  /** Sends these requests in their order; `done` is called when the last one is over. */
  ask(requests: readonly Request[], done: () => void): void {
    this.#requests = requests;
    this.#onDone = done;
    this.#around.world.after(0, this.#life, () => this.#step(0));
  }

  /** Asks for nothing more; what is under way comes to its end. */
  stop(): void {
    this.#requests = [];
  }

  /** Drops its connection: an operator starts it anew, or it has waited long enough. */
  disconnect(): void {
    this.#connection?.destroy();
  }

  #step(index: number): void {
    const request = this.#requests[index];
    if (request === undefined) {
      this.#onDone();
      return;
    }
    const isPipelined = this.#requests[index + 1]?.wait === "at once";
    const next = () => {
      const wait = this.#requests[index + 1]?.wait ?? 0;
      this.#around.world.after(wait === "at once" ? 0 : wait, this.#life, () => this.#step(index + 1));
    };
    void this.#send(request, isPipelined ? () => undefined : next).then(isPipelined ? next : () => undefined);
  }

  /** Resolves when the request is on its way, or over already. */
  async #send(request: Request, over: () => void): Promise<void> {
    const { world, plan } = this.#around;
    const id = this.#nextId++;
    const { kind, key } = request;
    const value = kind === "put" ? `${this.name}.${id}`.padEnd(plan.valueChars, "·") : undefined;
    const connection = this.#connection ?? (await this.#connect());
    if (connection === undefined) {
      world.after(RECONNECT_MS, this.#life, over);
      return;
    }
    if (this.#waiting.size > 0) this.#around.observer.sometimes("requests of one client overlapped");
    this.#waiting.set(id, {
      kind,
      key,
      value,
      calledMs: world.nowMs,
      master: connection.peer.host,
      isDeposed: this.#depositionOf(connection.peer.host),
      over,
    });
    world.after(PATIENCE_MS, this.#life, () => {
      if (this.#waiting.has(id)) this.disconnect();
    });
    connection.sendLine(
      encodeFrame(
        kind === "get"
          ? { type: "getreq", id, key }
          : kind === "put"
            ? { type: "putreq", id, key, value }
            : { type: "delreq", id, key },
      ),
    );
  }

  async #connect(): Promise<Connection | undefined> {
    const { network } = this.#around;
    const opened: { connection?: Connection } = {};
    try {
      opened.connection = await network.transportOf(this.host, this.#life).connect(
        { ...this.master, frameBytesMax: FRAME_BYTES_MAX, timeoutMs: 500 },
        {
          onFrames: (frames) => {
            for (const frame of frames) if (typeof frame === "string") this.#answered(JSON.parse(frame) as Response);
          },
          onClose: () => {
            if (this.#connection === opened.connection) this.#connection = undefined;
            this.#lost();
          },
        },
      );
    } catch {
      return undefined;
    }
    this.#connection = opened.connection;
    return opened.connection;
  }

  #answered(response: Response): void {
    const waiting = this.#waiting.get(response.id);
    if (waiting === undefined) return;
    this.#waiting.delete(response.id);
    this.#around.observer.answered(waiting, response);
    this.#record(waiting, outcomeOf(waiting, response));
    waiting.over();
  }

  /** The connection is gone: what was under way may have happened or not. */
  #lost(): void {
    for (const [id, waiting] of [...this.#waiting]) {
      this.#waiting.delete(id);
      this.#record(waiting, { type: "unknown", code: "UNAVAILABLE" });
      waiting.over();
    }
  }

  #record(waiting: Waiting, outcome: Operation["outcome"]): void {
    const { kind, key, value, calledMs } = waiting;
    const returnedMs = this.#around.world.nowMs;
    const client = this.name;
    // Written out, because a spread with fields after it costs seventy times as much (V8).
    if (kind === "put") {
      const written = {
        client,
        key,
        calledMs,
        returnedMs,
        kind,
        value: value ?? "",
        outcome: outcome as Put["outcome"],
      };
      this.#history.push(written);
    } else if (kind === "del") {
      this.#history.push({ client, key, calledMs, returnedMs, kind, outcome: outcome as Del["outcome"] });
    } else if (outcome.type !== "unknown") {
      const get: Get = { client, key, calledMs, returnedMs, kind, outcome: outcome as Get["outcome"] };
      if (waiting.isDeposed()) {
        this.#around.observer.sometimes("read at a deposed master");
        this.readsAtDeposed.push(get);
      } else this.#history.push(get);
    }
  }
}

interface Waiting {
  readonly kind: Request["kind"];
  readonly key: string;
  readonly value: string | undefined;
  readonly calledMs: number;
  /** The host of the master that was asked. */
  readonly master: string;
  readonly isDeposed: () => boolean;
  readonly over: () => void;
}

/** An answer of the client port. */
export interface Response {
  readonly id: number;
  readonly code?: ErrorCode;
  readonly value?: string;
  readonly opId?: OpId;
  readonly message?: string;
}

/** Codes that leave it open whether an update takes effect; with every other one it certainly does not. */
const LEAVES_OPEN: ReadonlySet<ErrorCode> = new Set(["OUTCOME_UNKNOWN", "INTERNAL"]);

function outcomeOf({ kind }: Waiting, { code, value, opId }: Response): Operation["outcome"] {
  if (code === "KEY_NOT_FOUND" && kind !== "put") return { type: "not-found" };
  if (code !== undefined) return { type: LEAVES_OPEN.has(code) ? "unknown" : "failed", code };
  if (opId === undefined) throw new Error("an answer without a code has an opId");
  return kind === "get" ? { type: "found", value: value ?? "", version: opId } : { type: "done", version: opId };
}
