import type { LinkFault } from "../protocol/messages.js";
import { type Command, type CommandContext, type CommandResult, CommandUsageError } from "./command.js";
import { parseDuration } from "./duration.js";
import { layOut } from "./table.js";
import { escapeUnprintable } from "../protocol/unprintable.js";

/** The messages of two-phase commit that a `drop` can begin with. */
const MESSAGES = ["prepare", "vote", "decision", "ack"] as const;

/** Letting things go wrong between the master and a slave, and watching the protocol step by step. */
export const FAULT_COMMANDS: readonly Command[] = [
  {
    name: "delay",
    usage: "ID T",
    summary: "let the master hear everything from a slave so much later: votes, acks, answers",
    detail: "`heal ID` ends it.",
    examples: ["delay s1 200ms"],
    arity: { min: 2, max: 2 },
    completes: ["slave"],
    run: (context, [slave = "", time = ""]) => setFault(context, slave, { kind: "delay", ms: wholeMs(time) }),
  },
  {
    name: "drop",
    usage: "ID [from prepare|vote|decision|ack]",
    summary: "let nothing through between the master and a slave, without a word to either: a silent wire",
    detail:
      "`from vote` begins with the next vote of the slave, which is lost; `from prepare`, `decision` and `ack` likewise. As on a real wire everything after it is lost too. `heal ID` ends it: the slave then registers anew.",
    examples: ["drop s1", "drop s1 from vote"],
    arity: { min: 1, max: 3 },
    completes: ["slave", ["from"], MESSAGES],
    run(context, [slave = "", from, message]) {
      const first = MESSAGES.find((candidate) => candidate === message);
      if (from !== undefined && (from !== "from" || first === undefined)) {
        throw new CommandUsageError("drop ID [from prepare|vote|decision|ack]");
      }
      return setFault(context, slave, { kind: "drop", ...(first !== undefined && { from: first }) });
    },
  },
  {
    name: "partition",
    usage: "ID",
    summary: "cut a slave off from the master: its connections are closed, and new ones refused",
    detail: "`heal ID` ends it.",
    examples: ["partition s1"],
    arity: { min: 1, max: 1 },
    completes: ["slave"],
    run: (context, [slave = ""]) => setFault(context, slave, { kind: "partition" }),
  },
  {
    name: "heal",
    usage: "ID | all",
    summary: "end the delay, drop or partition of a slave, or of all",
    examples: ["heal s1", "heal all"],
    arity: { min: 1, max: 1 },
    completes: ["slave"],
    async run(context, [slave = ""]) {
      if (slave.toLowerCase() !== "all") return setFault(context, slave, { kind: "none" });
      const { slaves } = await context.cluster.snapshot({ signal: context.signal });
      for (const { name, fault } of slaves) if (fault !== undefined) await setFault(context, name, { kind: "none" });
      return "done";
    },
  },
  {
    name: "faults",
    usage: "",
    summary: "list what goes wrong on purpose: delays, drops, partitions, deaths to come, frozen slaves, step mode",
    examples: ["faults"],
    arity: { min: 0, max: 0 },
    async run({ cluster, output, signal }) {
      const { slaves, step } = await cluster.snapshot({ signal });
      const rows = slaves.flatMap(({ name, fault, failpoint, paused }) => [
        ...(fault === undefined ? [] : [[output.paint.name(name), describeFault(fault)]]),
        ...(failpoint === undefined ? [] : [[output.paint.name(name), `will die ${failpoint.replace(":", " ")}`]]),
        ...(paused ? [[output.paint.name(name), "paused"]] : []),
      ]);
      if (step.on) rows.push(["step", `on, ${step.held.length} held`]);
      const faults = slaves.map(({ name, fault, failpoint, paused }) => ({ name, fault, failpoint, paused }));
      await output.print(rows.length === 0 ? "none" : layOut(rows), { slaves: faults, step });
      return "done";
    },
  },
  {
    name: "step",
    usage: "on | next | off",
    summary: "hold every phase of two-phase commit at the master, let the next one go, or all of them",
    detail:
      "While it is on time stands still for the master: nothing times out. The phases are PREPARE, the votes, the decision, the acks; the monitor's diagram shows what is held.",
    examples: ["step on", "step off"],
    arity: { min: 1, max: 1 },
    completes: [["on", "next", "off"]],
    runsBeside: true,
    async run({ cluster, output, signal }, [word = ""]) {
      const mode = (["on", "next", "off"] as const).find((candidate) => candidate === word.toLowerCase());
      if (mode === undefined) throw new CommandUsageError("step on, step next or step off");
      await output.print(escapeUnprintable(await cluster.step(mode, { signal })));
      return "done";
    },
  },
];

/** A fault of a slave's link, for people. */
export function describeFault(fault: LinkFault): string {
  switch (fault.kind) {
    case "none":
      return "none";
    case "delay":
      return `delay ${fault.ms} ms`;
    case "drop":
      return fault.from === undefined ? "drop" : `drop from ${fault.from}`;
    case "partition":
      return "partition";
  }
}

async function setFault(
  { cluster, output, signal }: CommandContext,
  slave: string,
  fault: LinkFault,
): Promise<CommandResult> {
  await output.print(escapeUnprintable(await cluster.fault(slave, fault, { signal })));
  return "done";
}

function wholeMs(time: string): number {
  const ms = Math.round(parseDuration(time));
  if (ms >= 1 && ms <= 60_000) return ms;
  throw new CommandUsageError("a delay is 1ms to 60s");
}
