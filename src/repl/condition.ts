import { RingkvError } from "../protocol/errors.js";
import { type CommandContext, CommandUsageError } from "./command.js";
import { parseDuration } from "./duration.js";
import { describeOutcome, evaluate } from "./evaluate.js";
import { ExpectationError } from "./failure.js";
import { pause } from "./pause.js";
import type { Token } from "./tokenize.js";

/** Something that holds of the cluster, or not (yet). */
export interface Condition {
  /** What must be found, in words. */
  readonly expected: string;
  /** How long it may take where nothing is said, in ms. */
  readonly patienceMs: number;
  /** Looks now; undefined when it holds, otherwise what was found instead. */
  look(context: CommandContext): Promise<string | undefined>;
}

/** Help for those who write conditions. */
export const CONDITION_USAGE =
  "X is `CMD`, `CMD is V`, `CMD contains V`, `CMD fails [CODE]`, `s1 is up|down|suspect|joining|paused`, `ring is up`, `unresolved is N` or `client NAME is V`; put quotes around a V that could be a keyword.";

/** Between two looks at a condition that does not hold yet, in ms. */
const LOOK_AGAIN_MS = 20;

const STATES = ["up", "down", "suspect", "joining", "paused"];

/** Reads `X [within T]`. @throws CommandUsageError */
export function parseCondition(words: readonly Token[]): {
  readonly condition: Condition;
  readonly withinMs: number | undefined;
} {
  const within = words.findLastIndex((word) => isKeyword(word, "within"));
  const isTimed = within !== -1 && within === words.length - 2;
  const rest = isTimed ? words.slice(0, within) : words;
  return {
    condition: conditionOf(rest),
    withinMs: isTimed ? parseDuration(words.at(-1)?.text ?? "") : undefined,
  };
}

/** Waits until a condition holds. @throws ExpectationError when it does not in time; the signal's reason */
export async function untilHolds(condition: Condition, withinMs: number, context: CommandContext): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await condition.look(context);
    context.signal.throwIfAborted();
    if (found === undefined) return;
    if (performance.now() >= deadline) throw new ExpectationError(condition.expected, found);
    await pause(LOOK_AGAIN_MS, context.signal);
  }
}

function conditionOf(words: readonly Token[]): Condition {
  const at = words.findIndex((word) => VERBS.some((verb) => isKeyword(word, verb)));
  const subject = at === -1 ? words : words.slice(0, at);
  const verb = words[at]?.text;
  const object = at === -1 ? [] : words.slice(at + 1).map(({ text }) => text);
  if (subject.length === 0 || (verb !== undefined && verb !== "fails" && object.length === 0)) {
    throw new CommandUsageError(`there is no condition here; ${CONDITION_USAGE}`);
  }
  return (
    (verb === "is" ? (stateCondition(subject, object) ?? clientCondition(subject, verb, object)) : undefined) ??
    clientCondition(subject, verb, object) ??
    commandCondition(subject, verb, object)
  );
}

const VERBS = ["is", "contains", "fails"];

function isKeyword(word: Token, keyword: string): boolean {
  return word.isPlain && word.text === keyword;
}

/** `s1 is down`, `ring is up`, `unresolved is 0`. */
function stateCondition(subject: readonly Token[], [object = "", ...more]: readonly string[]): Condition | undefined {
  const [word, ...others] = subject;
  if (word === undefined || others.length > 0 || more.length > 0 || !word.isPlain) return undefined;
  const name = word.text.toLowerCase();
  if (name === "ring" && object === "up") return snapshotCondition("the ring up", findRing);
  if (name === "unresolved" && /^[0-9]+$/.test(object)) {
    return snapshotCondition(`${object} unresolved`, ({ metrics }) => `${metrics.unresolved} unresolved`);
  }
  if (!/^(?:s?[0-9]+)$/.test(name)) return undefined;
  if (!STATES.includes(object)) throw new CommandUsageError(`a slave is ${STATES.join(", ")}; not ${object}`);
  return snapshotCondition(`${name} ${object}`, ({ slaves }) => {
    const slave = slaves.find((candidate) => [candidate.name, candidate.name.slice(1), candidate.id].includes(name));
    if (slave === undefined) throw new RingkvError("BAD_REQUEST", `No slave \`${name}\`.`);
    return `${name} ${object === "paused" && slave.paused ? "paused" : slave.state}`;
  });
}

type Snapshot = Awaited<ReturnType<CommandContext["cluster"]["snapshot"]>>;

function snapshotCondition(expected: string, find: (snapshot: Snapshot) => string): Condition {
  return {
    expected,
    patienceMs: 0,
    async look({ cluster, signal }) {
      try {
        const found = find(await cluster.snapshot({ signal }));
        return found === expected ? undefined : found;
      } catch (error) {
        // A master that is being started again answers nothing for a moment.
        if (!(error instanceof RingkvError) || !error.retriable) throw error;
        return `no answer (${error.code})`;
      }
    },
  };
}

function findRing({ info, slaves }: Snapshot): string {
  const up = slaves.filter(({ state }) => state === "up").length;
  return info.ringComplete && up === info.ringSize ? "the ring up" : `${up} of ${info.ringSize} slaves up`;
}

/** `client a is OK`, `client a fails ABORTED`: of its last command, once it has nothing left to do. */
function clientCondition(
  [first, name, ...more]: readonly Token[],
  verb: string | undefined,
  object: readonly string[],
): Condition | undefined {
  if (first === undefined || !isKeyword(first, "client") || name === undefined || more.length > 0) return undefined;
  return {
    expected: expectedOf(verb, object),
    patienceMs: 10_000,
    look({ session: { clients } }) {
      const { pending, last } = clients.state(name.text);
      if (pending > 0 || last === undefined) return Promise.resolve(`client ${name.text} still at work`);
      clients.seen(name.text);
      return Promise.resolve(mismatch(last, verb, object));
    },
  };
}

function commandCondition(command: readonly Token[], verb: string | undefined, object: readonly string[]): Condition {
  return {
    expected: expectedOf(verb, object),
    patienceMs: 0,
    async look(context) {
      const outcome = await evaluate(command, context);
      // A command that cannot be run at all is a mistake of the script, whatever it expects.
      if (!outcome.ok && outcome.error instanceof CommandUsageError) throw outcome.error;
      return mismatch(outcome, verb, object);
    },
  };
}

function expectedOf(verb: string | undefined, object: readonly string[]): string {
  switch (verb) {
    case "is":
      return JSON.stringify(object.join("\n"));
    case "contains":
      return `something with ${JSON.stringify(object.join(" "))}`;
    case "fails":
      return object.length === 0 ? "a failure" : object.join(" or ");
    default:
      return "success";
  }
}

function mismatch(
  outcome: Awaited<ReturnType<typeof evaluate>>,
  verb: string | undefined,
  object: readonly string[],
): string | undefined {
  if (verb === "fails") {
    if (outcome.ok) return `success: ${JSON.stringify(outcome.text)}`;
    return object.length === 0 || object.includes(outcome.failure.code) ? undefined : describeOutcome(outcome);
  }
  if (!outcome.ok) return describeOutcome(outcome);
  if (verb === "is") return outcome.text === object.join("\n") ? undefined : JSON.stringify(outcome.text);
  if (verb === "contains") return outcome.text.includes(object.join(" ")) ? undefined : JSON.stringify(outcome.text);
  return undefined;
}
