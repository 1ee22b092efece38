import { setFlagsFromString } from "node:v8";

const { setImmediate: nextTurn } = globalThis;

/**
 * Runs `action` in a turn of the event loop of its own, outside of any promise's continuation: only there can
 * `runMicrotasks` be used, since the engine does not run microtasks from within one.
 */
export function inTurn(action: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    nextTurn(() => {
      try {
        action();
        resolve();
      } catch (cause) {
        reject(new Error("A turn has failed.", { cause }));
      }
    });
  });
}

/**
 * Runs what promises have left to do, to its end, and returns.
 *
 * A turn of the real event loop would do the same at a hundred times the cost, and would let the outside in; an `await` is no
 * cheaper and does not say when all is done. Node offers this to its own code only, V8 to whoever asks by its inner name.
 */
export const runMicrotasks = engineFunction("PerformMicrotaskCheckpoint");

function engineFunction(name: string): () => void {
  setFlagsFromString("--allow-natives-syntax");
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the name is no TypeScript
  const called = new Function(`%${name}()`) as () => void;
  setFlagsFromString("--no-allow-natives-syntax");
  return called;
}
