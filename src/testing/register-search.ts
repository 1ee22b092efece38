import {
  ABSENT,
  type Configuration,
  Configurations,
  type Effort,
  type Entry,
  START,
  excluding,
  including,
  isDispensable,
} from "./configurations.js";
import { RegisterCalls } from "./register-calls.js";

/** What a return has come to. */
export type Step =
  | { readonly type: "explained" }
  /** No configuration was left; the register had the state of one of these `writers` at most (-1: the start). */
  | { readonly type: "unexplained"; readonly writers: readonly number[] }
  | { readonly type: "exhausted" };

const EXPLAINED: Step = { type: "explained" };

/**
 * Follows the calls and returns of one key, in the order of time, with the set of all configurations that explain them.
 *
 * It is a Wing-Gong search (J. Wing and C. Gong, Testing and verifying concurrent objects, JPDC 17, 1993) in Lowe's form
 * (G. Lowe, Testing for linearizability, Concurrency and Computation 29(4), 2017): operations take effect "just in time",
 * when a return compels it, and equal configurations are followed once. A register allows more:
 *
 * - A read takes effect as soon as the state is right; that can never be wrong.
 * - An update other than the one that returns takes effect only where something sees it at once: a read that waits for its
 *   value, or a del that needs something to delete. (A del may also clear the way, unseen, before the next put.)
 * - A put that nobody sees has its place right before the next change. So when it returns and the state has changed since
 *   its call, nothing need be done. Therefore many concurrent puts cost little.
 * - A put is best done at once, before anything else changes, when all reads that will ever give its value wait already and
 *   no del can need it as what it deletes: those reads take effect with it, and nobody needs it any more.
 * - Updates of unknown outcome never return. What has spent fewer of them is better and makes the rest superfluous; those of
 *   equal value are spent in the order of their calls.
 */
export class RegisterSearch {
  readonly #entries: readonly Entry[];
  readonly #effort: Effort;
  readonly #effortMax: number;
  readonly #calls: RegisterCalls;
  #configurations: readonly Configuration[] = [START];

  /**
   * @param entries all operations of the key in the order of their calls
   * @param effort is counted up; past `effortMax` the search gives up
   */
  constructor(entries: readonly Entry[], effort: Effort, effortMax: number) {
    this.#entries = entries;
    this.#effort = effort;
    this.#effortMax = effortMax;
    this.#calls = new RegisterCalls(entries);
  }

  /** The next operation returns, in the order of returns; those that were called until then are called before. */
  return(entry: Entry): Step {
    this.#calls.callUntil(entry.operation.returnedMs);
    const { number, role } = entry;
    const isTold = ({ state, taken }: Configuration) => state === entry.state && !taken.includes(number);
    if (role === "read" && this.#configurations.every(isTold)) {
      this.#calls.return(entry);
      return EXPLAINED;
    }
    const closure = new Closure(this.#entries, this.#effort);
    for (const configuration of this.#configurations) {
      const { state, taken, changedAt } = configuration;
      if (taken.includes(number)) closure.end({ ...configuration, taken: excluding(taken, number) });
      else if (role === "read" && state === entry.state) closure.end(configuration);
      else {
        if (isDispensable(entry, changedAt)) closure.end(configuration);
        closure.visit(configuration);
      }
    }
    for (let next = closure.next(); next !== undefined; next = closure.next()) {
      if (this.#effort.spent > this.#effortMax) return { type: "exhausted" };
      this.#follow(next, entry, closure);
    }
    if (closure.ended.length === 0) {
      return { type: "unexplained", writers: [...closure.writers, ...this.#leftOver(number)] };
    }
    this.#configurations = closure.ended;
    this.#calls.return(entry);
    this.#forgetSpent();
    return EXPLAINED;
  }

  /** Goes every step that may come next, up to the one by which the returning operation takes effect. */
  #follow(configuration: Configuration, returning: Entry, closure: Closure): void {
    const { state } = configuration;
    const changedAt = this.#calls.count;
    const taken = this.#withReads(configuration);
    const isLeft = (entry: Entry) => entry !== returning && !taken.includes(entry.number);
    const reach = (state: number, writer: number, taken: readonly number[]) => {
      if (returning.role === "read" && state === returning.state) closure.end({ state, writer, taken, changedAt });
      else closure.visit({ state, writer, taken, changedAt });
    };

    const wanted = this.#wantedStates(taken);
    for (const state of wanted) {
      const put = this.#bestNow(state, returning, isLeft);
      if (put === undefined) continue;
      reach(state, put.number, including(taken, put.number));
      return;
    }
    if (returning.role === "put" || (returning.role === "del" && state !== ABSENT)) {
      closure.end({ state: returning.state, writer: returning.number, taken, changedAt });
    }
    for (const next of wanted) {
      for (const { number } of this.#calls.sourcesOf(next, isLeft)) reach(next, number, including(taken, number));
    }
    if (this.#calls.dels.length === 0) return;
    if (state !== ABSENT) {
      for (const del of this.#calls.dels) if (isLeft(del)) reach(ABSENT, del.number, including(taken, del.number));
      return;
    }
    for (const put of this.#calls.putsToDelete(isLeft)) {
      const withPut = including(taken, put.number);
      for (const del of this.#calls.dels) {
        if (del === returning) closure.end({ state: ABSENT, writer: del.number, taken: withPut, changedAt });
        else if (isLeft(del)) reach(ABSENT, del.number, including(withPut, del.number));
      }
    }
  }

  /** What has taken effect once the state changes: the pending reads of it, too. */
  #withReads({ state, taken }: Configuration): readonly number[] {
    let all = taken;
    for (const read of this.#calls.reads) {
      if (read.state === state && !all.includes(read.number)) all = including(all, read.number);
    }
    return all;
  }

  /** The states that pending reads still need. */
  #wantedStates(taken: readonly number[]): readonly number[] {
    const states: number[] = [];
    for (const { state, number } of this.#calls.reads) {
      if (!states.includes(state) && !taken.includes(number)) states.push(state);
    }
    return states;
  }

  /** A put that leaves this state and is best done now: all reads of the state wait, and no del can need the put. */
  #bestNow(state: number, returning: Entry, isLeft: (entry: Entry) => boolean): Entry | undefined {
    if (state === ABSENT || this.#calls.isToBeRead(state)) return undefined;
    if (returning.role === "del" || this.#calls.dels.some(isLeft)) return undefined;
    return this.#calls.sourcesOf(state, isLeft).find((put) => !this.#calls.isToBeDeleted(put));
  }

  /** The updates but one that may still take effect in some configuration. */
  #leftOver(except: number): readonly number[] {
    const isLeft = (number: number) => this.#configurations.some(({ taken }) => !taken.includes(number));
    return this.#calls.updates.map(({ number }) => number).filter((number) => number !== except && isLeft(number));
  }

  /** What every configuration has spent tells them apart no longer. */
  #forgetSpent(): void {
    const [first, ...others] = this.#configurations;
    if (first === undefined || first.taken.length === 0) return;
    const spent = first.taken.filter((number) => {
      return this.#entries[number]?.isOptional && others.every(({ taken }) => taken.includes(number));
    });
    if (spent.length === 0) return;
    this.#configurations = this.#configurations.map((configuration) => {
      return { ...configuration, taken: configuration.taken.filter((number) => !spent.includes(number)) };
    });
    this.#calls.withdraw(spent);
  }
}

/** The configurations of one return: those still to be followed, and those in which the operation has taken effect. */
class Closure {
  readonly #visited: Configurations;
  readonly #ended: Configurations;
  readonly #open: Configuration[] = [];

  constructor(entries: readonly Entry[], effort: Effort) {
    this.#visited = new Configurations(entries, effort);
    this.#ended = new Configurations(entries, effort);
  }

  get ended(): readonly Configuration[] {
    return this.#ended.all;
  }

  get writers(): readonly number[] {
    return this.#visited.all.map(({ writer }) => writer);
  }

  visit(configuration: Configuration): void {
    if (this.#visited.add(configuration)) this.#open.push(configuration);
  }

  end(configuration: Configuration): void {
    this.#ended.add(configuration);
  }

  next(): Configuration | undefined {
    return this.#open.pop();
  }
}
