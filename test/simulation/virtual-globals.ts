import type { World, WorldEvent } from "./world.js";

/**
 * Puts the world's time behind the global timers and clocks, so that the daemons run in it unchanged. A timer belongs to the
 * process whose code sets it, and dies with it.
 *
 * @returns what puts the real ones back
 */
export function installVirtualTime(world: World): () => void {
  const timer = (delayMs: number, action: () => void) => new VirtualTimer(world, delayMs, action);
  const virtual = {
    setTimeout: (action: (...rest: unknown[]) => void, delayMs = 0, ...rest: unknown[]) =>
      timer(Math.max(1, delayMs), () => action(...rest)),
    setInterval: (action: (...rest: unknown[]) => void, periodMs = 0, ...rest: unknown[]) => {
      const repeating = timer(Math.max(1, periodMs), () => {
        repeating.again();
        action(...rest);
      });
      return repeating;
    },
    setImmediate: (action: (...rest: unknown[]) => void, ...rest: unknown[]) => timer(0, () => action(...rest)),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  };
  const names = Object.keys(virtual) as (keyof typeof virtual)[];
  const real = Object.fromEntries(names.map((name) => [name, globalThis[name]]));
  const realDateNow = Date.now;
  const realPerformanceNow = performance.now.bind(performance);
  Object.assign(globalThis, virtual);
  Date.now = () => START_OF_TIME + Math.floor(world.nowMs);
  performance.now = () => world.nowMs;
  return () => {
    Object.assign(globalThis, real);
    Date.now = realDateNow;
    performance.now = realPerformanceNow;
  };
}

/** The moment of the world's time 0: 2026-01-01, at noon. */
const START_OF_TIME = Date.UTC(2026, 0, 1, 12);

function clear(timer: unknown): void {
  if (timer instanceof VirtualTimer) timer.cancel();
}

/** What Node's timer objects can do, as far as the daemons ask for it. */
class VirtualTimer {
  readonly #world: World;
  readonly #delayMs: number;
  readonly #action: () => void;
  #event: WorldEvent;

  constructor(world: World, delayMs: number, action: () => void) {
    this.#world = world;
    this.#delayMs = delayMs;
    this.#action = action;
    this.#event = world.after(delayMs, world.running, action);
  }

  again(): void {
    this.#event = this.#world.after(this.#delayMs, this.#event.life, this.#action);
  }

  cancel(): void {
    this.#event.isCancelled = true;
  }

  unref(): this {
    return this;
  }

  ref(): this {
    return this;
  }
}
