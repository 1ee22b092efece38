import type { Epoch, SlaveId } from "../../protocol/ids.js";
import { encodeToSlave } from "../../protocol/hot-encoding.js";
import { scanFromSlave } from "../../protocol/hot-lines.js";
import { LIMITS } from "../../protocol/limits.js";
import {
  type FromSlave,
  type ToSlave,
  type Unresolved,
  type Welcome,
  decodeMessage,
  fromSlave,
} from "../../protocol/messages.js";
import { RingkvError } from "../../protocol/errors.js";
import { slaveUri } from "../../protocol/roles.js";
import type { Address, Connection, Transport } from "../../transport/transport.js";
import { type MasterFailpoints, masterSend } from "../failpoints.js";
import type { LinkFaults } from "./link-faults.js";
import type { LinkGate } from "./link-gate.js";

/** What a link is opened with. */
export interface SlaveLinkOptions {
  readonly transport: Transport;
  readonly address: Address;
  readonly epoch: Epoch;
  readonly masterId: string;
  readonly slaveId: SlaveId;
  /** The store that this slave must have; another one behind the same ID is refused. */
  readonly storeId: string;
  readonly failpoints: MasterFailpoints;
  readonly faults: Pick<LinkFaults, "gateFor" | "remove">;
}

/** A linked slave's everyday messages: votes, acks and answers. */
export type LinkMessage = Exclude<FromSlave, { type: "welcome" | "unresolved" | "refused" }>;

export interface SlaveLinkHandlers {
  /** The slave's report is whole; until it is linked nothing is sent to it. */
  onReport(link: SlaveLink, report: readonly Unresolved[], welcome: Welcome): void;
  onMessage(message: LinkMessage): void;
  /** The slave obeys a newer master, or another one of the same epoch: this one must stop. */
  onFenced(epochSeen: Epoch): void;
  /** The link is gone; called once, and nothing is called after it. */
  onClose(reason: string): void;
}

/** Messages that may wait a moment for company: the client has been told, and the order of the link keeps reads behind. */
const NO_ONE_WAITS: ReadonlySet<ToSlave["type"]> = new Set(["commit", "forget"]);

/**
 * The master's one connection to a slave's port, from hello to report to everyday. It lives for one generation: a slave that
 * comes back gets a new one, and nothing of the old one is heard any more.
 */
export class SlaveLink {
  readonly #options: SlaveLinkOptions;
  readonly #handlers: SlaveLinkHandlers;
  readonly #gate: LinkGate;
  #connection: Connection | undefined;
  #report: Unresolved[] | undefined = [];
  #closed = false;

  private constructor(options: SlaveLinkOptions, handlers: SlaveLinkHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#gate = options.faults.gateFor(options.slaveId, {
      write: (message, isLost) => this.#write(message, isLost),
      hear: (message) => this.#hear(message),
      cut: (reason) => this.#cut(reason),
    });
  }

  /** @throws RingkvError UNAVAILABLE when the slave's port cannot be reached */
  static async open(options: SlaveLinkOptions, handlers: SlaveLinkHandlers): Promise<SlaveLink> {
    const link = new SlaveLink(options, handlers);
    try {
      link.#connection = await options.transport.connect(
        { ...options.address, frameBytesMax: LIMITS.linkFrameBytesMax, peerUri: slaveUri(options.slaveId) },
        {
          onFrames: (frames) => {
            for (const frame of frames) if (!link.#closed) link.#receive(frame);
          },
          onClose: (error) => {
            link.#close(error?.message ?? "connection closed");
            options.faults.remove(link.#gate);
          },
        },
      );
    } catch (error) {
      options.faults.remove(link.#gate);
      throw error;
    }
    const { epoch, masterId, slaveId } = options;
    link.send({ type: "hello", epoch, masterId, slaveId });
    return link;
  }

  /** Bytes sent that the slave has not taken. */
  get queuedBytes(): number {
    return this.#connection?.queuedBytes ?? 0;
  }

  send(message: ToSlave): void {
    this.#gate.send(message);
  }

  /** Drops the connection; nothing more is heard from it. On a silent wire the slave learns of it when the silence ends. */
  close(reason: string): void {
    this.#close(reason);
    if (!this.#gate.isSilent) this.#connection?.destroy();
  }

  #cut(reason: string): void {
    this.#close(reason);
    this.#connection?.destroy();
  }

  #write(message: ToSlave, isLost: boolean): void {
    this.#options.failpoints.armed?.before(masterSend(message));
    if (!isLost) {
      if (NO_ONE_WAITS.has(message.type)) this.#connection?.sendLineLater(encodeToSlave(message));
      else this.#connection?.sendLine(encodeToSlave(message));
    }
    this.#options.failpoints.armed?.after(masterSend(message), this.#connection);
  }

  #receive(frame: string | RingkvError): void {
    try {
      if (typeof frame !== "string") throw frame;
      this.#gate.receive(scanFromSlave(frame) ?? decodeMessage(fromSlave, frame));
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** A message has come through the gate: at once, or later. */
  #hear(message: FromSlave): void {
    if (this.#closed) return;
    try {
      this.#handle(message);
    } catch (error) {
      this.#refuse(error);
    }
  }

  #refuse(error: unknown): void {
    if (!(error instanceof RingkvError)) throw error;
    this.close(`it sent what no slave sends: ${error.message}`);
  }

  #handle(message: FromSlave): void {
    switch (message.type) {
      case "unresolved":
        if (this.#report === undefined) this.close("it reported twice");
        else this.#report.push(message);
        return;
      case "welcome":
        this.#welcomed(message);
        return;
      case "refused":
        this.close(`it refused: ${message.message}`);
        if (message.code === "STALE_EPOCH") this.#handlers.onFenced(message.epochSeen);
        return;
      default:
        if (this.#report === undefined) this.#handlers.onMessage(message);
        else this.close("it spoke before its report");
    }
  }

  #welcomed(message: Welcome): void {
    const { slaveId, storeId } = this.#options;
    const report = this.#report;
    this.#report = undefined;
    if (report === undefined) this.close("it welcomed twice");
    else if (message.slaveId !== slaveId || message.storeId !== storeId)
      this.close("another slave answers on its port");
    else this.#handlers.onReport(this, report, message);
  }

  #close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#gate.close();
    this.#handlers.onClose(reason);
  }
}
