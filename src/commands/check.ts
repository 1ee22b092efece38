import { readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { UsageError, type Values } from "../config.js";
import { jsonText } from "../repl/json-text.js";
import { OutputClosed, writeText } from "../repl/output.js";
import { parseHistory } from "../testing/history-file.js";
import type { Operation } from "../testing/history.js";
import { drawTimeline } from "../testing/timeline.js";
import { type CheckReport, checkHistory, describeReport } from "./check-report.js";
import { EXIT, describeError } from "./exit-code.js";
import type { CHECK } from "./settings.js";

/**
 * `ringkv check HISTORY.jsonl`: both checks, their verdict, and a timeline of the first key that violates as an HTML file.
 *
 * @param file `-` for standard input
 * @throws UsageError when the history cannot be read or is not one
 */
export async function run({ key, timeline, json }: Values<typeof CHECK>, file: string): Promise<number> {
  process.stdout.on("error", () => undefined);
  const recorded = await readHistory(file);
  const history = key === undefined ? recorded : recorded.filter((operation) => operation.key === key);
  if (key !== undefined && history.length === 0) throw new UsageError(`${file} has no operation of this --key`);
  const report = checkHistory(history);
  const [worst] = report.wrong;
  const drawnKey =
    timeline === undefined && worst?.verdict !== "violation" ? undefined : (worst?.key ?? history[0]?.key);
  const drawn =
    drawnKey === undefined
      ? undefined
      : await draw(timeline ?? besides(file, drawnKey), () => {
          return drawTimeline(history, {
            key: drawnKey,
            verdict: worst?.verdict ?? "linearizable",
            findings: worst?.findings ?? [],
          });
        });
  await tell(json ? jsonText({ ...report, timeline: drawn?.path }) : textOf(report, drawn?.path));
  return report.verdict === "linearizable" && drawn?.isWritten !== false ? EXIT.done : EXIT.failed;
}

async function readHistory(file: string): Promise<readonly Operation[]> {
  try {
    const bytes = file === "-" ? await readStdin() : await readFile(file);
    return parseHistory(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new UsageError(`${file === "-" ? "standard input" : file}: ${describeError(error)}`, { cause: error });
  }
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

interface Drawn {
  readonly isWritten: boolean;
  readonly path: string | undefined;
}

/** Writes a page. That it cannot be written must not hide the verdict, so it is told and no more. */
async function draw(path: string, page: () => string): Promise<Drawn> {
  try {
    await writeFile(path, page());
    return { isWritten: true, path };
  } catch (error) {
    process.stderr.write(`The timeline was not written: ${describeError(error)}\n`);
    return { isWritten: false, path: undefined };
  }
}

/** The name of a key's timeline: beside the history, with what a file name should not have replaced. */
function besides(file: string, key: string): string {
  const name = file === "-" ? "history" : basename(file).replace(/\.jsonl?$/, "");
  const safe = key.replaceAll(/[^A-Za-z0-9_-]+/g, "_").slice(0, 64);
  return join(file === "-" ? "." : dirname(file), `${name}.${safe}.html`);
}

function textOf(report: CheckReport, timeline: string | undefined): string {
  return timeline === undefined ? describeReport(report) : `${describeReport(report)}\ntimeline: ${timeline}`;
}

async function tell(text: string): Promise<void> {
  try {
    await writeText(process.stdout, `${text}\n`);
  } catch (error) {
    if (!(error instanceof OutputClosed)) throw error;
  }
}
