import { type Command, CommandUsageError, findCommand } from "./command.js";
import type { Paint } from "./paint.js";
import { SLAVE_NAMES } from "./process-commands.js";
import { layOut } from "./table.js";

/** The commands about the REPL itself. */
export const GENERAL_COMMANDS: readonly Command[] = [
  {
    name: "help",
    usage: "[CMD]",
    summary: "list the commands, or tell about one",
    examples: ["help", "help put"],
    arity: { min: 0, max: 1 },
    completes: ["command"],
    async run({ output, commands }, [name]) {
      if (name === undefined) {
        await output.print(listCommands(commands, output.paint));
        return "done";
      }
      const command = findCommand(commands, name);
      if (command === undefined)
        throw new CommandUsageError(`there is no command ${JSON.stringify(name)}; \`help\` lists them`);
      await output.print(describeCommand(command, output.paint));
      return "done";
    },
  },
  {
    name: "quit",
    aliases: ["exit"],
    usage: "",
    summary: "leave (also `exit`, Ctrl-D)",
    examples: ["quit"],
    arity: { min: 0, max: 0 },
    run: () => Promise.resolve("quit"),
  },
];

function listCommands(commands: readonly Command[], paint: Paint): string {
  const rows = commands.map((command) => [
    `${paint.name(command.name)}${command.usage === "" ? "" : ` ${command.usage}`}`,
    command.summary,
  ]);
  return [
    layOut(rows),
    "",
    SLAVE_NAMES,
    `Words with blanks are quoted: "…" with escapes such as \\n, '…' literally; JSON needs none. Lines that start with # are comments, a lone ; separates commands.`,
    "`NAME: CMD` gives a command to a background client of that name.",
  ].join("\n");
}

function describeCommand(command: Command, paint: Paint): string {
  return [
    `${paint.name(command.name)} ${command.usage}`.trimEnd(),
    `  ${command.summary}`,
    ...(command.detail === undefined ? [] : [`  ${command.detail}`]),
    ...command.examples.map((example) => `  ${paint.dim("e.g.")} ${example.replaceAll("\n", "\n       ")}`),
  ].join("\n");
}
