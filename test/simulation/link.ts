import { LineDecoder, encodeFrame } from "../../src/protocol/framing.js";
import type { Random } from "../random.js";
import type { EventQueue } from "./event-queue.js";

/**
 * One connection between two processes: first in first out in each direction, through the real framing, delayed at random.
 * A break is noticed by the two sides at different times; what was on its way may or may not have arrived before.
 */
export class Link {
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #ends: readonly [LinkEnd, LinkEnd];
  readonly #lastArrivalMs: [number, number] = [0, 0];
  readonly #decoders: readonly [LineDecoder, LineDecoder] = [new LineDecoder(2 ** 21), new LineDecoder(2 ** 21)];
  readonly #isClosed: [boolean, boolean] = [false, false];
  readonly #encoder = new TextEncoder();
  #isBroken = false;

  /** Sides 0 and 1. */
  constructor(queue: EventQueue, random: Random, ends: readonly [LinkEnd, LinkEnd]) {
    this.#queue = queue;
    this.#random = random;
    this.#ends = ends;
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Sends a message from one side to the other; into the void when the link is broken. */
  send(from: 0 | 1, message: object): void {
    if (this.#isBroken || this.#isClosed[from]) return;
    const to = from === 0 ? 1 : 0;
    const bytes = this.#encoder.encode(encodeFrame(message));
    const arrivalMs = Math.max(this.#lastArrivalMs[to], this.#queue.nowMs + this.#delayMs());
    this.#lastArrivalMs[to] = arrivalMs;
    this.#queue.after(arrivalMs - this.#queue.nowMs, () => {
      if (this.#isBroken || this.#isClosed[to]) return;
      for (const frame of this.#decoders[to].push(bytes)) {
        if (typeof frame !== "string") throw frame;
        this.#ends[to].receive(frame);
      }
    });
  }

  /** Nothing arrives any more; each side notices within `noticeMs`. */
  break(noticeMs: number): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    for (const side of [0, 1] as const) {
      this.#queue.after(this.#random.next() * noticeMs, () => this.#close(side));
    }
  }

  /** One side drops the link: it hears nothing any more, and the other notices a little later. */
  drop(side: 0 | 1): void {
    this.#isClosed[side] = true;
    this.break(5);
  }

  #close(side: 0 | 1): void {
    if (this.#isClosed[side]) return;
    this.#isClosed[side] = true;
    this.#ends[side].closed();
  }

  /** Mostly quick, now and then slow, so that all kinds of overtaking between links occur. */
  #delayMs(): number {
    return this.#random.next() < 0.05 ? this.#random.next() * 60 : 0.05 + this.#random.next() * 2;
  }
}

/** What one side does with what arrives. */
export interface LinkEnd {
  receive(line: string): void;
  /** The link is gone; not called after this side has dropped it. */
  closed(): void;
}
