import { FramingFuzzer } from "./framing-fuzzer.js";
import type { Fuzzer } from "./fuzzing.js";
import { LanguageFuzzer } from "./language-fuzzer.js";
import { LogFuzzer } from "./log-fuzzer.js";
import { MessagesFuzzer } from "./messages-fuzzer.js";

/** What is fuzzed, by the name that `--only` takes. */
export const FUZZER_NAMES = ["framing", "messages", "log", "grammar"] as const;
export type FuzzerName = (typeof FUZZER_NAMES)[number];

/** A new one of that name. */
export function fuzzerOf(name: FuzzerName): Fuzzer {
  switch (name) {
    case "framing":
      return new FramingFuzzer();
    case "messages":
      return new MessagesFuzzer();
    case "log":
      return new LogFuzzer();
    case "grammar":
      return new LanguageFuzzer();
  }
}
