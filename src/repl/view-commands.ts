import { type Command, CommandUsageError } from "./command.js";
import { describeRing, describeSlaves, describeStatus, paintState } from "./cluster-text.js";
import { EXPLAINED, explain } from "./explain.js";
import { layOut } from "./table.js";

/** Looking at the ring and its slaves. */
export const VIEW_COMMANDS: readonly Command[] = [
  {
    name: "where",
    usage: "K",
    summary: "tell a key's hash and the two slaves that hold it: primary and successor",
    examples: ["where city"],
    arity: { min: 1, max: 1 },
    completes: ["key"],
    async run({ cluster, output, signal }, [key = ""]) {
      const [placement, info] = await Promise.all([cluster.where(key, { signal }), cluster.info({ signal })]);
      const replica = (id: string | undefined) => {
        const slave = info.slaves.find((candidate) => candidate.id === id);
        return slave === undefined
          ? [id ?? "-"]
          : [output.paint.name(slave.name), paintState(slave.state, output.paint), slave.id];
      };
      await output.print(
        layOut([
          ["hash", placement.hash],
          ["set", placement.set?.toString() ?? "-"],
          ["primary", ...replica(placement.replicas[0])],
          ["successor", ...replica(placement.replicas[1])],
        ]),
        { key, ...placement },
      );
      return "done";
    },
  },
  {
    name: "explain",
    usage: "get|put|del K",
    summary: "tell what a request would do, step by step; nothing is done",
    examples: ["explain put city", "explain get city"],
    arity: { min: 2, max: 2 },
    completes: [EXPLAINED, "key"],
    async run({ cluster, output, signal }, [name = "", key = ""]) {
      const verb = EXPLAINED.find((candidate) => candidate === name.toLowerCase());
      if (verb === undefined) throw new CommandUsageError("explain get|put|del K");
      const [place, info] = await Promise.all([cluster.where(key, { signal }), cluster.info({ signal })]);
      await output.print(explain(verb, key, place, info, output.paint));
      return "done";
    },
  },
  {
    name: "ring",
    usage: "",
    summary: "show the ring: the range of hashes that each slave owns, and who holds its copies",
    examples: ["ring"],
    arity: { min: 0, max: 0 },
    async run({ cluster, output, signal }) {
      const snapshot = await cluster.snapshot({ signal });
      await output.print(describeRing(snapshot, output.paint), { slaves: snapshot.slaves });
      return "done";
    },
  },
  {
    name: "slaves",
    usage: "",
    summary: "list the slaves: state, address, keys, ID",
    examples: ["slaves"],
    arity: { min: 0, max: 0 },
    async run({ cluster, output, signal }) {
      const snapshot = await cluster.snapshot({ signal });
      await output.print(describeSlaves(snapshot, output.paint), { slaves: snapshot.slaves });
      return "done";
    },
  },
  {
    name: "status",
    usage: "",
    summary: "show the cluster's health, counters, latencies and unresolved updates",
    examples: ["status"],
    arity: { min: 0, max: 0 },
    async run({ cluster, output, signal }) {
      const snapshot = await cluster.snapshot({ signal });
      await output.print(describeStatus(snapshot, output.paint), snapshot);
      return "done";
    },
  },
];
