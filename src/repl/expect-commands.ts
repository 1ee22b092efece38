import { type Command, CommandUsageError } from "./command.js";
import { CONDITION_USAGE, parseCondition, untilHolds } from "./condition.js";
import { parseDuration } from "./duration.js";
import { ExpectationError } from "./failure.js";
import { SeededRandom } from "./seeded-random.js";
import { type Token } from "./tokenize.js";
import { escapeLines } from "../protocol/unprintable.js";

/** How long `wait` waits where nothing is said, in ms. */
const PATIENCE_MS = 30_000;

/** What scripts say of what they expect. */
export const EXPECT_COMMANDS: readonly Command[] = [
  {
    name: "expect",
    usage: "X [within T]",
    summary: "fail unless X holds, now or within the time; in a scenario each is a test",
    detail: CONDITION_USAGE,
    examples: ["expect get city is Paris", "expect get nowhere fails KEY_NOT_FOUND", "expect s1 is up within 5s"],
    arity: { min: 1, max: Infinity },
    completes: ["command"],
    async run(context) {
      const { condition, withinMs } = parseCondition(context.words);
      await untilHolds(condition, withinMs ?? condition.patienceMs, context);
      if (context.output.terminal) await context.output.print(context.output.paint.good("as expected"));
      return "done";
    },
  },
  {
    name: "wait",
    usage: "until X [within T] | for NAME… [within T]",
    summary: `wait until something holds, or for background clients to finish, at most T (${PATIENCE_MS / 1_000} s)`,
    detail: CONDITION_USAGE,
    examples: ["wait until ring is up", "wait until unresolved is 0 within 5s"],
    arity: { min: 2, max: Infinity },
    completes: [["until", "for"]],
    async run(context) {
      const [kind, ...words] = context.words;
      if (kind?.text === "until") {
        const { condition, withinMs } = parseCondition(words);
        await untilHolds(condition, withinMs ?? PATIENCE_MS, context);
        return "done";
      }
      if (kind?.text !== "for") throw new CommandUsageError("wait until X [within T], or wait for NAME… [within T]");
      const { names, withinMs } = parseNames(words);
      const { clients } = context.session;
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), withinMs);
      try {
        for (const name of names) {
          await clients.idle(name, AbortSignal.any([late.signal, context.signal])).catch((error: unknown) => {
            if (!late.signal.aborted || context.signal.aborted) throw error;
            throw new ExpectationError(`client ${name} done`, `${clients.state(name).pending} commands to do`);
          });
        }
      } finally {
        clearTimeout(timer);
      }
      return "done";
    },
  },
  {
    name: "section",
    usage: "TITLE",
    summary: "begin a part of a scenario: its tests are counted together",
    examples: ['section "a slave dies"'],
    arity: { min: 1, max: Infinity },
    async run({ output }, words) {
      if (output.terminal) await output.print(output.paint.strong(escapeLines(words.join(" "))));
      return "done";
    },
  },
  {
    name: "cluster",
    usage: "NAME=VALUE…",
    summary: "in the first line of a scenario: the cluster that it wants",
    detail:
      "slaves=3, ids=10,20,30, cache-sets=1, cache-ways=2, prepare-timeout-ms=500, read-timeout-ms, heartbeat-interval-ms, heartbeat-timeout-ms, hash=poly31, serial=true.",
    examples: ["cluster slaves=3 cache-ways=2"],
    arity: { min: 0, max: Infinity },
    run() {
      throw new CommandUsageError(
        "`cluster` stands in the first line of a scenario that `ringkv run` starts a cluster for",
      );
    },
  },
  {
    name: "history",
    usage: "",
    summary: "in a scenario: check that what all its clients were told is linearizable",
    examples: ["expect history is linearizable"],
    arity: { min: 0, max: 0 },
    async run({ output, session }) {
      if (session.checkHistory === undefined) {
        throw new CommandUsageError("nothing keeps a history here; `ringkv run` does");
      }
      const { isLinearizable, text } = session.checkHistory();
      if (!isLinearizable) throw new ExpectationError("a linearizable history", text);
      await output.print(text);
      return "done";
    },
  },
  {
    name: "seed",
    usage: "N",
    summary: "choose the random numbers that {A..B} gives inside `repeat`: the same seed, the same numbers",
    examples: ["seed 42"],
    arity: { min: 1, max: 1 },
    run({ session }, [number = ""]) {
      if (!/^[0-9]{1,10}$/.test(number)) throw new CommandUsageError("seed N, a whole number");
      session.random = new SeededRandom(Number(number));
      return Promise.resolve("done");
    },
  },
];

function parseNames(words: readonly Token[]): { readonly names: readonly string[]; readonly withinMs: number } {
  const within = words.findIndex(({ text, isPlain }) => isPlain && text === "within");
  const names = (within === -1 ? words : words.slice(0, within)).map(({ text }) => text);
  const [, time, ...more] = within === -1 ? [] : words.slice(within);
  if (names.length === 0 || more.length > 0 || (within !== -1 && time === undefined)) {
    throw new CommandUsageError("wait for NAME… [within T]");
  }
  return { names, withinMs: time === undefined ? PATIENCE_MS : parseDuration(time.text) };
}
