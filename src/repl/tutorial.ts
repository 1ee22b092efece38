import { type Command, type CommandContext, type CommandResult, CommandUsageError } from "./command.js";
import { TUTORIAL } from "./tutorial-text.js";

/** The key whose replicas the chapters talk about. */
const KEY = "tutorial:city";

/** The guided tour: each chapter is read, and run against the live cluster. */
export const TUTORIAL_COMMAND: Command = {
  name: "tutorial",
  usage: "[next | N]",
  summary: `a guided tour in ${TUTORIAL.length} chapters of a minute, run against this cluster: ring, two-phase commit, crash, recovery`,
  detail:
    "Its keys begin with `tutorial:`. It kills slaves and the master, which takes a cluster that `ringkv up` has started.",
  examples: ["tutorial", "tutorial 2"],
  arity: { min: 0, max: 1 },
  completes: [["next"]],
  run(context, [which]) {
    const number = which === "next" ? context.session.chapter + 1 : which === undefined ? 1 : Number(which);
    const chapter = TUTORIAL[number - 1];
    if (chapter === undefined) {
      throw new CommandUsageError(`the tutorial has chapters 1 to ${TUTORIAL.length}; \`tutorial\` begins it`);
    }
    return showChapter(context, number);
  },
};

async function showChapter(context: CommandContext, number: number): Promise<CommandResult> {
  const { cluster, output, session, signal, runStatement } = context;
  const chapter = TUTORIAL[number - 1];
  if (chapter === undefined) return "done";
  session.chapter = number;
  const [{ replicas }, { slaves }] = await Promise.all([cluster.where(KEY, { signal }), cluster.info({ signal })]);
  const names = replicas.map((id) => slaves.find((slave) => slave.id === id)?.name ?? id);
  const filled = (text: string) =>
    text.replaceAll("{primary}", names[0] ?? "").replaceAll("{successor}", names[1] ?? "");
  await output.print(output.paint.strong(`${number}/${TUTORIAL.length}  ${chapter.title}`));
  await output.print(wrapped(filled(chapter.text)));
  let result: CommandResult = "done";
  for (const command of chapter.commands.map(filled)) {
    signal.throwIfAborted();
    await output.print(output.paint.dim(`> ${command}`));
    if ((await runStatement(command)) === "failed") result = "failed";
  }
  await output.print(wrapped(filled(chapter.after)));
  const next = number < TUTORIAL.length ? "`tutorial next` goes on" : "`tutorial` begins again";
  await output.print(output.paint.dim(next));
  return result;
}

/** The text in lines that are easy to read. */
function wrapped(text: string): string {
  return text.replaceAll(/(.{1,96})(?:\s+|$)/g, "$1\n").trimEnd();
}
