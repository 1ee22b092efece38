#!/usr/bin/env node
import yargs, { type Argv } from "yargs";
import { hideBin } from "yargs/helpers";
import { reportError } from "./commands/exit-code.js";
import {
  BENCH,
  CERTS,
  CHECK,
  CONNECT,
  JSON_OUTPUT,
  MASTER,
  MONITOR,
  REPL,
  RUN,
  SETTING_NAMES,
  SLAVE,
  UP,
} from "./commands/settings.js";
import { type Settings, UsageError, type Values, envOf, flagOf, readConfigFile, resolveSettings } from "./config.js";

/**
 * The command tree and nothing else: every command is loaded when it is chosen, so `--help` stays fast. Errors end here,
 * as one line on stderr and an exit code.
 */
interface CommandSpec<Of extends Settings> {
  /** Its name and arguments, as yargs writes them. */
  readonly command: string;
  readonly describe: string;
  readonly arguments?: Readonly<Record<string, string>>;
  readonly settings: Of;
  /** Loads the command and runs it, with the last argument's words where it takes several; resolves with the exit code. */
  readonly run: (
    values: Values<Of>,
    args: Readonly<Record<string, string | undefined>>,
    more: readonly string[],
  ) => Promise<number>;
}

/** Gives TypeScript each command's own settings. */
function command<Of extends Settings>(spec: CommandSpec<Of>): CommandSpec<Of> {
  return spec;
}

const KEY = { key: "1 to 256 bytes of UTF-8" };

const COMMANDS = [
  command({
    command: "up",
    describe: "start a master and its slaves; the monitor on a terminal, a script from a pipe",
    settings: UP,
    run: async (values) => (await import("./commands/up.js")).run(values),
  }),
  command({
    command: "master",
    describe: "run a master, the coordinator",
    settings: MASTER,
    run: async (values) => (await import("./commands/master.js")).run(values),
  }),
  command({
    command: "slave",
    describe: "run a slave, a participant",
    settings: SLAVE,
    run: async (values) => (await import("./commands/slave.js")).run(values),
  }),
  command({
    command: "repl",
    describe: "talk to a running cluster; a script from a pipe",
    settings: REPL,
    run: async (values) => (await import("./commands/repl.js")).run(values),
  }),
  command({
    command: "run <file> [more..]",
    describe: "run scenario files: each on a cluster of its own, with TAP and an exit code for the result",
    arguments: { file: "a scenario, a folder of them, or `-` for standard input", more: "more of them" },
    settings: RUN,
    run: async (values, { file = "" }, more) => (await import("./commands/run.js")).run(values, [file, ...more]),
  }),
  command({
    command: "monitor",
    describe: "watch a running cluster: ring, slaves, every two-phase commit; lines into a pipe",
    settings: MONITOR,
    run: async (values) => (await import("./commands/monitor.js")).run(values),
  }),
  command({
    command: "get <key>",
    describe: "print the value of a key",
    arguments: KEY,
    settings: CONNECT,
    run: async (values, { key = "" }) => (await import("./commands/requests.js")).get(values, key),
  }),
  command({
    command: "put <key> [value]",
    describe: "write a value",
    arguments: { ...KEY, value: "the value; without it, all of standard input" },
    settings: CONNECT,
    run: async (values, { key = "", value }) => (await import("./commands/requests.js")).put(values, key, value),
  }),
  command({
    command: "del <key>",
    describe: "delete a key",
    arguments: KEY,
    settings: CONNECT,
    run: async (values, { key = "" }) => (await import("./commands/requests.js")).del(values, key),
  }),
  command({
    command: "keys [prefix]",
    describe: "list the keys, one a line",
    arguments: { prefix: "only keys that start with it" },
    settings: CONNECT,
    run: async (values, { prefix = "" }) => (await import("./commands/requests.js")).keys(values, prefix),
  }),
  command({
    command: "status",
    describe: "show the cluster's health and counters",
    settings: { ...CONNECT, ...JSON_OUTPUT },
    run: async (values) => (await import("./commands/status.js")).run(values),
  }),
  command({
    command: "bench",
    describe: "measure GET and PUT per second and their latency",
    settings: BENCH,
    run: async (values) => (await import("./commands/bench.js")).run(values),
  }),
  command({
    command: "certs <dir>",
    describe: "make a CA and certificates for a ring, for --tls",
    arguments: { dir: "directory that takes them; what is there already stays" },
    settings: CERTS,
    run: async (values, { dir = "" }) => (await import("./commands/certs.js")).run(values, dir),
  }),
  command({
    command: "check <history>",
    describe: "check a recorded history for linearizability; draw a key that violates it",
    arguments: { history: "JSON Lines file of operations; `-` for standard input" },
    settings: CHECK,
    run: async (values, { history = "" }) => (await import("./commands/check.js")).run(values, history),
  }),
  command({
    command: "log <action> <dir>",
    describe: "read a slave's log aloud, or check it",
    arguments: { action: "`dump` or `verify`", dir: "data directory of a slave that is down" },
    settings: {},
    run: async (_, { action = "", dir = "" }) => (await import("./commands/log.js")).run(action, dir),
  }),
];

/** The chosen command, ready to run; undefined after `--help`. */
function choose(words: readonly string[]): (() => Promise<number>) | undefined {
  const { argv, original } = shield(words);
  let chosen: (() => Promise<number>) | undefined;
  let usage = "";
  const tree = yargs(argv)
    .scriptName("ringkv")
    .usage("$0 <command>: a distributed key-value store that you can watch, break and trust")
    .locale("en")
    .parserConfiguration({ "duplicate-arguments-array": false, "parse-positional-numbers": false })
    .option("config", { type: "string", requiresArg: true, describe: "JSON file with settings" })
    .demandCommand(1, "Which command? `ringkv --help` lists them.")
    .strict()
    .strictCommands()
    .version(false)
    .option("version", { type: "boolean", describe: "Show version number" })
    .epilogue(
      `Flags beat environment (${envOf("clientPort")}), which beats --config, which beats defaults.\n` +
        "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no connection.",
    )
    .wrap(Math.min(process.stdout.columns || 100, 120))
    .exitProcess(false)
    .updateStrings({
      "Not enough non-option arguments: got %s, need at least %s": {
        one: "%s arguments given, %s needed",
        other: "%s arguments given, %s needed",
      },
    } as unknown as Record<string, string>)
    .fail((message: string | null, error: Error | undefined) => {
      if (error !== undefined && error.name !== "YError") throw error;
      throw new UsageError(`${usage}${message ?? error?.message ?? ""}`);
    });
  for (const spec of COMMANDS) {
    add(tree, spec as CommandSpec<Settings>, {
      original,
      onNamed: () => (usage = `${spec.command}: `),
      onChosen: (run) => (chosen = run),
    });
  }
  void tree.parse();
  return chosen;
}

interface TreeContext {
  /** An argument as it was typed. */
  readonly original: (word: unknown) => string | undefined;
  /** The command line names this command; its flags are yet to be checked. */
  readonly onNamed: () => void;
  readonly onChosen: (run: () => Promise<number>) => void;
}

function add(tree: Argv, spec: CommandSpec<Settings>, { original, onNamed, onChosen }: TreeContext): void {
  tree.command(
    spec.command,
    spec.describe,
    (builder) => {
      onNamed();
      for (const [name, describe] of Object.entries(spec.arguments ?? {})) {
        builder.positional(name, { type: "string", describe });
      }
      for (const [name, setting] of Object.entries(spec.settings)) {
        builder.option(flagOf(name).slice(2), {
          type: setting.isSwitch ? "boolean" : "string",
          describe: setting.describe,
          ...(!setting.isSwitch && { requiresArg: true }),
          ...(setting.hidden && { hidden: true }),
          ...(setting.fallbackText !== undefined && { defaultDescription: setting.fallbackText }),
        });
      }
      return builder;
    },
    (flags) => {
      onChosen(() => {
        const path = flags["config"] ?? process.env[envOf("config")];
        const file = typeof path === "string" && path !== "" ? readConfigFile(path, SETTING_NAMES) : undefined;
        const names = Object.keys(spec.arguments ?? {});
        const args = names.map((name) => [name, original(flags[name])] as const);
        const more = names.flatMap((name) => (Array.isArray(flags[name]) ? (flags[name] as unknown[]) : []));
        return spec.run(
          resolveSettings(spec.settings, { flags, env: process.env, file }),
          Object.fromEntries(args),
          more.map(original).filter((word) => word !== undefined),
        );
      });
    },
  );
}

/**
 * yargs loses arguments that follow `--`, and takes a lone `-` for an empty one. They go through it as words that no
 * command line can hold.
 */
function shield(words: readonly string[]) {
  const separator = words.indexOf("--");
  const end = separator === -1 ? words.length : separator;
  const argv = words.flatMap((word, index) =>
    index === end ? [] : index > end || word === "-" ? [`\0${index}`] : [word],
  );
  const original = (word: unknown) => {
    if (typeof word !== "string") return undefined;
    return word.startsWith("\0") ? words[Number(word.slice(1))] : word;
  };
  return { argv, original };
}

async function main(argv: readonly string[]): Promise<void> {
  try {
    if (argv[0] === "--version" || argv[0] === "-v") {
      process.stdout.write(`${(await import("./version.js")).VERSION}\n`);
      return;
    }
    process.exitCode = (await choose(argv)?.()) ?? 0;
  } catch (error) {
    process.exitCode = reportError(error);
  }
}

await main(hideBin(process.argv));
