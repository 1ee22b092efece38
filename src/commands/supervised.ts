import { parseArgs } from "node:util";
import { type Settings, flagOf, resolveSettings } from "../config.js";
import { reportError } from "./exit-code.js";
import { MASTER, SLAVE } from "./settings.js";

/**
 * The entry of the daemons that a supervisor starts: `ringkv master` and `ringkv slave` with every flag written out as
 * `--name=value`. It does without the command tree, whose loading takes a fifth of a daemon's start, times five daemons.
 */
try {
  process.exitCode = await run(process.argv.slice(2));
} catch (error) {
  process.exitCode = reportError(error);
}

async function run([role, ...args]: readonly string[]): Promise<number> {
  if (role === "master") return (await import("./master.js")).run(resolveSettings(MASTER, sourcesOf(MASTER, args)));
  return (await import("./slave.js")).run(resolveSettings(SLAVE, sourcesOf(SLAVE, args)));
}

function sourcesOf(settings: Settings, args: readonly string[]) {
  const names = Object.keys(settings);
  const options = Object.fromEntries(names.map((name) => [flagOf(name).slice(2), { type: "string" as const }]));
  const { values } = parseArgs({ args: [...args], options });
  return {
    flags: Object.fromEntries(names.map((name) => [name, values[flagOf(name).slice(2)]])),
    env: {},
    file: undefined,
  };
}
