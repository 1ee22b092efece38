import type { Writable } from "node:stream";
import type { WatchItem } from "../client/watch-status.js";
import { writeText } from "../repl/output.js";
import { localClock } from "./local-clock.js";
import { NOTHING_KNOWN, labelOf } from "./model/feed-model.js";
import { heard } from "./model/reduce-feed.js";
import { safeText } from "./screen/safe-text.js";

/** The feed as lines for people, where there is no screen: the log of the master and the slaves, and what becomes of ops. */
export async function printLines(feed: AsyncIterable<WatchItem>, output: Writable): Promise<void> {
  let model = NOTHING_KNOWN;
  for await (const item of feed) {
    const printed = model.logs.nextSeq;
    if (item.type === "lost") {
      await writeText(output, `${localClock(Date.now())} the master is lost, trying again: ${item.error.message}\n`);
      model = heard(model, [{ type: "lost", reason: item.error.message }], 0);
    } else model = heard(model, [item], 0);
    if (item.type === "gap") await writeText(output, `${localClock(Date.now())} ${item.missed} events were missed\n`);
    for (const { seq, time, source, level, text } of model.logs.lines.slice(printed - model.logs.nextSeq)) {
      if (seq < printed || level === "debug") continue;
      const label = labelOf(model, source).padEnd(4);
      await writeText(output, `${localClock(time)} ${label} ${level.padEnd(5)} ${safeText(text)}\n`);
    }
  }
}
