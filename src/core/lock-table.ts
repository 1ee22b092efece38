/**
 * One read-write lock for each cache set: readers share it, an update has it alone, and all wait in one queue, first come
 * first served, so that neither side starves and requests of one key take effect in the order they came.
 */
export class LockTable {
  readonly #queueMax: number;
  /** Only locks that are held or waited for. */
  readonly #locks = new Map<number, Lock>();

  /** @param queueMax requests that may wait for one set */
  constructor(queueMax: number) {
    this.#queueMax = queueMax;
  }

  /**
   * Asks for a set's lock; `onGranted` is called once, at once or later, inside `release` of whoever was ahead.
   * False when the queue is full: then nothing was asked and `onGranted` is never called.
   */
  acquire(set: number, mode: LockMode, onGranted: () => void): boolean {
    let lock = this.#locks.get(set);
    if (lock === undefined) {
      lock = { readers: 0, writing: false, granting: false, queue: [] };
      this.#locks.set(set, lock);
    }
    if (lock.queue.length === 0 && isFree(lock, mode)) {
      grant(lock, mode);
      onGranted();
      return true;
    }
    if (lock.queue.length >= this.#queueMax) return false;
    lock.queue.push({ mode, onGranted });
    return true;
  }

  /** Whether `acquire` would grant this set's lock at once. */
  isFree(set: number, mode: LockMode): boolean {
    const lock = this.#locks.get(set);
    return lock === undefined || (lock.queue.length === 0 && isFree(lock, mode));
  }

  /** Gives back a lock that was granted in this mode. */
  release(set: number, mode: LockMode): void {
    const lock = this.#locks.get(set);
    if (lock === undefined || !isHeld(lock, mode)) throw new Error(`set ${set.toString()} is not locked for ${mode}`);
    if (mode === "write") lock.writing = false;
    else lock.readers -= 1;
    // A granted request may release at once: the loop already running goes on with the next, so no stack grows.
    if (lock.granting) return;
    lock.granting = true;
    for (let next = lock.queue[0]; next !== undefined && isFree(lock, next.mode); next = lock.queue[0]) {
      lock.queue.shift();
      grant(lock, next.mode);
      next.onGranted();
    }
    lock.granting = false;
    if (lock.queue.length === 0 && lock.readers === 0 && !lock.writing) this.#locks.delete(set);
  }

  /** Sets whose lock is held or waited for. */
  get busySets(): number {
    return this.#locks.size;
  }
}

export type LockMode = "read" | "write";

interface Lock {
  readers: number;
  writing: boolean;
  /** `release` is handing the lock on right now. */
  granting: boolean;
  readonly queue: { readonly mode: LockMode; readonly onGranted: () => void }[];
}

function isFree(lock: Lock, mode: LockMode): boolean {
  return !lock.writing && (mode === "read" || lock.readers === 0);
}

function isHeld(lock: Lock, mode: LockMode): boolean {
  return mode === "write" ? lock.writing : lock.readers > 0;
}

function grant(lock: Lock, mode: LockMode): void {
  if (mode === "write") lock.writing = true;
  else lock.readers += 1;
}
