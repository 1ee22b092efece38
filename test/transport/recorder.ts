import type { RingkvError } from "../../src/protocol/errors.js";
import type { Connection, ConnectionHandlers, Listener } from "../../src/transport/transport.js";

/** Handlers that write down what happens to one connection and let a test wait for it. */
export class Recorder {
  readonly frames: (string | RingkvError)[] = [];
  /** The frames of each `onFrames` call. */
  readonly batches: (readonly (string | RingkvError)[])[] = [];
  /** Every call, by name, in order. */
  readonly calls: string[] = [];
  closeError: Error | undefined;
  readonly handlers: ConnectionHandlers;
  readonly #waiting = new Set<() => void>();

  constructor(hooks: Partial<ConnectionHandlers> = {}, halfOpen = false) {
    this.handlers = {
      onFrames: (frames) => {
        this.frames.push(...frames);
        this.batches.push(frames);
        this.#note("frames");
        hooks.onFrames?.(frames);
      },
      onDrain: () => {
        this.#note("drain");
        hooks.onDrain?.();
      },
      onClose: (error) => {
        this.closeError = error;
        this.#note("close");
        hooks.onClose?.(error);
      },
      ...(halfOpen && {
        onEnd: () => {
          this.#note("end");
          hooks.onEnd?.();
        },
      }),
    };
  }

  count(call: string): number {
    return this.calls.filter((name) => name === call).length;
  }

  /** Resolves as soon as the condition holds; it is asked again after every call. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  framesReach(count: number): Promise<void> {
    return this.until(() => this.frames.length >= count);
  }

  closed(): Promise<void> {
    return this.until(() => this.calls.includes("close"));
  }

  #note(call: string): void {
    this.calls.push(call);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** The two ends of one connection, as `connectPair` makes them. */
export interface Pair {
  readonly near: Connection;
  readonly nearLog: Recorder;
  readonly far: Connection;
  readonly farLog: Recorder;
  readonly listener: Listener;
}

/** A promise and the function that resolves it (Node 20 has no Promise.withResolvers). */
export function deferred<Value>(): { readonly promise: Promise<Value>; readonly resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
