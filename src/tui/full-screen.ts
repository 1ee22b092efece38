import chalk from "chalk";
import { watchStatus } from "../client/watch-status.js";
import type { Cluster } from "../repl/cluster.js";
import { loadHistory } from "../repl/history.js";
import { Monitor } from "./monitor.js";
import { Terminal } from "./screen/terminal.js";
import type { ThemeName } from "./screen/theme.js";
import { needsAscii, themeNameOf } from "./theme-of.js";

export { printFrame } from "./print-frame.js";
export { printLines } from "./print-lines.js";

export interface FullScreenOptions {
  readonly cluster: Cluster;
  /** The master's status port. */
  readonly status: { readonly host: string; readonly port: number };
  readonly theme: ThemeName;
  readonly ascii: boolean;
  readonly startsInCommandLine: boolean;
  /** SIGINT, SIGTERM and SIGHUP end the process here; otherwise the caller handles them and closes the monitor. */
  readonly endsOnSignals: boolean;
  /** Given the monitor before it shows. */
  readonly onOpen?: (monitor: Monitor) => void;
}

/** The monitor on this process's terminal; resolves when the person leaves, and the terminal is whole again however it ends. */
export async function runFullScreen(options: FullScreenOptions): Promise<void> {
  const { cluster, status, theme, ascii, startsInCommandLine, endsOnSignals, onOpen } = options;
  // Ink writes for our cells, not for the terminal: themes decide what colours there are.
  chalk.level = 1;
  const { history, trouble } = await loadHistory();
  const watching = new AbortController();
  const { stdin: input, stdout: output } = process;
  let monitor: Monitor | undefined = undefined as Monitor | undefined;
  const terminal = Terminal.open({
    input,
    output,
    endsOnSignals,
    onResize: (columns, rows) => monitor?.resize(columns, rows),
    onContinue: () => monitor?.repaint(),
  });
  try {
    monitor = new Monitor({
      cluster,
      feed: watchStatus({ ...status, transport: cluster.transport, signal: watching.signal }),
      terminal,
      input,
      ...(history !== undefined && { history }),
      theme: themeNameOf(theme),
      ascii: ascii || needsAscii(),
      startsInCommandLine,
    });
    onOpen?.(monitor);
    if (trouble !== undefined) monitor.notify(`no history: ${trouble}`);
    await monitor.run();
  } finally {
    terminal.restore();
    watching.abort();
  }
}
