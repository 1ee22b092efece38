import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { ERROR_CODES, RingkvError } from "../../protocol/errors.js";
import { inheritedEnvironment } from "../environment.js";
import type { Workload } from "../load/workload.js";
import type { Entrance } from "./access.js";
import type { FromGenerator, GeneratorResult, ToGenerator } from "./job.js";

/** Where a load goes, and how that is spoken to. */
export interface LoadTarget extends Entrance {
  /** The URL of the module that is the wire; default ringkv's own. */
  readonly wire?: string | undefined;
}

const RINGKV_WIRE = import.meta.resolve("./line-wire.js");

/** The processes that make the load. They stay between loads, so that only the first one finds them cold. */
export class Generators {
  readonly #children: readonly Generator[];

  private constructor(children: readonly Generator[]) {
    this.#children = children;
  }

  static start(count: number): Generators {
    return new Generators(Array.from({ length: count }, () => new Generator()));
  }

  get pids(): readonly number[] {
    return this.#children.map(({ pid }) => pid);
  }

  /**
   * Begins a load; resolves when all its clients are busy.
   * @throws RingkvError UNAVAILABLE when a connection cannot be had
   */
  async start({ host, port, access, wire = RINGKV_WIRE }: LoadTarget, workload: Workload, seed: number): Promise<void> {
    const count = Math.min(this.#children.length, workload.clients);
    const busy = this.#children.slice(0, count);
    await Promise.all(
      busy.map((child, n) => {
        const clients = Math.floor(workload.clients / count) + (n < workload.clients % count ? 1 : 0);
        const rate = workload.rate === undefined ? undefined : workload.rate / count;
        const share = { ...workload, clients, rate };
        const job = {
          type: "load",
          host,
          port,
          access,
          wire,
          workload: share,
          seed: seed + n,
          phase: n / count,
        } as const;
        return child.begin(job);
      }),
    );
  }

  /** @param profile names the file for the profile of the `n`th generator */
  measure(profile?: (n: number) => string): void {
    this.#children.forEach((child, n) => child.measure(profile?.(n)));
  }

  /** Ends the load. @throws RingkvError UNAVAILABLE when a connection was lost meanwhile */
  async stop(): Promise<readonly GeneratorResult[]> {
    return Promise.all(this.#children.filter(({ isLoading }) => isLoading).map((child) => child.stop()));
  }

  /** Rejects as soon as a running load has failed. */
  failed(): Promise<never> {
    return Promise.race(this.#children.map((child) => child.failed));
  }

  /** Writes keys `from` up to, and without, `to`. @throws RingkvError UNAVAILABLE when that does not work */
  async fill(
    { host, port, access, wire = RINGKV_WIRE }: LoadTarget,
    { from, to, valueBytes }: { readonly from: number; readonly to: number; readonly valueBytes: number },
    onProgress: (done: number) => void,
  ): Promise<void> {
    const [child] = this.#children;
    await child?.fill({ type: "fill", host, port, access, wire, from, to, valueBytes }, onProgress);
  }

  /** Ends the processes. */
  async close(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.close()));
  }
}

/** One generator process. */
class Generator {
  readonly #child: ChildProcess;
  #onMessage: (message: FromGenerator) => void = () => undefined;
  #onFailed: (error: RingkvError) => void = () => undefined;
  /** Rejects when the load that runs now fails. */
  failed: Promise<never> = new Promise(() => undefined);
  isLoading = false;
  #isClosed = false;

  constructor() {
    this.#child = fork(new URL(import.meta.resolve("./generator-process.js")), {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      env: inheritedEnvironment(),
    });
    this.#child.on("message", (message: FromGenerator) => {
      if (message.type === "failed") this.#onFailed(errorOf(message));
      else this.#onMessage(message);
    });
    this.#child.on("exit", () => {
      if (!this.#isClosed) this.#onFailed(new RingkvError("INTERNAL", "A load generator has died."));
    });
    this.#watch();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async begin(job: ToGenerator & { readonly type: "load" }): Promise<void> {
    this.#watch();
    await this.#ask(job, "started");
    this.isLoading = true;
  }

  measure(profile: string | undefined): void {
    if (this.isLoading) this.#child.send({ type: "measure", profile } satisfies ToGenerator);
  }

  async stop(): Promise<GeneratorResult> {
    this.isLoading = false;
    return (await this.#ask({ type: "stop" }, "result")).result;
  }

  async fill(job: ToGenerator & { readonly type: "fill" }, onProgress: (done: number) => void): Promise<void> {
    this.#watch();
    await this.#ask(job, "result", onProgress);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null && this.#child.kill("SIGKILL")) await once(this.#child, "exit");
  }

  #watch(): void {
    this.failed = new Promise((_, reject) => (this.#onFailed = reject));
    this.failed.catch(() => undefined);
  }

  async #ask<Type extends FromGenerator["type"]>(
    message: ToGenerator,
    awaited: Type,
    onProgress?: (done: number) => void,
  ): Promise<FromGenerator & { readonly type: Type }> {
    const answered = new Promise<FromGenerator & { readonly type: Type }>((resolve) => {
      this.#onMessage = (answer) => {
        if (answer.type === "progress") onProgress?.(answer.done);
        else if (answer.type === awaited) resolve(answer as FromGenerator & { readonly type: Type });
      };
    });
    this.#child.send(message);
    return Promise.race([answered, this.failed]);
  }
}

function errorOf({ code, message }: FromGenerator & { readonly type: "failed" }): RingkvError {
  return new RingkvError(ERROR_CODES.find((known) => known === code) ?? "INTERNAL", message);
}
