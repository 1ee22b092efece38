import { RingkvError } from "../../../protocol/errors.js";

/**
 * One life of a daemon that shares its process with others, from its start to its end. All that the daemon's code has of the
 * outside, it has through this: when the life is over nothing that the code still does has an effect, and nothing reaches it.
 * While it is paused both waits, in order, as around a process that stands still.
 */
export class Life {
  #state: "running" | "paused" | "over" = "running";
  #held: (() => void)[] = [];
  readonly #bonds = new Set<Bond>();
  #onFree: () => void = () => undefined;

  get isOver(): boolean {
    return this.#state === "over";
  }

  get isPaused(): boolean {
    return this.#state === "paused";
  }

  /** Does it now; after what is held, when it is resumed; or never. */
  do(action: () => void): void {
    if (this.#state === "running") action();
    else if (this.#state === "paused") this.#held.push(action);
  }

  /** Resolves when the life goes on, if it does. @throws RingkvError UNAVAILABLE when it is over */
  async running(): Promise<void> {
    this.expect();
    if (this.isPaused) await new Promise<void>((resolve) => this.do(resolve));
    this.expect();
  }

  /** @throws RingkvError UNAVAILABLE when it is over */
  expect(): void {
    if (this.isOver) throw new RingkvError("UNAVAILABLE", "The process has ended.");
  }

  /** Something of the outside that shares this life, until it is unbound: after its end, when nothing of it is left. */
  bind(bond: Bond): void {
    this.#bonds.add(bond);
  }

  unbind(bond: Bond): void {
    this.#bonds.delete(bond);
    if (this.#bonds.size === 0) this.#onFree();
  }

  /** Resolves when nothing is bound to it. */
  async free(): Promise<void> {
    if (this.#bonds.size > 0) await new Promise<void>((resolve) => (this.#onFree = resolve));
  }

  pause(): void {
    if (this.#state !== "running") return;
    this.#state = "paused";
    for (const bond of this.#bonds) bond.paused?.();
  }

  resume(): void {
    if (this.#state !== "paused") return;
    this.#state = "running";
    for (const action of this.#held.splice(0)) this.do(action);
    for (const bond of this.#bonds) bond.resumed?.();
  }

  end(): void {
    if (this.isOver) return;
    this.#state = "over";
    this.#held = [];
    for (const bond of [...this.#bonds]) bond.ended();
  }
}

/** What a life's end, and its pauses, mean for something of the outside. */
export interface Bond {
  paused?(): void;
  resumed?(): void;
  ended(): void;
}
