import { Session } from "node:inspector";

/** Between two samples, in µs. */
const SAMPLE_MICROS = 250;

/** A CPU profile of this process, from `start` to `stop`. */
export class CpuProfiler {
  readonly #session: Session;

  private constructor(session: Session) {
    this.#session = session;
  }

  static async start(): Promise<CpuProfiler> {
    const session = new Session();
    session.connect();
    const profiler = new CpuProfiler(session);
    await profiler.#ask("Profiler.enable");
    await profiler.#ask("Profiler.setSamplingInterval", { interval: SAMPLE_MICROS });
    await profiler.#ask("Profiler.start");
    return profiler;
  }

  /** @returns the content of a `.cpuprofile` file */
  async stop(): Promise<string> {
    const { profile } = (await this.#ask("Profiler.stop")) as { readonly profile: object };
    this.#session.disconnect();
    return JSON.stringify(profile);
  }

  #ask(method: string, parameters: object = {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#session.post(method, parameters, (error, result) => {
        if (error === null) resolve(result);
        else reject(error);
      });
    });
  }
}
