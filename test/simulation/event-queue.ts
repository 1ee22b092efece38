/** Virtual time: events in the order of their times, those of one time in the order they were scheduled. */
export class EventQueue {
  readonly #heap: Event[] = [];
  #nowMs = 0;
  #scheduled = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Has `action` done `delayMs` from now. */
  after(delayMs: number, action: () => void): void {
    this.#push({ atMs: this.#nowMs + delayMs, order: this.#scheduled++, action });
  }

  /** Lets time pass until `untilMs` and does all that is due. */
  runUntil(untilMs: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.atMs <= untilMs; next = this.#heap[0]) {
      this.#pop();
      this.#nowMs = next.atMs;
      next.action();
    }
    this.#nowMs = untilMs;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(heap, index, parent)) return;
      swap(heap, index, parent);
      index = parent;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    swap(heap, 0, heap.length - 1);
    heap.pop();
    for (let index = 0; ;) {
      const left = 2 * index + 1;
      const child = left + 1 < heap.length && isBefore(heap, left + 1, left) ? left + 1 : left;
      if (child >= heap.length || !isBefore(heap, child, index)) return;
      swap(heap, index, child);
      index = child;
    }
  }
}

interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly action: () => void;
}

function isBefore(heap: readonly Event[], left: number, right: number): boolean {
  const [a, b] = [heap[left], heap[right]];
  if (a === undefined || b === undefined) throw new Error("an index outside the heap");
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

function swap(heap: Event[], left: number, right: number): void {
  const [a, b] = [heap[left], heap[right]];
  if (a === undefined || b === undefined) throw new Error("an index outside the heap");
  heap[left] = b;
  heap[right] = a;
}
