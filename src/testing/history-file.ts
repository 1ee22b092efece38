import { z } from "zod";
import { ERROR_CODES, RingkvError } from "../protocol/errors.js";
import { type OpId, parseOpId } from "../protocol/ids.js";
import type { HistorySink, Operation } from "./history.js";

/**
 * Histories as JSON Lines: one operation a line, as history.ts has it, in any order. Unknown fields are ignored, so that a
 * recorder may add its own; blank lines and `\r\n` are tolerated.
 */

const version = z.string().transform((text, context): OpId => {
  const opId = parseOpId(text);
  if (opId !== undefined) return opId;
  context.addIssue({ code: "custom", message: "must be an op ID, `epoch.seq`" });
  return z.NEVER;
});

const code = z.enum(ERROR_CODES);
const found = z.object({ type: z.literal("found"), value: z.string(), version });
const notFound = z.object({ type: z.literal("not-found") });
const done = z.object({ type: z.literal("done"), version });
const failed = z.object({ type: z.literal("failed"), code });
const unknown = z.object({ type: z.literal("unknown"), code });

const head = { client: z.string(), key: z.string(), calledMs: z.number(), returnedMs: z.number() };

const operation = z
  .discriminatedUnion("kind", [
    z.object({ kind: z.literal("get"), ...head, outcome: z.discriminatedUnion("type", [found, notFound, failed]) }),
    z.object({
      kind: z.literal("put"),
      ...head,
      value: z.string(),
      outcome: z.discriminatedUnion("type", [done, failed, unknown]),
    }),
    z.object({
      kind: z.literal("del"),
      ...head,
      outcome: z.discriminatedUnion("type", [done, notFound, failed, unknown]),
    }),
  ])
  .refine(({ outcome, calledMs, returnedMs }) => outcome.type === "unknown" || returnedMs >= calledMs, {
    path: ["returnedMs"],
    message: "is before `calledMs`",
  });

/**
 * Reads a history from JSON Lines.
 *
 * @throws RingkvError BAD_FRAME for a line that is not JSON, BAD_REQUEST for one that is no operation; the message begins with
 *   the line's number, `line 3: `
 */
export function parseHistory(text: string): readonly Operation[] {
  return text.split("\n").flatMap((line, index) => (line.trim() === "" ? [] : [parseLine(line, index + 1)]));
}

/** A history as JSON Lines, each line ended. */
export function formatHistory(history: Iterable<Operation>): string {
  return Array.from(history, lineOf).join("");
}

/** Writes operations to a stream as they are recorded, for `RecordedClient`. What the stream refuses to take is its own affair. */
export class HistoryWriter implements HistorySink {
  readonly #stream: TextSink;

  constructor(stream: TextSink) {
    this.#stream = stream;
  }

  push(operation: Operation): void {
    this.#stream.write(lineOf(operation));
  }
}

/** What text can be written to: a file's stream, a socket, standard output. */
export interface TextSink {
  write(text: string): unknown;
}

function lineOf(operation: Operation): string {
  return `${JSON.stringify(operation)}\n`;
}

function parseLine(line: string, number: number): Operation {
  const where = `line ${number.toString()}: `;
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    throw new RingkvError("BAD_FRAME", `${where}not JSON`, { cause: error });
  }
  const result = operation.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new RingkvError("BAD_REQUEST", where + (issue === undefined ? "no operation" : describe(issue)));
}

function describe({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `field \`${path.join(".")}\`: ${message}`;
}
