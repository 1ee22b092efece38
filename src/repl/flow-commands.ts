import { type Command, type CommandContext, type CommandResult, CommandUsageError } from "./command.js";
import { parseDuration } from "./duration.js";
import { pause } from "./pause.js";
import { Recorder } from "./recorder.js";
import { readScript } from "./script-file.js";
import { type Token } from "./tokenize.js";
import { escapeLines } from "../protocol/unprintable.js";

const REPEATS_MAX = 1_000_000;
/** Files inside files: more is a file that runs itself. */
const SOURCE_DEPTH_MAX = 16;
const WATCH_EVERY_MS = 1_000;

/** Running commands again, later, or from files. */
export const FLOW_COMMANDS: readonly Command[] = [
  {
    name: "repeat",
    usage: "N CMD",
    summary: "run a command N times; {i} in it is the number of the turn, {A..B} a random number",
    detail: "The first failure ends it; `repeat N try CMD` goes on. `seed` chooses the random numbers.",
    examples: ["repeat 3 put user:{i} {i}", "repeat 5 put k{1..100} {i}", "repeat 3 try get user:{i}"],
    arity: { min: 2, max: Infinity },
    completes: [[], "command"],
    async run(context, [count = ""]) {
      const times = /^[0-9]{1,7}$/.test(count) ? Number(count) : Number.NaN;
      if (!(times <= REPEATS_MAX)) throw new CommandUsageError(`repeat N CMD; N is at most ${REPEATS_MAX}`);
      for (let turn = 1; turn <= times; turn += 1) {
        context.signal.throwIfAborted();
        const words = context.words.slice(1).map((word) => substituted(word, turn, context));
        if ((await context.execute(words)) === "quit") return "quit";
      }
      return "done";
    },
  },
  {
    name: "watch",
    usage: "[EVERY [TIMES]] CMD",
    summary: "run a command every second, or every EVERY, until Ctrl-C or for so many TIMES",
    examples: ["watch 100ms 3 unresolved", "watch 50ms 2 slaves"],
    arity: { min: 1, max: Infinity },
    completes: ["command"],
    async run({ output, signal, execute, words }) {
      const [everyMs, times, command] = parseWatch(words);
      for (let turn = 1; turn <= times; turn += 1) {
        if (turn > 1) await pause(everyMs, signal);
        if (output.terminal) await output.print(output.paint.dim(new Date().toLocaleTimeString()));
        if ((await execute(command)) === "quit") return "quit";
      }
      return "done";
    },
  },
  {
    name: "sleep",
    usage: "T",
    summary: "wait for so long",
    examples: ["sleep 100ms"],
    arity: { min: 1, max: 1 },
    async run({ signal }, [time = ""]) {
      await pause(parseDuration(time), signal);
      return "done";
    },
  },
  {
    name: "source",
    usage: "FILE",
    summary: "run the commands of a file, one after the other",
    examples: ["source session.kv"],
    arity: { min: 1, max: 1 },
    completes: ["file"],
    run: (context, [file = ""]) => runFile(context, file, 0),
  },
  {
    name: "record",
    usage: "FILE | off",
    summary: "write what is typed from now on to a new file, with its times",
    detail: "`source FILE` runs it at once, `replay FILE` at the pace at which it was typed.",
    examples: ["record session.kv", "record off"],
    arity: { min: 1, max: 1 },
    completes: ["file"],
    async run({ session, output }, [file = ""]) {
      const before = session.recorder;
      session.recorder = undefined;
      const told = await before?.close();
      if (told !== undefined) await output.print(told);
      if (file !== "off") session.recorder = await Recorder.open(file);
      return "done";
    },
  },
  {
    name: "replay",
    usage: "FILE [SPEED]",
    summary: "run a recorded file at the pace at which it was typed, or SPEED times as fast",
    examples: ["replay session.kv", "replay session.kv 10"],
    arity: { min: 1, max: 2 },
    completes: ["file"],
    run(context, [file = "", speed = "1"]) {
      const factor = /^[0-9]{1,4}(?:\.[0-9]{1,2})?$/.test(speed) ? Number(speed) : 0;
      if (factor <= 0) throw new CommandUsageError("replay FILE [SPEED]; SPEED is a number above 0");
      return runFile(context, file, 1 / factor);
    },
  },
];

/** A word of a turn of `repeat`. */
function substituted(word: Token, turn: number, { session }: CommandContext): Token {
  const text = word.text.replaceAll(PLACEHOLDER, (_, low?: string, high?: string) =>
    low === undefined ? turn.toString() : session.random.between(Number(low), Number(high)).toString(),
  );
  return text === word.text ? word : { ...word, text };
}

const PLACEHOLDER = /\{i\}|\{([0-9]{1,9})\.\.([0-9]{1,9})\}/g;

function parseWatch(words: readonly Token[]): readonly [everyMs: number, times: number, command: readonly Token[]] {
  const figures = words.findIndex(({ text }) => !/^[0-9]/.test(text));
  const [every, times, ...more] = words.slice(0, figures === -1 ? words.length : figures);
  const command = words.slice(figures);
  if (figures === -1 || more.length > 0 || (times !== undefined && !/^[1-9][0-9]{0,6}$/.test(times.text))) {
    throw new CommandUsageError("watch [EVERY [TIMES]] CMD");
  }
  const everyMs = every === undefined ? WATCH_EVERY_MS : parseDuration(every.text);
  return [everyMs, times === undefined ? Infinity : Number(times.text), command];
}

/** @param pace what its pauses are multiplied by; 0 for none */
async function runFile(
  { session, signal, runStatement, output }: CommandContext,
  file: string,
  pace: number,
): Promise<CommandResult> {
  if (session.sourceDepth >= SOURCE_DEPTH_MAX) {
    throw new CommandUsageError(`${file} is run from inside ${SOURCE_DEPTH_MAX} files; does it run itself?`);
  }
  const { recorder } = session;
  const script = await readScript(file);
  session.sourceDepth += 1;
  // The line that runs the file is what is recorded, not its contents again.
  session.recorder = undefined;
  let failures = 0;
  try {
    for (const { statement, atMs, beforeMs } of script) {
      if (pace > 0 && atMs !== undefined && beforeMs !== undefined) await pause((atMs - beforeMs) * pace, signal);
      signal.throwIfAborted();
      if (output.terminal) await output.print(output.paint.dim(`> ${escapeLines(statement)}`));
      const result = await runStatement(statement);
      if (result === "quit") break;
      if (result === "failed") failures += 1;
    }
  } finally {
    session.sourceDepth -= 1;
    session.recorder = recorder;
  }
  return failures > 0 ? "failed" : "done";
}
