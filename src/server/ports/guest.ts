import type { RingkvError } from "../../protocol/errors.js";
import { ERRORS } from "../../protocol/errors.js";
import { LIMITS } from "../../protocol/limits.js";
import type { Connection, ConnectionHandlers } from "../../transport/transport.js";
import type { Departure, PortLimits } from "./port-options.js";

/** What a port's guest is told about. */
export interface GuestHost {
  readonly limits: PortLimits;
  /** It belongs here: it is not sent away for others. */
  onKept(guest: Guest): void;
  /** It sends too much, and is read on in the next second. */
  onFlood(guest: Guest): void;
  /** A line of it was too long, and was refused. */
  onTooLong(): void;
  /** When the port looked, it was not read: as much of it was under way, or not taken, as may be. */
  onPaused(): void;
  onClose(guest: Guest): void;
}

/**
 * One connection of a port, and its deadlines.
 *
 * They are judged once a second, for all guests in turn, and count seconds in which we looked: so a connection costs no timer, a
 * frame costs an addition, and time in which the process stood still is held against nobody.
 */
export class Guest {
  readonly connection: Connection;
  readonly handlers: ConnectionHandlers;
  readonly #host: GuestHost;
  #port: ConnectionHandlers | undefined;
  #hasEntered = false;
  #isKept = false;
  /** It was sent away: nothing more is heard from it. */
  #isLeaving = false;
  /** It has said all. */
  #hasEnded = false;
  #isFlooding = false;
  #frames = 0;
  /** As of the last second. */
  #seen = { frames: 0, takenBytes: 0 };
  /** Seconds since it came, since a line was begun, of silence, without taking anything, of leaving. */
  readonly #seconds = { here: 0, line: 0, silent: 0, unread: 0, leaving: 0 };

  constructor(connection: Connection, host: GuestHost) {
    this.connection = connection;
    this.#host = host;
    this.handlers = {
      onFrames: (frames) => this.#take(frames),
      onDrain: () => this.#port?.onDrain?.(),
      onEnd: () => {
        if (!this.#isLeaving) this.#end();
      },
      onClose: (error) => {
        host.onClose(this);
        this.#port?.onClose(error);
      },
    };
  }

  /** Who takes what it sends; without it, it is only sent away. */
  serve(port: ConnectionHandlers): void {
    this.#port = port;
  }

  /** It has shown that it is one of those whom the port is for. */
  enter(): void {
    this.#hasEntered = true;
    this.#keepIfHeard();
  }

  /** Bytes that we hold for it. */
  get heldBytes(): number {
    return this.connection.queuedBytes + this.connection.progress.lineBytes;
  }

  /**
   * Sends it away: what is under way is answered first, then it is told why, then its connection ends.
   * @param why left out: it is told nothing
   */
  leave(why: RingkvError | undefined): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    if (why !== undefined) {
      // As a line of its own that was refused: so it takes its place among the answers.
      if (this.#port === undefined) this.connection.send(refusalOf(why));
      else this.#port.onFrames([why]);
    }
    if (!this.#hasEnded) this.#end();
  }

  /** A second has passed: why it has to go now, or undefined. */
  judge(): Departure | "late" | undefined {
    const { introductionWithinMs = Infinity, idleMs = Infinity, unreadMs } = this.#host.limits;
    this.#count();
    const { here, line, silent, unread, leaving } = this.#seconds;
    if (leaving * 1_000 > LIMITS.leaveWithinMs) return "late";
    if (unread * 1_000 > unreadMs) return "unread";
    if (this.#isLeaving || this.#hasEnded) return undefined;
    if (line * 1_000 > LIMITS.lineWithinMs) return "line";
    if (!this.#hasEntered && here * 1_000 > introductionWithinMs) return "introduction";
    if (silent * 1_000 > idleMs) return "idle";
    return undefined;
  }

  #count(): void {
    const { takenBytes, isMidLine, isPaused } = this.connection.progress;
    const seconds = this.#seconds;
    const isHeard = this.#frames !== this.#seen.frames;
    const hasTaken = takenBytes !== this.#seen.takenBytes;
    this.#seen = { frames: this.#frames, takenBytes };
    seconds.here += 1;
    // What we do not read is no fault of the peer's.
    seconds.line = isMidLine && !isHeard && !isPaused ? seconds.line + 1 : 0;
    seconds.silent = isHeard || hasTaken || isPaused ? 0 : seconds.silent + 1;
    seconds.unread = this.connection.queuedBytes > 0 && !hasTaken ? seconds.unread + 1 : 0;
    seconds.leaving = this.#isLeaving ? seconds.leaving + 1 : 0;
    if (isPaused && !this.#isFlooding) this.#host.onPaused();
    if (!this.#isFlooding) return;
    this.#isFlooding = false;
    this.connection.resume();
  }

  #take(frames: readonly (string | RingkvError)[]): void {
    if (this.#isLeaving) return;
    this.#frames += frames.length;
    if (!this.#isKept) this.#keepIfHeard();
    for (const frame of frames) {
      if (typeof frame !== "string" && frame.code === "FRAME_TOO_LARGE") this.#host.onTooLong();
    }
    this.#port?.onFrames(frames);
    const { messagesPerSecondMax = Infinity } = this.#host.limits;
    if (this.#frames - this.#seen.frames <= messagesPerSecondMax || this.#isFlooding) return;
    this.#isFlooding = true;
    this.connection.pause();
    this.#host.onFlood(this);
  }

  #keepIfHeard(): void {
    if (this.#isKept || !this.#hasEntered || this.#frames === 0) return;
    this.#isKept = true;
    this.#host.onKept(this);
  }

  #end(): void {
    this.#hasEnded = true;
    if (this.#port?.onEnd === undefined) this.connection.end();
    else this.#port.onEnd();
  }
}

function refusalOf({ code, message }: RingkvError): object {
  return { type: "resp", code, message, retriable: ERRORS[code].retriable };
}
