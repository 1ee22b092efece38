import { ERRORS, RingkvError } from "../../protocol/errors.js";
import { LIMITS } from "../../protocol/limits.js";
import { InvalidMessage, type RequestId, authRequest, decodeMessage } from "../../protocol/messages.js";
import { type Role, URIS_FOR } from "../../protocol/roles.js";
import { describeIdentity, isAnyOf } from "../../transport/peer-identity.js";
import type { Connection, ConnectionHandlers } from "../../transport/transport.js";
import type { Refusals } from "./refusals.js";
import type { Token } from "./token.js";
import { turnAway } from "./turn-away.js";

export interface PortGuardOptions {
  /** For people: `client port`. */
  readonly name: string;
  /** What one must be to come in. */
  readonly role: Role;
  /** The tokens that let in. */
  readonly tokens: readonly Token[];
  /** Without certificates nobody is asked for a token. */
  readonly isOpen: boolean;
  readonly refusals: Refusals;
}

/**
 * Stands before a port of the master and decides who is served.
 *
 * A certificate for the port's role lets in, and so does a token, shown with `auth` as the first message. Where neither a token
 * is set nor the transport has certificates, everybody comes in. Until a peer is in, nothing that it sends reaches the port.
 */
export class PortGuard {
  readonly #options: PortGuardOptions;

  constructor(options: PortGuardOptions) {
    this.#options = options;
  }

  /** @param serve gives the port's handlers; called when the peer is in */
  admit(connection: Connection, serve: () => ConnectionHandlers): ConnectionHandlers {
    const { role, tokens, refusals, name } = this.#options;
    const { identity } = connection;
    const isOpen = identity === undefined && this.#options.isOpen;
    if (isOpen || isAnyOf(identity, URIS_FOR[role])) return new Visit(connection, serve, undefined).handlers;
    if (tokens.length > 0) return new Visit(connection, serve, this.#options).handlers;
    refusals.tell(connection, name, "its certificate is none for this port");
    return turnAway(connection, answerOf(undefined, demandOf(this.#options, connection)));
  }
}

/** One connection, from its first message to the port's own handlers. */
class Visit {
  readonly handlers: ConnectionHandlers;
  readonly #connection: Connection;
  readonly #serve: () => ConnectionHandlers;
  /** What must be shown first; undefined for a peer that is in. */
  readonly #demand: PortGuardOptions | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #port: ConnectionHandlers | undefined;
  /** The first message has come: from now on all is the port's. */
  #hasBegun = false;
  #isTurnedAway = false;

  constructor(connection: Connection, serve: () => ConnectionHandlers, demand: PortGuardOptions | undefined) {
    this.#connection = connection;
    this.#serve = serve;
    this.#demand = demand;
    if (demand === undefined) this.#port = serve();
    else this.#timer = setTimeout(() => this.#late(demand), LIMITS.introductionWithinMs);
    this.handlers = {
      onFrames: (frames) => {
        if (this.#hasBegun) this.#port?.onFrames(frames);
        else this.#begin(frames);
      },
      onDrain: () => this.#port?.onDrain?.(),
      onEnd: () => {
        if (this.#port?.onEnd === undefined) connection.end();
        else this.#port.onEnd();
      },
      onClose: (error) => {
        clearTimeout(this.#timer);
        this.#port?.onClose(error);
      },
    };
  }

  #begin(frames: readonly (string | RingkvError)[]): void {
    for (const [index, frame] of frames.entries()) {
      const isTaken = this.#demand === undefined ? this.#welcome(frame) : this.#challenge(this.#demand, frame);
      if (this.#isTurnedAway) return;
      if (!this.#hasBegun) continue;
      const rest = frames.slice(isTaken ? index + 1 : index);
      if (rest.length > 0) this.#port?.onFrames(rest);
      return;
    }
  }

  /** The first message of a peer that is in; true when it was an `auth`, and is answered. */
  #welcome(frame: string | RingkvError): boolean {
    this.#hasBegun = true;
    const message = readAuth(frame);
    if (message instanceof RingkvError) return false;
    this.#connection.send({ type: "resp", ...idOf(message.id), message: WELCOME });
    return true;
  }

  /** A message of a peer that is not in yet. */
  #challenge(demand: PortGuardOptions, frame: string | RingkvError): true {
    const message = readAuth(frame);
    if (message instanceof RingkvError) {
      this.#connection.send(
        answerOf(message instanceof InvalidMessage ? message.requestId : undefined, demandOf(demand, this.#connection)),
      );
      if (this.#connection.queuedBytes > LIMITS.subscriberQueueBytesMax) this.#connection.destroy();
    } else if (message.token !== undefined && demand.tokens.some((token) => token.isMatchedBy(message.token ?? ""))) {
      clearTimeout(this.#timer);
      this.#hasBegun = true;
      this.#connection.send({ type: "resp", ...idOf(message.id), message: WELCOME });
      this.#port = this.#serve();
    } else {
      const isWrong = message.token !== undefined;
      const error = isWrong
        ? new RingkvError("UNAUTHORIZED", `This token does not open the ${demand.name}.`)
        : demandOf(demand, this.#connection);
      demand.refusals.tell(this.#connection, demand.name, isWrong ? "wrong token" : "no token");
      this.#leave(answerOf(message.id, error));
    }
    return true;
  }

  #late(demand: PortGuardOptions): void {
    demand.refusals.tell(this.#connection, demand.name, `no token in ${LIMITS.introductionWithinMs / 1_000} s`);
    this.#leave(answerOf(undefined, demandOf(demand, this.#connection)));
  }

  #leave(answer: object): void {
    this.#isTurnedAway = true;
    clearTimeout(this.#timer);
    this.#port = turnAway(this.#connection, answer);
    this.#hasBegun = true;
  }
}

const WELCOME = "Welcome";

/** The `auth` in a line, or why it is none. */
function readAuth(frame: string | RingkvError) {
  if (typeof frame !== "string") return frame;
  try {
    return decodeMessage(authRequest, frame);
  } catch (error) {
    if (error instanceof RingkvError) return error;
    throw error;
  }
}

/** What a peer has to show, as the error that refuses it. */
function demandOf({ name, role, tokens }: PortGuardOptions, { identity }: Connection): RingkvError {
  const certificate = identity && `a certificate for ${URIS_FOR[role].join(" or ")}`;
  const token = tokens.length > 0 ? "a token, as the first message (`auth`)" : undefined;
  const wanted = [certificate, token].filter((what) => what !== undefined).join(", or ");
  const shown = identity === undefined ? "" : ` You have shown ${describeIdentity(identity)}.`;
  return new RingkvError("UNAUTHORIZED", `The ${name} takes ${wanted}.${shown}`);
}

function answerOf(id: RequestId | undefined, { code, message }: RingkvError): object {
  return { type: "resp", ...idOf(id), code, message, retriable: ERRORS[code].retriable };
}

function idOf(id: RequestId | undefined) {
  return id === undefined ? {} : { id };
}
