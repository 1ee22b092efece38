import type { Values } from "../config.js";
import { watchStatus } from "../client/watch-status.js";
import { ConnectedCluster } from "../repl/connected-cluster.js";
import { jsonText } from "../repl/json-text.js";
import { OutputClosed, writeText } from "../repl/output.js";
import { targetOf } from "./connection.js";
import { EXIT } from "./exit-code.js";
import { hasScreen, loadMonitor } from "./load-monitor.js";
import type { MONITOR } from "./settings.js";

/** `ringkv monitor`: the screen on a terminal, lines into a pipe; one frame with --once, the raw feed with --json. */
export async function run(values: Values<typeof MONITOR>): Promise<number> {
  // Told by what is written then, too.
  process.stdout.on("error", () => undefined);
  const cluster = await ConnectedCluster.connect({ ...targetOf(values.connect, values), isPatient: true });
  try {
    const { transport } = cluster;
    const status = await cluster.statusAddress();
    if (values.json) {
      for await (const { type, ...item } of watchStatus({ ...status, transport })) {
        const told = type === "lost" ? { type, message: "error" in item ? item.error.message : "" } : { type, ...item };
        await writeText(process.stdout, `${jsonText(told)}\n`);
      }
      return EXIT.done;
    }
    const { runFullScreen, printFrame, printLines } = await loadMonitor();
    if (values.once) {
      const { columns, rows } = process.stdout;
      await printFrame({
        cluster,
        output: process.stdout,
        columns: sizeOf(columns, process.env["COLUMNS"], 80),
        rows: sizeOf(rows, process.env["LINES"], 24),
        ascii: values.ascii,
      });
    } else if (!hasScreen()) await printLines(watchStatus({ ...status, transport }), process.stdout);
    else await runFullScreen({ ...values, cluster, status, startsInCommandLine: false, endsOnSignals: true });
    return EXIT.done;
  } catch (error) {
    // Whoever read us has seen enough.
    if (error instanceof OutputClosed) return EXIT.done;
    throw error;
  } finally {
    await cluster.close();
    process.stdin.destroy();
  }
}

/** Columns or rows: the terminal's, else as the environment tells, else a default. */
function sizeOf(known: number | undefined, told: string | undefined, fallback: number): number {
  const number = known ?? Number(told);
  return Number.isInteger(number) && number > 0 && number <= 1_000 ? number : fallback;
}
