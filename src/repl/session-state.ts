import { BackgroundClients } from "./background-clients.js";
import { SeededRandom } from "./seeded-random.js";
import type { Recorder } from "./recorder.js";
import type { Tracer } from "./tracer.js";

/** What the check of a history says. */
export interface HistoryFinding {
  readonly isLinearizable: boolean;
  /** The verdict, and what is wrong, for people. */
  readonly text: string;
}

/** What lasts from statement to statement of one session. */
export class SessionState {
  readonly clients = new BackgroundClients();
  /** Chosen anew by `seed`. */
  random = new SeededRandom(Math.floor(Math.random() * 2 ** 31));
  /** Follows the two-phase commits; undefined while `trace` is off. */
  tracer: Tracer | undefined;
  /** Takes what is typed; undefined while nothing is recorded. */
  recorder: Recorder | undefined;
  /** The chapter of the tutorial that was read last; 0 before the first. */
  chapter = 0;
  /** Checks what all clients were told so far; undefined where nothing keeps account of it. */
  checkHistory: (() => HistoryFinding) | undefined;
  /** How many files are being run, one inside the other. */
  sourceDepth = 0;

  /** Ends the background clients, the trace and the recording. */
  async close(): Promise<void> {
    this.tracer?.close();
    this.tracer = undefined;
    await this.recorder?.close();
    this.recorder = undefined;
    await this.clients.close();
  }
}
