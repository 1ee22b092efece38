import type { Writable } from "node:stream";
import type { Cluster } from "../repl/cluster.js";
import { writeText } from "../repl/output.js";
import { Compositor } from "./compositor.js";
import { layoutFor } from "./layout.js";
import { localClock } from "./local-clock.js";
import { modelOf } from "./model/reduce-feed.js";
import { NO_CACHE } from "./scene.js";
import { ASCII, MONO, UNICODE } from "./screen/theme.js";
import { initialView } from "./view/view.js";

/** One frame of the monitor as plain text, of the cluster as it is now. */
export async function printFrame(options: {
  readonly cluster: Cluster;
  readonly output: Writable;
  readonly columns: number;
  readonly rows: number;
  readonly ascii: boolean;
}): Promise<void> {
  const { cluster, output, columns, rows, ascii } = options;
  const view = initialView({ columns, rows, theme: "mono", startsInCommandLine: false });
  const hasCache = layoutFor(view).panes.some(({ name }) => name === "cache");
  const [snapshot, cache] = await Promise.all([
    cluster.snapshot(),
    hasCache ? cluster.cache("master", { from: 0, count: Math.min(64, rows) }) : undefined,
  ]);
  const model = modelOf([snapshot]);
  const compositor = new Compositor();
  try {
    const { surface } = compositor.compose({
      view,
      live: model,
      model,
      cache: cache === undefined ? NO_CACHE : { cache, trouble: undefined },
      nowMs: 0,
      theme: MONO,
      glyphs: ascii ? ASCII : UNICODE,
      clock: localClock,
    });
    await writeText(
      output,
      surface
        .toLines()
        .map((line) => `${line}\n`)
        .join(""),
    );
  } finally {
    compositor.close();
  }
}
