import { ABSENT, type Entry, UNREAD } from "./configurations.js";

/** The operations of one key by where they stand at one moment: to come, pending, and (of unknown outcome) never to return. */
export class RegisterCalls {
  readonly #entries: readonly Entry[];
  #count = 0;
  #reads: readonly Entry[] = [];
  #dels: readonly Entry[] = [];
  #puts: readonly Entry[] = [];
  /** The puts of unknown outcome by the state that they leave, and the dels. */
  readonly #optionalPuts = new Map<number, readonly Entry[]>();
  #optionalDels: readonly Entry[] = [];
  /** So many reads of a state are not called yet. */
  readonly #readsToCome = new Map<number, number>();
  /** The dels that return, the next to be called first. */
  readonly #delsToCome: Entry[] = [];
  /** By number: the earliest return of the puts from there on. */
  readonly #earliestPutReturnsMs: readonly number[];

  /** @param entries all operations of the key in the order of their calls */
  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
    const earliestPutReturnsMs = new Array<number>(entries.length);
    let earliestMs = Infinity;
    for (let number = entries.length - 1; number >= 0; number--) {
      const entry = entries[number];
      if (entry === undefined) continue;
      const { role, state, isOptional, operation } = entry;
      if (role === "read") count(this.#readsToCome, state, 1);
      else if (role === "put") {
        if (!isOptional) earliestMs = Math.min(earliestMs, operation.returnedMs);
      } else if (!isOptional) this.#delsToCome.push(entry);
      earliestPutReturnsMs[number] = earliestMs;
    }
    this.#earliestPutReturnsMs = earliestPutReturnsMs;
  }

  /** So many operations have been called. */
  get count(): number {
    return this.#count;
  }

  /** The pending reads. */
  get reads(): readonly Entry[] {
    return this.#reads;
  }

  /** The pending dels that return. */
  get dels(): readonly Entry[] {
    return this.#dels;
  }

  /** The dels of unknown outcome. */
  get optionalDels(): readonly Entry[] {
    return this.#optionalDels;
  }

  /** All updates that may still take effect. */
  get updates(): readonly Entry[] {
    return [...this.#puts, ...this.#dels, ...[...this.#optionalPuts.values()].flat(), ...this.#optionalDels];
  }

  /** Calls what is called until `ms`. */
  callUntil(ms: number): void {
    for (let next = this.#entries[this.#count]; next !== undefined; next = this.#entries[this.#count]) {
      if (next.operation.calledMs > ms) return;
      this.#count += 1;
      this.#call(next);
    }
  }

  return(entry: Entry): void {
    if (entry.role === "read") this.#reads = without(this.#reads, entry);
    else if (entry.role === "del") this.#dels = without(this.#dels, entry);
    else this.#puts = without(this.#puts, entry);
  }

  /** Takes away what has been spent of the updates of unknown outcome. */
  withdraw(spent: readonly number[]): void {
    for (const number of spent) {
      const entry = this.#entries[number];
      if (entry?.role === "del") this.#optionalDels = without(this.#optionalDels, entry);
      else if (entry !== undefined) this.#withdrawPut(entry);
    }
  }

  /** The updates that may leave this state now; of those of unknown outcome the first that is left, for it is as good as any. */
  sourcesOf(state: number, isLeft: (entry: Entry) => boolean): readonly Entry[] {
    if (state === ABSENT) return first(this.#optionalDels, isLeft);
    const optional = this.#optionalPuts.get(state);
    return [
      ...this.#puts.filter((put) => put.state === state && isLeft(put)),
      ...(optional === undefined ? [] : first(optional, isLeft)),
    ];
  }

  /** The puts that may give a del something to delete. Of those of unknown outcome, one that no read gives is as good as any. */
  putsToDelete(isLeft: (entry: Entry) => boolean): readonly Entry[] {
    const unread = first(this.#optionalPuts.get(UNREAD) ?? [], isLeft);
    return [
      ...this.#puts.filter(isLeft),
      ...(unread.length > 0 ? unread : [...this.#optionalPuts.values()].flatMap((puts) => first(puts, isLeft))),
    ];
  }

  /** Whether reads that are not called yet will give this state. */
  isToBeRead(state: number): boolean {
    return (this.#readsToCome.get(state) ?? 0) > 0;
  }

  /** Whether a del that is not called yet may be the next update after this put: no put must come between the two. */
  isToBeDeleted({ operation, isOptional }: Entry): boolean {
    const del = this.#delsToCome.at(-1);
    if (del === undefined || isOptional) return del !== undefined;
    return del.operation.calledMs <= this.#nextPutReturnMs(operation.returnedMs);
  }

  /** Until when some put that is called after this moment has certainly taken effect. */
  #nextPutReturnMs(ms: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.operation.calledMs ?? Infinity) > ms) high = middle;
      else low = middle + 1;
    }
    return this.#earliestPutReturnsMs[low] ?? Infinity;
  }

  #withdrawPut(put: Entry): void {
    const left = without(this.#optionalPuts.get(put.state) ?? [], put);
    if (left.length > 0) this.#optionalPuts.set(put.state, left);
    else this.#optionalPuts.delete(put.state);
  }

  #call(entry: Entry): void {
    const { role, state, isOptional } = entry;
    if (role === "read") {
      this.#reads = [...this.#reads, entry];
      count(this.#readsToCome, state, -1);
    } else if (role === "put") {
      if (isOptional) this.#optionalPuts.set(state, [...(this.#optionalPuts.get(state) ?? []), entry]);
      else this.#puts = [...this.#puts, entry];
    } else if (isOptional) this.#optionalDels = [...this.#optionalDels, entry];
    else {
      this.#dels = [...this.#dels, entry];
      this.#delsToCome.pop();
    }
  }
}

function count(counts: Map<number, number>, state: number, change: number): void {
  counts.set(state, (counts.get(state) ?? 0) + change);
}

function without(entries: readonly Entry[], removed: Entry): readonly Entry[] {
  return entries.filter((entry) => entry !== removed);
}

function first(entries: readonly Entry[], isLeft: (entry: Entry) => boolean): readonly Entry[] {
  const found = entries.find(isLeft);
  return found === undefined ? [] : [found];
}
