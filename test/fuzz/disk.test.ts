import t from "tap";
import { LogFuzzer } from "./log-fuzzer.js";
import { runShare } from "./replay.js";

t.test(
  "a damaged log, state file or value is as it was, up to an end that no one was told of, or is refused",
  async (t) => {
    const seeds = Array.from({ length: 10 }, (_, index) => index);
    const { inputs, chance, violations, counts } = await runShare(new LogFuzzer(), { seeds, forMs: 10_000 });
    t.comment(
      `${inputs} images, ${counts["recovered"] ?? 0} recovered, ${counts["refused"] ?? 0} refused, seed ${chance}`,
    );
    t.strictSame(violations.slice(0, 5), []);
    t.ok((counts["recovered"] ?? 0) > 0 && (counts["refused"] ?? 0) > 0, "both were there");
  },
);
