import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import type { Port } from "./target.js";

/** Recorded sessions lie beside the sources, wherever the compiled ones are run from. */
const CORPUS = path.resolve("test/fuzz/corpus");

/** What was sent to a port in recorded sessions, line by line. */
export function corpusLines(port: Port): readonly Uint8Array[] {
  return linesOf(`${port}.jsonl`).map((line) => Buffer.from(line));
}

/** Statements that were typed. */
export function corpusStatements(): readonly string[] {
  return readFileSync(path.join(CORPUS, "statements.kv"), "utf8")
    .split("\n---\n")
    .map((statement) => statement.replace(/\n$/, ""));
}

/** The files of a recorded log, by name. */
export type LogImage = ReadonlyMap<string, Uint8Array>;

/** How the corpus names a segment: files that end in `.log` are what people keep out of a repository. */
export const KEPT_AS = ".segment";

/** Logs as they lay on disk. */
export function corpusLogs(): ReadonlyMap<string, LogImage> {
  const directory = path.join(CORPUS, "logs");
  return new Map(
    readdirSync(directory)
      .sort()
      .map((name) => {
        const files = readdirSync(path.join(directory, name)).sort();
        return [
          name,
          new Map(
            files.map((file) => [
              file.replace(KEPT_AS, ".log"),
              new Uint8Array(readFileSync(path.join(directory, name, file))),
            ]),
          ),
        ];
      }),
  );
}

function linesOf(file: string): readonly string[] {
  return readFileSync(path.join(CORPUS, file), "utf8")
    .split("\n")
    .filter((line) => line !== "");
}
