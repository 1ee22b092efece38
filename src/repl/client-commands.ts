import type { Command } from "./command.js";
import { describeOutcome, evaluate } from "./evaluate.js";
import { failureText } from "./output.js";
import { layOut } from "./table.js";
import { escapeLines, escapeUnprintable } from "../protocol/unprintable.js";

/** `NAME:` before a command gives it to the background client of that name. */
export const CLIENT_PREFIX = /^[A-Za-z][\w-]{0,31}:$/;

/** Clients beside the session. */
export const CLIENT_COMMANDS: readonly Command[] = [
  {
    name: "clients",
    usage: "",
    summary: "list the background clients: `NAME: COMMAND` gives client NAME a command, and the session goes on",
    detail:
      "Each client has a connection of its own and runs its commands one after the other. `wait for NAME` waits for it, `expect client NAME is V` looks at how its last command went.",
    examples: ["clients", "a: put city Paris", "a: repeat 10 put user:{i} {i}"],
    arity: { min: 0, max: 0 },
    lists: "clients",
    async run({ output, session: { clients } }) {
      const states = clients.names.map((name) => ({ name, ...clients.state(name) }));
      if (states.length === 0) return "done";
      const rows = states.map(({ name, pending, last }) => [
        output.paint.name(name),
        pending === 0 ? "idle" : `${pending} to do`,
        last === undefined ? "-" : escapeUnprintable(describeOutcome(last)).slice(0, 80),
      ]);
      await output.print(layOut(rows), { clients: states });
      return "done";
    },
  },
  {
    name: "try",
    usage: "CMD",
    summary: "run a command whose failure is an answer like any other",
    examples: ["try get nowhere", "a: repeat 5 try put city {i}"],
    arity: { min: 1, max: Infinity },
    completes: ["command"],
    async run({ output, execute, words, signal }) {
      const outcome = await evaluate(words, { execute, signal });
      signal.throwIfAborted();
      if (outcome.text !== "") await output.print(output.terminal ? escapeLines(outcome.text) : outcome.text);
      if (!outcome.ok) await output.print(failureText(outcome.failure));
      return "done";
    },
  },
];
