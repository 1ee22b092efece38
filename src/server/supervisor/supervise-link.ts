import { z } from "zod";
import { RingkvError } from "../../protocol/errors.js";
import type { SlaveId } from "../../protocol/ids.js";
import { LIMITS } from "../../protocol/limits.js";
import {
  type FailpointCommand,
  type ProcessCommand,
  type ProcessVerb,
  decodeMessage,
  failpointCommand,
  processCommand,
  statusPortResponse,
} from "../../protocol/messages.js";
import type { Address, Connection, Transport } from "../../transport/transport.js";
import { Backoff } from "./backoff.js";

export interface SuperviseLinkOptions {
  readonly transport: Transport;
  /** The master's status port as it is now; undefined while the master is down. */
  readonly address: () => Address | undefined;
  readonly slaves: readonly SlaveId[];
  /** Carries out a command and resolves, once it has happened, with what to tell. */
  readonly control: (verb: ProcessVerb, slave: SlaveId, point: string | undefined) => Promise<string>;
  /** Has the next master die at this point. @returns what to tell */
  readonly armMaster: (point: string) => string;
  /** The master refused us, or makes no sense. */
  readonly onTrouble: (message: string) => void;
}

/** How often it is looked whether the master is back, in ms: a look costs nothing, and until then no process is controlled. */
const LOOK_MS = 25;

const fromMaster = z.union([processCommand, failpointCommand, statusPortResponse]);

/**
 * The supervisor's connection to the master's status port: says which slaves it keeps, takes process commands, answers
 * each once it has happened. A lost connection is made again for as long as the link is open.
 */
export class SuperviseLink {
  readonly #options: SuperviseLinkOptions;
  readonly #backoff = new Backoff(25, 1_000);
  #connection: Connection | undefined;
  #retry: NodeJS.Timeout | undefined;
  #open = true;

  constructor(options: SuperviseLinkOptions) {
    this.#options = options;
    void this.#connect();
  }

  close(): void {
    this.#open = false;
    clearTimeout(this.#retry);
    this.#connection?.end();
  }

  async #connect(): Promise<void> {
    const address = this.#options.address();
    if (address === undefined) {
      this.#connectLater(LOOK_MS);
      return;
    }
    try {
      const connection = await this.#options.transport.connect(
        { ...address, frameBytesMax: LIMITS.frameBytesMax },
        {
          onFrames: (frames) => {
            for (const frame of frames) this.#take(frame);
          },
          onClose: () => {
            this.#connection = undefined;
            this.#connectLater();
          },
        },
      );
      this.#connection = connection;
      this.#backoff.reset();
      if (!this.#open) connection.end();
      connection.send({ type: "supervise", slaves: this.#options.slaves });
    } catch {
      this.#connectLater();
    }
  }

  #connectLater(delayMs = this.#backoff.next()): void {
    if (this.#open) this.#retry = setTimeout(() => void this.#connect(), delayMs);
  }

  #take(frame: string | RingkvError): void {
    try {
      if (typeof frame !== "string") throw frame;
      const message = decodeMessage(fromMaster, frame);
      if (message.type !== "resp") void this.#carryOut(message);
      else if (message.code !== undefined) this.#options.onTrouble(message.message ?? message.code);
    } catch (error) {
      if (!(error instanceof RingkvError)) throw error;
      this.#options.onTrouble(`it sent what is no command: ${error.message}`);
    }
  }

  async #carryOut(command: ProcessCommand | FailpointCommand): Promise<void> {
    const connection = this.#connection;
    const { id } = command;
    try {
      const { control, armMaster } = this.#options;
      const message =
        command.type === "failpoint"
          ? armMaster(command.point)
          : await control(command.type, command.slaveId, command.point);
      connection?.send({ type: "resp", id, message });
    } catch (error) {
      const { code, message } = error instanceof RingkvError ? error : new RingkvError("INTERNAL");
      connection?.send({ type: "resp", id, code, message });
    }
  }
}
