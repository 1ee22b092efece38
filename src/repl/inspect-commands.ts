import { RingkvError } from "../protocol/errors.js";
import type { Snapshot } from "../protocol/messages.js";
import { type Command, CommandUsageError } from "./command.js";
import { compareCopies } from "./compare-copies.js";
import { formatMs } from "./output.js";
import { layOut } from "./table.js";
import { quote } from "./tokenize.js";
import { Tracer } from "./tracer.js";

/** Differences that are listed; more are counted. */
const DIFFERENCES_SHOWN_MAX = 20;

/** Watching the protocol, comparing copies, measuring. */
export const INSPECT_COMMANDS: readonly Command[] = [
  {
    name: "trace",
    usage: "on | off",
    summary: "print after each get, put and del the messages that it made flow, with their times",
    examples: ["trace on", "trace off"],
    arity: { min: 1, max: 1 },
    completes: [["on", "off"]],
    async run({ cluster, session, signal }, [word = ""]) {
      if (word !== "on" && word !== "off") throw new CommandUsageError("trace on, or trace off");
      session.tracer?.close();
      session.tracer = word === "on" ? await Tracer.open(cluster, signal) : undefined;
      return "done";
    },
  },
  {
    name: "diff",
    usage: "A B",
    summary: "compare the two copies of every key that lives on slaves A and B",
    examples: ["diff s1 s2"],
    arity: { min: 2, max: 2 },
    completes: ["slave", "slave"],
    async run({ cluster, output, signal }, [a = "", b = ""]) {
      const { slaves } = await cluster.snapshot({ signal });
      const [left, right] = [slaveNamed(slaves, a), slaveNamed(slaves, b)];
      const { shared, differences } = await compareCopies(cluster, left, right, signal);
      const keys = shared === 1 ? "1 key" : `${shared} keys`;
      const lines =
        differences.length === 0
          ? output.paint.good(`equal: ${keys} on both`)
          : [
              output.paint.bad(`${differences.length} of ${keys} differ`),
              layOut(
                differences
                  .slice(0, DIFFERENCES_SHOWN_MAX)
                  .map(({ key, left: one, right: other }) => [
                    quote(key),
                    `${left.name} ${one?.opId ?? "has none"}`,
                    `${right.name} ${other?.opId ?? "has none"}`,
                  ]),
              ),
            ].join("\n");
      await output.print(lines, { shared, differences });
      return differences.length === 0 ? "done" : "failed";
    },
  },
  {
    name: "bench",
    usage: "[SECONDS [CLIENTS]]",
    summary: "measure puts and gets per second and their latency; 2 seconds each with 16 clients if left out",
    detail: "It writes keys that begin with `bench:`. `ringkv bench` measures more.",
    examples: ["bench 1 4"],
    arity: { min: 0, max: 2 },
    async run({ cluster, output, signal }, [seconds = "2", clients = "16"]) {
      const [time, count] = [whole(seconds, "SECONDS", 3_600), whole(clients, "CLIENTS", 4_096)];
      const { runBench } = await import("../bench/bench.js");
      const { address, transport } = cluster;
      const results = await runBench({
        ...address,
        transport,
        clients: [count],
        seconds: time,
        warmupSeconds: 0.5,
        keys: 1_000,
        ceiling: false,
        signal,
      });
      const rows = results.map(({ operation, opsPerSecond, p50, p99 }) => [
        operation,
        `${Math.round(opsPerSecond)}/s`,
        `p50 ${formatMs(p50)}, p99 ${formatMs(p99)}`,
      ]);
      await output.print(layOut(rows), { results });
      return "done";
    },
  },
];

function slaveNamed(slaves: Snapshot["slaves"], name: string) {
  const wanted = name.toLowerCase();
  const found = slaves.find((slave) => [slave.name, slave.name.slice(1), slave.id].includes(wanted));
  if (found !== undefined) return found;
  throw new RingkvError(
    "BAD_REQUEST",
    `No slave \`${name}\`; there are: ${slaves.map((slave) => slave.name).join(", ")}.`,
  );
}

function whole(text: string, what: string, max: number): number {
  const number = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= max) return number;
  throw new CommandUsageError(`${what} is a whole number, 1 to ${max}`);
}
