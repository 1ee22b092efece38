import { LIMITS } from "../../src/protocol/limits.js";
import {
  clientResponse,
  decodeMessage,
  fromSlave,
  registerResponse,
  statusPortMessage,
} from "../../src/protocol/messages.js";
import { SCHEMAS, type WireSession, rawLines } from "./wire-input.js";
import type { Port } from "./target.js";

/** What came back on one connection. */
export interface WireAnswers {
  readonly lines: readonly string[];
  /** The daemon closed the connection before the attacker had said all. */
  readonly isCutShort: boolean;
}

const ANSWER_SCHEMAS = {
  client: clientResponse,
  registration: registerResponse,
  slave: fromSlave,
  status: statusPortMessage,
} as const;

/** A request as its line tells it: what its answer must carry. */
interface Expected {
  readonly id: string | number | undefined;
  /** Set where the line is refused before it is a message. */
  readonly code: "BAD_FRAME" | "FRAME_TOO_LARGE" | undefined;
}

/** What is wrong with the answers to a session: every request is answered once, or the connection is closed with a reason. */
export function judge(session: WireSession, answers: WireAnswers): readonly string[] {
  const faults: string[] = [];
  const messages: Record<string, unknown>[] = [];
  for (const line of answers.lines) {
    if (Buffer.byteLength(line) > LIMITS.frameBytesMax) faults.push(`an answer of ${Buffer.byteLength(line)} bytes`);
    try {
      messages.push(decodeMessage(ANSWER_SCHEMAS[session.port], line));
    } catch (error) {
      faults.push(`an answer that is none: ${String(error)}: ${line.slice(0, 200)}`);
    }
  }
  if (faults.length > 0) return faults;
  switch (session.port) {
    case "client":
      return judgeOrder(
        rawLines(session.stream).map((line) => expectedOf(line)),
        messages,
      );
    case "status": {
      const requests = rawLines(session.stream).filter((line) => isAnswered(line));
      const direct = messages.filter(({ type }) => !FEED.has(String(type)));
      return judgeIds(
        requests.map((line) => expectedOf(line, "subscribe")),
        direct,
      );
    }
    case "registration": {
      const isRefused = messages.some(({ code }) => code !== undefined);
      if (answers.isCutShort && !isRefused && !hasRegistered(session.stream))
        return ["the connection was closed without a reason"];
      const first = rawLines(session.stream)[0];
      if (first !== undefined && !isRefused && !isMessage("registration", first)) return ["a bad line got no refusal"];
      return [];
    }
    case "slave":
      return [];
  }
}

/** What comes without having been asked for, or as the answer to a supervisor. */
const FEED = new Set(["event", "gap", "kill", "start", "restart", "pause", "resume", "failpoint"]);

/** Of the status port's messages, a supervisor's own have no answer. */
function isAnswered(line: Uint8Array): boolean {
  return !isMessage("status", line, ["supervise", "resp"]);
}

/** Somewhere in the stream a slave registers, as far as its words go. */
export function hasRegistered(stream: Uint8Array): boolean {
  return rawLines(stream).some((line) => isMessage("registration", line, ["register"]));
}

/** The daemon takes the line as a message, of one of these types where any are named. */
function isMessage(port: Port, line: Uint8Array, types?: readonly string[]): boolean {
  if (line.length > LIMITS.frameBytesMax) return false;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
    const { type } = decodeMessage(SCHEMAS[port], text);
    return types?.includes(type) ?? true;
  } catch {
    return false;
  }
}

/** Those without an id in order, those with one in any. */
function judgeOrder(expected: readonly Expected[], messages: readonly Record<string, unknown>[]): readonly string[] {
  const faults = judgeIds(expected, messages);
  if (faults.length > 0) return faults;
  const inOrder = messages.filter(({ id }) => id === undefined);
  const wanted = expected.filter(({ id }) => id === undefined);
  return wanted.flatMap(({ code }, index) => {
    const found = inOrder[index]?.["code"];
    const isRight = code === undefined ? found !== "FRAME_TOO_LARGE" : found === code;
    return isRight ? [] : [`answer ${index} is ${String(found)}, and its line is ${code ?? "a frame"}`];
  });
}

function judgeIds(expected: readonly Expected[], messages: readonly Record<string, unknown>[]): readonly string[] {
  const open = new Map<unknown, number>();
  for (const { id } of expected) open.set(id, (open.get(id) ?? 0) + 1);
  for (const { id } of messages) open.set(id, (open.get(id) ?? 0) - 1);
  return [...open]
    .filter(([, left]) => left !== 0)
    .map(
      ([id, left]) =>
        `${Math.abs(left)} answers ${left > 0 ? "missing" : "too many"} with the id ${JSON.stringify(id)}`,
    );
}

/**
 * Reads a line as plainly as can be.
 * @param idless the type whose answer has no id: unknown fields are ignored
 */
function expectedOf(line: Uint8Array, idless?: string): Expected {
  if (line.length > LIMITS.frameBytesMax) return { id: undefined, code: "FRAME_TOO_LARGE" };
  const text = Buffer.from(line).toString("utf8");
  if (!Buffer.from(text).equals(line)) return { id: undefined, code: "BAD_FRAME" };
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json !== "object" || json === null || Array.isArray(json)) return { id: undefined, code: "BAD_FRAME" };
    if (depthOf(text) > LIMITS.nestingMax) return { id: undefined, code: "BAD_FRAME" };
    const id: unknown = "id" in json && !("type" in json && json.type === idless) ? json.id : undefined;
    const isId =
      (typeof id === "string" && Array.from(id).length <= LIMITS.requestIdCharsMax && id.isWellFormed()) ||
      Number.isSafeInteger(id);
    // A zero has no sign on the way back.
    return { id: isId ? (id === 0 ? 0 : (id as string | number)) : undefined, code: undefined };
  } catch {
    return { id: undefined, code: "BAD_FRAME" };
  }
}

/** Of JSON text, told without its strings. */
function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (const bracket of json.replaceAll(/"(?:[^"\\]|\\.)*"/g, "")) {
    if (bracket === "{" || bracket === "[") depth += 1;
    else if (bracket === "}" || bracket === "]") depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
