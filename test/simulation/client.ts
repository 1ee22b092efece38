import type { ReadResult, UpdateResult } from "../../src/core/result.js";
import type { Operation } from "../../src/testing/history.js";
import type { Random } from "../random.js";
import type { EventQueue } from "./event-queue.js";
import type { MasterProcess } from "./master-process.js";

/** A client: one request after the other on a few keys, every one of them written into the history. */
export class Client {
  readonly #name: string;
  readonly #keys: readonly string[];
  readonly #queue: EventQueue;
  readonly #random: Random;
  readonly #master: MasterProcess;
  readonly #history: Operation[];
  #written = 0;
  #isStopped = false;

  constructor(
    name: string,
    keys: readonly string[],
    world: { readonly queue: EventQueue; readonly random: Random; readonly master: MasterProcess },
    history: Operation[],
  ) {
    this.#name = name;
    this.#keys = keys;
    this.#queue = world.queue;
    this.#random = world.random;
    this.#master = world.master;
    this.#history = history;
    this.#next();
  }

  stop(): void {
    this.#isStopped = true;
  }

  #next(): void {
    this.#queue.after(this.#random.next() * 40, () => {
      if (this.#isStopped) return;
      const key = this.#random.pick(this.#keys);
      const kind = this.#random.pick(["get", "get", "put", "put", "put", "del"] as const);
      if (kind === "get") this.#get(key);
      else this.#update(kind, key);
    });
  }

  #get(key: string): void {
    const calledMs = this.#queue.nowMs;
    this.#ask<ReadResult>(
      (core, done) => core.get(key, done),
      (result) => {
        const head = { client: this.#name, kind: "get" as const, key, calledMs, returnedMs: this.#queue.nowMs };
        if (result === undefined) return;
        if (result.ok) {
          const { value, opId } = result;
          this.#history.push({ ...head, outcome: { type: "found", value, version: opId } });
        } else if (result.code === "KEY_NOT_FOUND") this.#history.push({ ...head, outcome: { type: "not-found" } });
        else this.#history.push({ ...head, outcome: { type: "failed", code: result.code } });
      },
    );
  }

  #update(kind: "put" | "del", key: string): void {
    const calledMs = this.#queue.nowMs;
    const value = `${this.#name}.${++this.#written}`;
    this.#ask<UpdateResult>(
      (core, done) => core.update({ kind, key, value: kind === "put" ? value : undefined }, done),
      (result) => {
        const head = { client: this.#name, key, calledMs, returnedMs: this.#queue.nowMs };
        const outcome =
          result === undefined || (!result.ok && result.code === "OUTCOME_UNKNOWN")
            ? ({ type: "unknown", code: "OUTCOME_UNKNOWN" } as const)
            : result.ok
              ? ({ type: "done", version: result.opId } as const)
              : ({ type: "failed", code: result.code } as const);
        if (kind === "put") this.#history.push({ ...head, kind, value, outcome });
        else if (outcome.type === "failed" && outcome.code === "KEY_NOT_FOUND") {
          this.#history.push({ ...head, kind, outcome: { type: "not-found" } });
        } else this.#history.push({ ...head, kind, outcome });
      },
    );
  }

  /** Sends a request and waits for its answer; undefined when the master died before it was there. */
  #ask<Result>(
    request: (core: NonNullable<MasterProcess["core"]>, done: (result: Result) => void) => void,
    answered: (result: Result | undefined) => void,
  ): void {
    const core = this.#master.core;
    if (core === undefined) {
      this.#next();
      return;
    }
    let isOver = false;
    const finish = (result: Result | undefined) => {
      if (isOver) return;
      isOver = true;
      answered(result);
      this.#next();
    };
    const watch = () => {
      if (isOver) return;
      if (this.#master.core !== core) finish(undefined);
      else this.#queue.after(10, watch);
    };
    this.#queue.after(0.05 + this.#random.next(), () => {
      if (this.#master.core !== core) finish(undefined);
      else
        request(core, (result) => {
          this.#queue.after(0.05 + this.#random.next(), () => finish(this.#master.core === core ? result : undefined));
        });
    });
    this.#queue.after(10, watch);
  }
}
