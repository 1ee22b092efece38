import type { CacheView } from "../protocol/messages.js";
import type { FeedModel } from "./model/feed-model.js";
import type { Glyphs, Theme } from "./screen/theme.js";
import type { View } from "./view/view.js";

/** All that one frame is made of. Whoever paints is a function of it and of nothing else. */
export interface Scene {
  readonly view: View;
  /** The cluster as it is. */
  readonly live: FeedModel;
  /** The cluster as the screen shows it: as it is, or as it was when the screen was frozen. */
  readonly model: FeedModel;
  readonly cache: CacheAnswer;
  /** ms of the monitor's monotone clock; animations go by it. */
  readonly nowMs: number;
  readonly theme: Theme;
  readonly glyphs: Glyphs;
  /** A time of day with its milliseconds, from ms since 1970. */
  readonly clock: (time: number) => string;
}

/** What a node has told of its cache. */
export interface CacheAnswer {
  readonly cache: CacheView | undefined;
  /** Why there is no newer one. */
  readonly trouble: string | undefined;
}

export const NO_CACHE: CacheAnswer = { cache: undefined, trouble: undefined };
