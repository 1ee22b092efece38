import type { LogEntry } from "../../core/log-codec.js";
import { type FileOperations, nodeFileOperations } from "./file-operations.js";
import { type LogContents, logDirectoryOf, readLog } from "./log-directory.js";
import { storageError } from "./storage-error.js";

/** A running slave may write while its log is read, which can look like damage: it must show this often to be believed. */
const READINGS_MAX = 3;

/** What `ringkv log verify DIR` found. */
export interface LogVerdict {
  readonly verdict: "ok" | "torn" | "damage";
  /** One line, for people. */
  readonly text: string;
}

/**
 * The text of `ringkv log dump DIR`: one line for each record, with its segment and offset, then how the log ends. It only
 * reads, and a running slave may hold the directory.
 *
 * @param dataDirectory a slave's data directory
 * @throws RingkvError STORAGE when there is no log or a file cannot be read
 */
export async function dumpLog(dataDirectory: string, files: FileOperations = nodeFileOperations): Promise<string[]> {
  const contents = await readCalmly(dataDirectory, files);
  const lines = contents.segments.flatMap(({ number, frames }) =>
    frames.map(
      ({ offset, entry, carried }) =>
        `${placeOf(number, offset)}  ${describe(entry)}${carried ? "  (carried over)" : ""}`,
    ),
  );
  return [...lines, verdictOf(dataDirectory, contents).text];
}

/**
 * What `ringkv log verify DIR` says. It only reads, and a running slave may hold the directory.
 * @throws RingkvError STORAGE when there is no log or a file cannot be read
 */
export async function verifyLog(
  dataDirectory: string,
  files: FileOperations = nodeFileOperations,
): Promise<LogVerdict> {
  return verdictOf(dataDirectory, await readCalmly(dataDirectory, files));
}

async function readCalmly(dataDirectory: string, files: FileOperations): Promise<LogContents> {
  const directory = logDirectoryOf(dataDirectory);
  try {
    let contents = await readLog(files, directory);
    for (let reading = 1; reading < READINGS_MAX && contents.damage !== undefined; reading++) {
      contents = await readLog(files, directory);
    }
    return contents;
  } catch (error) {
    throw storageError(`Cannot read the log in ${directory}`, error);
  }
}

function verdictOf(dataDirectory: string, { segments, damage, manifest }: LogContents): LogVerdict {
  if (damage !== undefined) {
    const text = `DAMAGE: ${damage.path}, offset ${damage.offset}: ${damage.reason}.`;
    return { verdict: "damage", text };
  }
  const last = segments.at(-1);
  if (manifest === undefined || last === undefined) {
    return { verdict: "ok", text: `OK: ${dataDirectory} has no log yet.` };
  }
  if (last.end.kind === "torn") {
    const where = `${last.path}, offset ${last.end.offset}`;
    return { verdict: "torn", text: `TORN TAIL: ${where}: ${last.end.reason}. The next start of the slave clears it.` };
  }
  const records = segments.reduce((sum, { frames }) => sum + frames.length, 0);
  return {
    verdict: "ok",
    text: `OK: ${records} records in ${segments.length} segments; the end is ${last.path}, offset ${last.end.offset}.`,
  };
}

function placeOf(segment: number, offset: number): string {
  return `${segment.toString().padStart(8, "0")}:${offset.toString().padStart(8, "0")}`;
}

function describe(entry: LogEntry): string {
  switch (entry.type) {
    case "start": {
      const { previousSegment, previousEnd, carriedOver } = entry;
      const after =
        previousSegment === 0 ? "the log's first" : `follows segment ${previousSegment}, which ends at ${previousEnd}`;
      return `START      ${after}${carriedOver === 0 ? "" : `; a checkpoint, ${carriedOver} records carried over`}`;
    }
    case "epoch":
      return `EPOCH      ${entry.epoch}  of master ${quoted(entry.masterId)}; newest op prepared before: ${entry.newest}`;
    case "prepared": {
      const { opId, kind, key, value, replicas } = entry;
      const write = kind === "put" ? `put ${quoted(key)} = ${quoted(value)}` : `del ${quoted(key)}`;
      return `PREPARED   ${opId}  ${write}  on ${replicas.join(", ")}`;
    }
    case "outcome": {
      const { opId, state, kind, key, replicas } = entry;
      return `OUTCOME    ${opId}  ${state.toUpperCase()} ${kind} ${quoted(key)}  on ${replicas.join(", ")}`;
    }
    case "committed":
    case "aborted":
    case "forgotten":
      return `${entry.type.toUpperCase().padEnd(10)} ${entry.opId}`;
  }
}

/** The text in quotes on one line: control characters, which could drive a terminal, and reordering marks are escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
