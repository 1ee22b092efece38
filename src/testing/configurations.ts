import type { Operation } from "./history.js";

/** States of the register are small numbers: these two, and one for each value that some read gives. */
export const ABSENT = 0;
/** Any value that no read of the history gives: whichever it is, nobody can tell. */
export const UNREAD = 1;

/** An operation as the search sees it. */
export interface Entry {
  /** Its place in the order of calls. */
  readonly number: number;
  readonly operation: Operation;
  /** What it does to the register. A del that is answered "not found" reads. */
  readonly role: "read" | "put" | "del";
  /** What a read tells or an update leaves behind. */
  readonly state: number;
  /** The outcome is unknown: it never returns, and need not take effect. */
  readonly isOptional: boolean;
}

/** One way in which the operations so far may have taken effect. */
export interface Configuration {
  /** What the register holds. */
  readonly state: number;
  /** The number of the update that left this state; -1 at the start. */
  readonly writer: number;
  /**
   * The numbers, ascending, of operations that have taken effect although they have not returned. Pending reads of the present
   * state are left out until it changes: they may take effect now in any case.
   */
  readonly taken: readonly number[];
  /** So many operations had been called when the state last changed. */
  readonly changedAt: number;
}

export const START: Configuration = { state: ABSENT, writer: -1, taken: [], changedAt: 0 };

/** Counts how much work a search has done. */
export interface Effort {
  spent: number;
}

/** Configurations without those that another one makes superfluous. */
export class Configurations {
  readonly #entries: readonly Entry[];
  readonly #effort: Effort;
  #all: Configuration[] = [];

  constructor(entries: readonly Entry[], effort: Effort) {
    this.#entries = entries;
    this.#effort = effort;
  }

  get all(): readonly Configuration[] {
    return this.#all;
  }

  /** Adds it and gives true, unless one that is here already is as good. */
  add(configuration: Configuration): boolean {
    const { state } = configuration;
    let hasWorse = false;
    for (const other of this.#all) {
      if (other.state !== state) continue;
      this.#effort.spent += 1;
      if (isAsGood(other, configuration, this.#entries)) return false;
      hasWorse ||= isAsGood(configuration, other, this.#entries);
    }
    if (hasWorse) this.#all = this.#all.filter((other) => !isAsGood(configuration, other, this.#entries));
    this.#all.push(configuration);
    this.#effort.spent += 1;
    return true;
  }
}

/**
 * Whether a put that has not taken effect may be left out: its outcome is unknown, or the state has changed since its call,
 * so that it may have come right before that change, seen by nobody.
 */
export function isDispensable({ number, role, isOptional }: Entry, changedAt: number): boolean {
  return isOptional || (role === "put" && number < changedAt);
}

/**
 * Whether whatever can follow `worse` can follow `better` too: the state is the same, what `better` has not spent yet it need
 * not spend, and what it has taken beyond `worse` are answered reads.
 */
function isAsGood(better: Configuration, worse: Configuration, entries: readonly Entry[]): boolean {
  if (better.state !== worse.state || better.changedAt < worse.changedAt) return false;
  const left = better.taken;
  const right = worse.taken;
  let at = 0;
  for (const number of right) {
    for (; at < left.length && (left[at] ?? 0) < number; at++) {
      if (entries[left[at] ?? 0]?.role !== "read") return false;
    }
    if (at < left.length && left[at] === number) at++;
    else {
      const entry = entries[number];
      if (entry === undefined) return false;
      const isRead = entry.role === "read" && entry.state === better.state;
      if (!isRead && !isDispensable(entry, better.changedAt)) return false;
    }
  }
  for (; at < left.length; at++) if (entries[left[at] ?? 0]?.role !== "read") return false;
  return true;
}

/** The numbers with one more, ascending. */
export function including(numbers: readonly number[], added: number): readonly number[] {
  const larger = numbers.findIndex((number) => number > added);
  return larger === -1 ? [...numbers, added] : numbers.toSpliced(larger, 0, added);
}

/** The numbers without one of them. */
export function excluding(numbers: readonly number[], removed: number): readonly number[] {
  return numbers.filter((number) => number !== removed);
}
