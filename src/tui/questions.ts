import type { Cluster } from "../repl/cluster.js";
import { describeFailure } from "../repl/failure.js";
import { failureText } from "../repl/output.js";
import { layoutFor } from "./layout.js";
import type { FeedModel } from "./model/feed-model.js";
import type { Heard } from "./model/reduce-feed.js";
import { type CacheAnswer, NO_CACHE } from "./scene.js";
import { type View, selectedSlave } from "./view/view.js";

const EVERY_MS = 500;
/** Sets that one answer may tell. */
const SETS_MAX = 64;

/** Asks the master for what the feed does not tell, while it shows: a cache's contents, and who unresolved updates wait for. */
export class Questions {
  readonly #cluster: Cluster;
  readonly #state: () => { readonly view: View; readonly model: FeedModel };
  readonly #onAnswer: (heard?: Heard) => void;
  #timer: NodeJS.Timeout | undefined;
  #cache: CacheAnswer = NO_CACHE;
  /** What was asked for `#cache`, and of which state. */
  #asked = "";

  /**
   * @param state what is seen and known now
   * @param onAnswer something else is to be shown; given what was heard, where that belongs to the model
   */
  constructor(
    cluster: Cluster,
    state: () => { readonly view: View; readonly model: FeedModel },
    onAnswer: (heard?: Heard) => void,
  ) {
    this.#cluster = cluster;
    this.#state = state;
    this.#onAnswer = onAnswer;
  }

  get cache(): CacheAnswer {
    return this.#cache;
  }

  /** Asks now, and then every half second. */
  readonly ask = (): void => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.ask, EVERY_MS);
    const { view, model } = this.#state();
    if (model.connection.state !== "live" || view.frozen !== undefined) return;
    const { panes } = layoutFor(view);
    if (panes.some(({ name }) => name === "cache")) void this.#askCache(view, model);
    if ((model.metrics?.unresolved ?? 0) > 0) void this.#askUnresolved();
  };

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #askCache(view: View, model: FeedModel): Promise<void> {
    const { ofMaster, from } = view.cache;
    const { rows } = view;
    const node = ofMaster ? "master" : (selectedSlave(view, model)?.id ?? "master");
    const { gets, puts, dels, inFlight } = model.metrics ?? {};
    // While there are no requests no cache changes.
    const question = [node, from, rows, gets, puts, dels, inFlight].join();
    if (question === this.#asked) return;
    this.#asked = question;
    try {
      const cache = await this.#cluster.cache(node, { from, count: Math.min(SETS_MAX, rows) });
      // A later question may be on its way already.
      if (question === this.#asked) this.#cache = { cache, trouble: undefined };
    } catch (error) {
      if (question !== this.#asked) return;
      this.#asked = "";
      this.#cache = { cache: undefined, trouble: failureText(describeFailure(error)) };
    }
    this.#onAnswer();
  }

  async #askUnresolved(): Promise<void> {
    try {
      const { unresolved } = await this.#cluster.snapshot();
      this.#onAnswer({ type: "unresolved", ops: unresolved });
    } catch {
      // A master that is lost is told by the feed.
    }
  }
}
