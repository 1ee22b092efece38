/**
 * ringkv against Redis, etcd and a bare Node server, in one run (docs/benchmarks.md). `npm run bench:peers -- --rounds 5`.
 * Redis and etcd are looked for on this machine (Debian: `redis-server`, `etcd-server`); what is not there is said.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ProgressLine } from "../../src/bench/report/progress-line.js";
import { formatPeers } from "./peers-table.js";
import { runPeers } from "./run-peers.js";

const { values } = parseArgs({
  options: {
    clients: { type: "string", default: "1,16,64,256" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    "warmup-seconds": { type: "string", default: "0.5" },
    "value-bytes": { type: "string", default: "100" },
    keys: { type: "string", default: "10000" },
    slaves: { type: "string", default: "2" },
    generators: { type: "string", default: "1" },
    /** Programs that are left out, with commas. */
    without: { type: "string", default: "" },
    json: { type: "boolean", default: false },
  },
});

const progress = new ProgressLine(process.stderr);
const over = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => over.abort(new Error(`ended by ${signal}`)));
}
try {
  const report = await runPeers({
    cli: process.env["RINGKV_TEST_CLI"] ?? fileURLToPath(new URL("../../../../dist/cli.js", import.meta.url)),
    clients: values.clients.split(",").map((text) => positive("clients", text)),
    rounds: positive("rounds", values.rounds),
    seconds: positive("seconds", values.seconds),
    warmupSeconds: positive("warmup-seconds", values["warmup-seconds"]),
    valueBytes: positive("value-bytes", values["value-bytes"]),
    keys: positive("keys", values.keys),
    slaves: positive("slaves", values.slaves),
    generators: positive("generators", values.generators),
    without: values.without.split(","),
    onProgress: (text, part) => progress.tell(text, part),
    signal: over.signal,
  });
  progress.end();
  process.stdout.write(values.json ? `${JSON.stringify(report)}\n` : formatPeers(report));
} catch (error) {
  progress.end();
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new TypeError(`--${name} must be a number above 0, not ${text}`);
  return number;
}
