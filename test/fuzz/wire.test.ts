import t from "tap";
import { FramingFuzzer } from "./framing-fuzzer.js";
import { MessagesFuzzer } from "./messages-fuzzer.js";
import { runShare } from "./replay.js";

// More, and on all cores: `npm run fuzz`. SEED=… plays the seeds by chance again.

t.test("any stream in any chunks gives the lines that a plain reading of its bytes gives", async (t) => {
  const { inputs, chance, violations } = await runShare(new FramingFuzzer(), { seeds: [1, 2, 3], forMs: 2_000 });
  t.comment(`${inputs} lines, seed ${chance}`);
  t.strictSame(violations.slice(0, 5), []);
});

t.test(
  "whatever is sent to any port, each request is answered once and a good client sees nothing of it",
  async (t) => {
    const seeds = Array.from({ length: 16 }, (_, index) => index);
    const { inputs, chance, violations, counts } = await runShare(new MessagesFuzzer(), { seeds, forMs: 16_000 });
    t.comment(`${inputs} frames, ${counts["rightAnswers"] ?? 0} right answers, seed ${chance}`);
    t.strictSame(violations.slice(0, 5), []);
    t.ok((counts["rightAnswers"] ?? 0) > 0, "the good client was there");
  },
);
