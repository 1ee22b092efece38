import type { ProcessVerb } from "../protocol/messages.js";
import type { Command } from "./command.js";

/** How slaves may be named, told wherever one is asked for. */
export const SLAVE_NAMES = "ID names a slave by its position in the ring (`1` or `s1`) or by its full 64-bit ID.";

/** Control of the slaves' processes; the cluster's supervisor carries it out. */
export const PROCESS_COMMANDS: readonly Command[] = [
  processCommand("kill", "kill a slave's process with SIGKILL, as a crash would"),
  processCommand("restart", "stop a slave if it is up, and start it again"),
  processCommand("start", "start a slave that is down"),
  processCommand("pause", "freeze a slave's process (SIGSTOP): it holds its connections and answers nothing"),
  processCommand("resume", "let a frozen slave go on (SIGCONT)"),
];

function processCommand(verb: ProcessVerb, summary: string): Command {
  return {
    name: verb,
    usage: "ID",
    summary,
    detail: SLAVE_NAMES,
    examples: [`${verb} 1`, `${verb} s1`],
    arity: { min: 1, max: 1 },
    completes: "slave",
    async run({ cluster, output, signal }, [slave = ""]) {
      await output.print(await cluster.process(verb, slave, { signal }));
      return "done";
    },
  };
}
