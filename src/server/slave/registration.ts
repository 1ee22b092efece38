import { type ErrorCode, RingkvError } from "../../protocol/errors.js";
import { encodeFrame } from "../../protocol/framing.js";
import { LIMITS } from "../../protocol/limits.js";
import {
  type Heartbeat,
  type LogLevel,
  type RegisterRequest,
  decodeMessage,
  registerResponse,
} from "../../protocol/messages.js";
import { MASTER_URI } from "../../protocol/roles.js";
import type { Address, Connection, Transport } from "../../transport/transport.js";
import type { Log } from "../log.js";

export interface RegistrationOptions {
  readonly transport: Transport;
  readonly master: Address;
  readonly heartbeatIntervalMs: number;
  /** The registration as of now; asked for at every attempt. */
  readonly request: () => Omit<RegisterRequest, "type">;
  /** What each heartbeat tells. */
  readonly figures: () => Omit<Heartbeat, "type">;
  readonly log: Log;
  /** The master has taken the registration, for the first time or again. */
  readonly onRegistered: () => void;
  /** The master refuses this slave for good. */
  readonly onRefused: (error: RingkvError) => void;
}

const RETRY_MS_MIN = 50;
/** A slave finds a master that is back within this, without a slave no update is served; an attempt costs next to nothing. */
const RETRY_MS_MAX = 250;

/**
 * Keeps the slave registered: one connection to the master's registration port, with heartbeats and the slave's log lines,
 * opened anew for as long as the slave lives.
 */
export class Registration {
  readonly #options: RegistrationOptions;
  #connection: Connection | undefined;
  #registered = false;
  #wasRegistered = false;
  /** The newest one, so that the same attempt over and over does not fill the log. */
  #refusal: string | undefined;
  #retryMs = RETRY_MS_MIN;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: RegistrationOptions) {
    this.#options = options;
    void this.#connect();
  }

  /** A master takes this slave's log lines. */
  get isHeard(): boolean {
    return this.#registered && (this.#connection?.queuedBytes ?? Infinity) <= LIMITS.subscriberQueueBytesMax;
  }

  /** Ships a log line to the master's feed; dropped while there is no master or it does not read. */
  ship(level: LogLevel, text: string): void {
    if (!this.isHeard) return;
    const line = text.length > LIMITS.logLineCharsMax ? `${text.slice(0, LIMITS.logLineCharsMax - 1)}…` : text;
    this.#connection?.sendLineLater(encodeFrame({ type: "log", time: Date.now(), level, text: line }));
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#connection?.end();
  }

  async #connect(): Promise<void> {
    const { transport, master, request } = this.#options;
    try {
      const connection = await transport.connect(
        { ...master, frameBytesMax: LIMITS.linkFrameBytesMax, peerUri: MASTER_URI },
        {
          onFrames: (frames) => {
            for (const frame of frames) this.#receive(frame);
          },
          onClose: () => this.#lost(),
        },
      );
      this.#connection = connection;
      if (this.#stopped) connection.destroy();
      else connection.send({ type: "register", ...request() });
    } catch (error) {
      if (!(error instanceof RingkvError)) throw error;
      if (error.code !== "UNAUTHORIZED" || !this.#isRefused(error)) this.#retry();
    }
  }

  #receive(frame: string | RingkvError): void {
    try {
      if (typeof frame !== "string") throw frame;
      const response = decodeMessage(registerResponse, frame);
      if (response.code !== undefined) throw new RingkvError(response.code, response.message);
      this.#registered = true;
      this.#wasRegistered = true;
      this.#refusal = undefined;
      this.#retryMs = RETRY_MS_MIN;
      this.#beat();
      this.#options.onRegistered();
    } catch (error) {
      if (!(error instanceof RingkvError)) throw error;
      if (!this.#isRefused(error)) this.#connection?.destroy();
    }
  }

  /** The master refuses this slave, or this slave the master; true when another attempt cannot change that. */
  #isRefused(error: RingkvError): boolean {
    if (this.#stopped) return false;
    // A slave that was in the ring waits for certificates to be renewed, for its copies are still needed.
    const isFinal = error.code === "UNAUTHORIZED" ? !this.#wasRegistered : FINAL_CODES.has(error.code);
    if (isFinal) this.#options.onRefused(error);
    else if (error.message !== this.#refusal) this.#options.log("warn", `not registered: ${error.message}`);
    this.#refusal = error.message;
    return isFinal;
  }

  #beat(): void {
    this.#connection?.send({ type: "heartbeat", ...this.#options.figures() });
    this.#timer = setTimeout(() => this.#beat(), this.#options.heartbeatIntervalMs);
  }

  #lost(): void {
    if (this.#registered && !this.#stopped) this.#options.log("warn", "the master is gone; registering again");
    this.#registered = false;
    this.#connection = undefined;
    this.#retry();
  }

  #retry(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#connect(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
  }
}

/** Refusals that another attempt cannot change. */
const FINAL_CODES: ReadonlySet<ErrorCode> = new Set(["DUPLICATE_ID", "RING_FULL", "STORAGE"]);
