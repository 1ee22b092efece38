import { ACK, COMMIT, FORGET, READY } from "./hot-encoding.js";
import type { ClientRequest, FromSlave, RequestId, ToSlave } from "./messages.js";
import { type OpId, type SlaveId, parseOpId, parseSlaveId } from "./ids.js";
import { LIMITS } from "./limits.js";
import { fitsUtf8, ownCopy } from "./text.js";

/**
 * The few messages that make up nearly all of the load, read by scanning their line: in the form in which ringkv's own processes write
 * them, field by field in that order, without escapes.
 *
 * Every other line gives undefined here and is the full parser's: one with blanks, other fields, another order, an escape, a value over a
 * limit, or anything wrong. So a scan may give up whenever it likes, but what it does give is what `decodeMessage` gives for that line
 * (test/protocol/hot-lines.test.ts compares them).
 *
 * What is kept beyond the request is a string of its own: a slice of the line would keep the whole chunk that it came in.
 */

/**
 * A getreq, putreq or delreq; `id` may stand before the key, at the end, or be left out.
 *
 * A getreq's key is the one text that may still point into its chunk: most are answered from the cache at once, and need no copy
 * (`ownCopy`) that is kept.
 */
export function scanClientRequest(line: string): ClientRequest | undefined {
  if (line.startsWith(GET)) return scanKeyed("getreq", line, GET.length);
  if (line.startsWith(PUT)) return scanKeyed("putreq", line, PUT.length);
  return line.startsWith(DEL) ? scanKeyed("delreq", line, DEL.length) : undefined;
}

/**
 * The `id` of an update's line, if it is a number and the first or the last field, as clients write it. The rest of the line is not
 * looked at, so that a refusal costs next to nothing; undefined for every other line.
 */
export function idOfUpdate(line: string): number | undefined {
  if (!line.startsWith(PUT) && !line.startsWith(DEL)) return undefined;
  // In a text it would be `\"id\":`.
  const field = line.lastIndexOf(ID);
  if (field === -1) return undefined;
  at = field + ID.length;
  const id = scanInteger(line);
  if (field === PUT.length) return line.charCodeAt(at) === COMMA ? id : undefined;
  const isLast = line.charCodeAt(at) === CLOSING_BRACE && at === line.length - 1;
  return isLast && line.charCodeAt(field - 1) === COMMA ? id : undefined;
}

/** What a master says all the time: PREPARE, commit, forget, getreq. */
export function scanToSlave(line: string): ToSlave | undefined {
  if (line.startsWith(COMMIT)) return scanOp("commit", line, COMMIT.length);
  if (line.startsWith(FORGET)) return scanOp("forget", line, FORGET.length);
  if (line.startsWith(PUT)) return scanPrepare("putreq", line, PUT.length);
  if (line.startsWith(DEL)) return scanPrepare("delreq", line, DEL.length);
  if (!line.startsWith(GET)) return undefined;
  const request = scanKeyed("getreq", line, GET.length);
  return request?.type === "getreq" && typeof request.id === "number" && request.id >= 0
    ? { type: "getreq", id: request.id, key: ownCopy(request.key) }
    : undefined;
}

/** What a slave says all the time: its yes, its acks, and values. */
export function scanFromSlave(line: string): FromSlave | undefined {
  if (line.startsWith(READY)) return scanOp("ready", line, READY.length);
  if (line.startsWith(ACK)) return scanOp("ack", line, ACK.length);
  return line.startsWith(RESP) ? scanValueRead(line) : undefined;
}

const GET = '{"type":"getreq",';
const PUT = '{"type":"putreq",';
const DEL = '{"type":"delreq",';
const ID = '"id":';
const RESP = '{"type":"resp","id":';

const QUOTE = 0x22;
const COMMA = 0x2c;
const ZERO = 0x30;
const NINE = 0x39;
const BACKSLASH = 0x5c;
const CLOSING_BRACE = 0x7d;
const SURROGATE_FIRST = 0xd800;
const SURROGATE_LAST = 0xdfff;

/** Whole numbers of more digits may not fit a double. */
const ID_DIGITS_MAX = 15;

/** Where the scan stands; set by each step that succeeds. */
let at = 0;

function scanOp<Type extends "commit" | "forget" | "ready" | "ack">(
  type: Type,
  line: string,
  start: number,
): { type: Type; opId: OpId } | undefined {
  const end = line.length - 2;
  if (line.charCodeAt(end) !== QUOTE || line.charCodeAt(end + 1) !== CLOSING_BRACE) return undefined;
  const opId = parseOpId(line.slice(start, end));
  return opId === undefined ? undefined : { type, opId };
}

function scanKeyed(type: "getreq" | "putreq" | "delreq", line: string, start: number): ClientRequest | undefined {
  at = start;
  let id: RequestId | undefined;
  if (line.startsWith('"id":', at)) {
    at += 5;
    id = scanInteger(line);
    if (id === undefined || line.charCodeAt(at) !== COMMA) return undefined;
    at += 1;
  }
  const key = scanKey(line);
  if (key === undefined) return undefined;
  let value: string | undefined;
  if (type === "putreq") {
    value = scanValue(line);
    if (value === undefined) return undefined;
  }
  if (id === undefined && line.startsWith(',"id":', at)) {
    at += 6;
    id = scanInteger(line);
    if (id === undefined) return undefined;
  }
  if (line.charCodeAt(at) !== CLOSING_BRACE || at !== line.length - 1) return undefined;
  if (value !== undefined)
    return id === undefined
      ? { type: "putreq", key: ownCopy(key), value }
      : { type: "putreq", id, key: ownCopy(key), value };
  if (type === "putreq") return undefined;
  const kept = type === "getreq" ? key : ownCopy(key);
  return id === undefined ? { type, key: kept } : { type, id, key: kept };
}

/** The answer to a read that has found something. */
function scanValueRead(line: string): FromSlave | undefined {
  at = RESP.length;
  const id = scanInteger(line);
  if (id === undefined) return undefined;
  const value = scanValue(line);
  if (value === undefined || !line.startsWith(',"opId":"', at)) return undefined;
  const end = line.length - 2;
  if (line.charCodeAt(end) !== QUOTE || line.charCodeAt(end + 1) !== CLOSING_BRACE) return undefined;
  const opId = parseOpId(line.slice(at + 9, end));
  return opId === undefined ? undefined : { type: "resp", id, value, opId: ownCopy(opId) as OpId };
}

function scanPrepare(type: "putreq" | "delreq", line: string, start: number): ToSlave | undefined {
  at = start;
  if (!line.startsWith('"opId":"', at)) return undefined;
  const opIdStart = at + 8;
  const opIdEnd = line.indexOf('"', opIdStart);
  const opId = parseOpId(line.slice(opIdStart, opIdEnd));
  if (opId === undefined || line.charCodeAt(opIdEnd + 1) !== COMMA) return undefined;
  at = opIdEnd + 2;
  const key = scanKey(line);
  if (key === undefined) return undefined;
  const value = type === "putreq" ? scanValue(line) : "";
  if (value === undefined) return undefined;
  const replicas = scanReplicas(line);
  if (replicas === undefined) return undefined;
  const ownOpId = ownCopy(opId) as OpId;
  const ownKey = ownCopy(key);
  return type === "putreq"
    ? { type, opId: ownOpId, key: ownKey, value, replicas }
    : { type, opId: ownOpId, key: ownKey, replicas };
}

/** `,"replicas":["1","2"]}` and the end of the line; a ring has few pairs, so they are found again instead of made anew. */
function scanReplicas(line: string): [SlaveId, SlaveId] | undefined {
  const rest = line.slice(at);
  const known = knownReplicas.get(rest);
  if (known !== undefined) return known;
  const [, first = "", second = ""] = REPLICAS.exec(rest) ?? [];
  const pair = [parseSlaveId(first), parseSlaveId(second)] as const;
  if (pair[0] === undefined || pair[1] === undefined) return undefined;
  if (knownReplicas.size >= KNOWN_REPLICAS_MAX) knownReplicas.clear();
  const replicas: [SlaveId, SlaveId] = [ownCopy(pair[0]) as SlaveId, ownCopy(pair[1]) as SlaveId];
  knownReplicas.set(ownCopy(rest), replicas);
  return replicas;
}

const REPLICAS = /^,"replicas":\["([^"]*)","([^"]*)"\]\}$/;
const KNOWN_REPLICAS_MAX = 4 * LIMITS.slavesMax;
/** Ends of lines that were read before. */
const knownReplicas = new Map<string, [SlaveId, SlaveId]>();

/** `"key":"…"`, of one to so many bytes; it may point into the line. */
function scanKey(line: string): string | undefined {
  if (!line.startsWith('"key":"', at)) return undefined;
  const start = at + 7;
  const end = endOfPlainString(line, start);
  if (end === undefined || end === start) return undefined;
  const key = line.slice(start, end);
  if (!fitsUtf8(key, LIMITS.keyBytesMax)) return undefined;
  at = end + 1;
  return key;
}

/** `,"value":"…"`. */
function scanValue(line: string): string | undefined {
  if (!line.startsWith(',"value":"', at)) return undefined;
  const start = at + 10;
  const end = line.indexOf('"', start);
  if (end === -1) return undefined;
  const value = parsedString(line.slice(start - 1, end + 1));
  if (value?.isWellFormed() !== true || !fitsUtf8(value, LIMITS.valueBytesMax)) return undefined;
  at = end + 1;
  return value;
}

function scanInteger(line: string): number | undefined {
  const start = at;
  let number = 0;
  let digit = line.charCodeAt(at);
  while (digit >= ZERO && digit <= NINE) {
    number = number * 10 + digit - ZERO;
    at += 1;
    digit = line.charCodeAt(at);
  }
  const digits = at - start;
  if (digits === 0 || digits > ID_DIGITS_MAX || (digits > 1 && line.charCodeAt(start) === ZERO)) return undefined;
  return number;
}

/** The place of the quote that closes a short string without escapes, control characters and surrogates. */
function endOfPlainString(line: string, start: number): number | undefined {
  for (let index = start; index <= start + LIMITS.keyBytesMax; index += 1) {
    const unit = line.charCodeAt(index);
    if (unit === QUOTE) return index;
    if (unit === BACKSLASH || !(unit >= 0x20) || (unit >= SURROGATE_FIRST && unit <= SURROGATE_LAST)) return undefined;
  }
  return undefined;
}

/** A string of its own, as JSON.parse makes it; undefined for one with escapes, of which the first quote may not be the end. */
function parsedString(json: string): string | undefined {
  if (json.includes("\\")) return undefined;
  try {
    return JSON.parse(json) as string;
  } catch {
    return undefined;
  }
}
