import type { ProcessVerb } from "../protocol/messages.js";
import { type Command, CommandUsageError } from "./command.js";
import { escapeUnprintable } from "../protocol/unprintable.js";

/** How slaves may be named, told wherever one is asked for. */
export const SLAVE_NAMES = "ID names a slave by its position in the ring (`1` or `s1`) or by its full 64-bit ID.";

const POINTS =
  "A STEP is one that the process takes, such as prepare-forced, ready-sent, commit-appended or ack-sent (docs/two-phase-commit.md lists them); prepare-forced#2 is the second time.";

/** Control of the processes; the cluster's supervisor carries it out. */
export const PROCESS_COMMANDS: readonly Command[] = [
  {
    ...processCommand("kill", "kill a slave's process with SIGKILL, as a crash would; at once or at a step"),
    usage: "ID|master [before|after STEP]",
    detail: `${SLAVE_NAMES} The supervisor starts a killed master again. ${POINTS}`,
    examples: ["kill 1", "kill s1", "kill s2 after prepare-forced", "kill master"],
    completes: ["node", ["after", "before"]],
  },
  {
    ...processCommand("restart", "stop a slave if it is up, and start it again"),
    usage: "ID [before|after STEP]",
    detail: `${SLAVE_NAMES} With a STEP the new process dies there. ${POINTS}`,
  },
  {
    ...processCommand("start", "start a slave that is down"),
    usage: "ID [before|after STEP]",
    detail: `${SLAVE_NAMES} With a STEP the new process dies there. ${POINTS}`,
  },
  {
    ...processCommand("pause", "freeze a slave's process (SIGSTOP): it holds its connections and answers nothing"),
    arity: { min: 1, max: 1 },
  },
  { ...processCommand("resume", "let a frozen slave go on (SIGCONT)"), arity: { min: 1, max: 1 } },
];

function processCommand(verb: ProcessVerb, summary: string): Command {
  return {
    name: verb,
    usage: "ID",
    summary,
    detail: SLAVE_NAMES,
    examples: [`${verb} 1`, `${verb} s1`],
    arity: { min: 1, max: 3 },
    completes: ["slave"],
    async run({ cluster, output, signal }, [slave = "", side, step]) {
      const point = pointOf(verb, side, step);
      const told = await cluster.process(verb, slave, { signal, ...(point !== undefined && { point }) });
      await output.print(escapeUnprintable(told));
      return "done";
    },
  };
}

/** `after prepare-forced` as the protocol names it. */
function pointOf(verb: ProcessVerb, side: string | undefined, step: string | undefined): string | undefined {
  if (side === undefined) return undefined;
  if ((side === "before" || side === "after") && step !== undefined) return `${side}:${step}`;
  throw new CommandUsageError(`${verb} ID [before|after STEP]`);
}
