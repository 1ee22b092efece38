import type { OpId } from "../protocol/ids.js";
import type { Del, Operation, Put } from "./history.js";

/** A write whose version is known, in its place among the others of its key. */
export interface Link {
  readonly version: OpId;
  readonly write: Put | Del;
  /** The read with the latest call that saw this version: whatever follows the link comes after that call. */
  readonly lastRead: Operation | undefined;
}

/** What was so when an operation returned. */
export interface Demand {
  readonly operation: Operation;
  /** So many links had taken effect; undefined: the key did not exist at some moment between call and return. */
  readonly place: number | undefined;
}

/** Why a demand cannot be met, and the operations that stand against it. */
export interface Obstacle {
  readonly reason: string;
  readonly operations: readonly Operation[];
}

/**
 * Walks along a key's chain of writes and moves forward only when an answer compels it, at the moment of that answer's
 * return: whatever can wait is better done later ("just in time": G. Lowe, Testing for linearizability, Concurrency and
 * Computation 29(4), 2017). Where nothing is unknown there is one state, and each link is passed once.
 *
 * A del of unknown outcome may have taken effect after any link. Where it would explain an answer the walk follows both
 * states, with it and without; a state that is in no respect better than another one is dropped.
 */
export class VersionWalk {
  readonly #chain: readonly Link[];
  readonly #unknownDelsMs: readonly number[];
  readonly #unseenPutsMs: readonly number[];
  #states: readonly State[] = [START];
  /** The latest call of a not-found answer that returns at or after the present moment. */
  #latestNotFoundMs = -Infinity;
  readonly #notFoundCallsMs: readonly number[];
  #notFoundCalled = 0;

  /**
   * @param unknownDelsMs calls of the dels of unknown outcome, earliest first
   * @param unseenPutsMs calls of the puts of unknown outcome that no read shows, earliest first
   * @param notFoundCallsMs calls of all operations that were answered "not found", earliest first
   */
  constructor(
    chain: readonly Link[],
    unknownDelsMs: readonly number[],
    unseenPutsMs: readonly number[],
    notFoundCallsMs: readonly number[],
  ) {
    this.#chain = chain;
    this.#unknownDelsMs = unknownDelsMs;
    this.#unseenPutsMs = unseenPutsMs;
    this.#notFoundCallsMs = notFoundCallsMs;
  }

  /** Meets the next demand, in the order of returns; gives what is in its way when nothing meets it. */
  meet(demand: Demand): Obstacle | undefined {
    const nowMs = demand.operation.returnedMs;
    this.#passTo(nowMs);
    const met = new States();
    const seen: State[] = [];
    const open = [...this.#states];
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      if (isMet(demand, state)) met.add(state);
      else {
        seen.push(state);
        open.push(...this.#successors(state, nowMs));
      }
    }
    this.#states = met.all;
    return this.#states.length > 0 ? undefined : this.#obstacle(demand, seen);
  }

  #passTo(nowMs: number): void {
    let callMs = this.#notFoundCallsMs[this.#notFoundCalled];
    while (callMs !== undefined && callMs <= nowMs) {
      this.#latestNotFoundMs = callMs;
      this.#notFoundCalled += 1;
      callMs = this.#notFoundCallsMs[this.#notFoundCalled];
    }
  }

  /** The states one step further, the step being taken now. */
  *#successors(state: State, nowMs: number): Generator<State> {
    const last = this.#chain[state.place - 1];
    const isHeld = last?.lastRead !== undefined && last.lastRead.calledMs > nowMs;
    if (isHeld) return;
    const next = this.#chain[state.place];
    const absentUntilMs = state.isAbsent ? nowMs : state.absentUntilMs;
    const place = state.place + 1;
    if (next !== undefined && next.write.calledMs <= nowMs) {
      if (next.write.kind === "put") yield { ...state, place, isAbsent: false, absentUntilMs };
      else if (!state.isAbsent) yield { ...state, place, isAbsent: true };
      else if (isCalled(this.#unseenPutsMs, state.putsUsed, nowMs)) {
        yield { ...state, place, absentUntilMs, putsUsed: state.putsUsed + 1 };
      }
    }
    // Of use only to an answer "not found" that is still to come and not explained yet.
    const explains = !state.isAbsent && this.#latestNotFoundMs > state.absentUntilMs;
    if (explains && isCalled(this.#unknownDelsMs, state.delsUsed, nowMs)) {
      yield { ...state, isAbsent: true, delsUsed: state.delsUsed + 1 };
    }
  }

  #obstacle({ operation, place }: Demand, seen: readonly State[]): Obstacle {
    const furthest = seen.reduce((best, state) => (state.place > best.place ? state : best));
    const last = this.#chain[furthest.place - 1];
    const next = this.#chain[furthest.place];
    const nowMs = operation.returnedMs;
    if (last?.lastRead !== undefined && last.lastRead.calledMs > nowMs) {
      return place === undefined
        ? { reason: "not found, though a later read still saw a value", operations: [last.write, last.lastRead] }
        : { reason: "a later read gives an older version", operations: [last.write, last.lastRead] };
    }
    if (place === undefined) {
      return { reason: "not found, and nothing that fits has deleted the key", operations: last ? [last.write] : [] };
    }
    if (next === undefined) throw new Error("a place beyond the chain is demanded");
    if (next.write.calledMs > nowMs) {
      return place === furthest.place + 1 && operation.kind === "get"
        ? { reason: "a read gives a version that was written only after it", operations: [next.write] }
        : { reason: "a later write has an older version", operations: [next.write] };
    }
    return { reason: "a del deleted what did not exist", operations: last ? [next.write, last.write] : [next.write] };
  }
}

/** How far a key may have come. */
interface State {
  /** Links that have taken effect. */
  readonly place: number;
  /** The key does not exist now. */
  readonly isAbsent: boolean;
  /** The last moment at which it did not exist, while it does now. */
  readonly absentUntilMs: number;
  /** Dels of unknown outcome that have taken effect: those with the earliest calls, since any will do. */
  readonly delsUsed: number;
  /** Unseen puts that gave a del something to delete: those with the earliest calls. */
  readonly putsUsed: number;
}

const START: State = { place: 0, isAbsent: true, absentUntilMs: -Infinity, delsUsed: 0, putsUsed: 0 };

/** States without those that another one makes superfluous. */
class States {
  readonly #groups = new Map<string, State[]>();

  get all(): readonly State[] {
    return [...this.#groups.values()].flat();
  }

  add(state: State): void {
    const name = `${state.place} ${state.isAbsent}`;
    const others = this.#groups.get(name) ?? [];
    if (others.some((other) => isAsGood(other, state))) return;
    this.#groups.set(name, [...others.filter((other) => !isAsGood(state, other)), state]);
  }
}

/** Whatever can follow the one state can follow the other, too. */
function isAsGood(left: State, right: State): boolean {
  return (
    left.delsUsed <= right.delsUsed &&
    left.putsUsed <= right.putsUsed &&
    (left.isAbsent || left.absentUntilMs >= right.absentUntilMs)
  );
}

function isMet({ operation, place }: Demand, state: State): boolean {
  if (place !== undefined) return state.place >= place;
  return state.isAbsent || state.absentUntilMs >= operation.calledMs;
}

/** Whether the next of these has been called. */
function isCalled(callsMs: readonly number[], used: number, nowMs: number): boolean {
  const callMs = callsMs[used];
  return callMs !== undefined && callMs <= nowMs;
}
