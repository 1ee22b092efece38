import fc from "fast-check";
import {
  clientRequest,
  decodeMessage,
  registrationMessage,
  statusPortRequest,
  toSlave,
} from "../../src/protocol/messages.js";
import { MASTER_POINTS, SLAVE_POINTS } from "../../src/server/failpoints.js";
import type { Random } from "../random.js";
import { corpusLines } from "./corpus.js";
import { IDS } from "./fuzzed-master.js";
import { mutated } from "./mutator.js";
import { arbitraryOf } from "./schema-arbitrary.js";
import { PORTS, type Port } from "./target.js";

/** What one attacker does to one port: bytes, and in pieces of which size they arrive. */
export interface WireSession {
  readonly port: Port;
  readonly stream: Uint8Array;
  readonly chunkBytes: number;
}

/** What each port takes. */
export const SCHEMAS = {
  client: clientRequest,
  registration: registrationMessage,
  slave: toSlave,
  status: statusPortRequest,
} as const;

/** Likely values of fields, so that messages get past the checks and into the daemons. */
export const WORDS = new Map<string, readonly unknown[]>([
  [
    "key",
    [
      "k",
      "city",
      "user:1",
      "é€😀",
      "__proto__",
      "constructor",
      "\u0000",
      "\u001b[31m",
      "",
      "k".repeat(256),
      "k".repeat(257),
    ],
  ],
  ["value", ["", "v", "Paris", '{"a":[1,2]}', "x".repeat(1_000), "\u0000\u009b", "é".repeat(300)]],
  ["prefix", ["", "k", "user:", "__proto__"]],
  ["after", ["", "k", "user:1", "\u{10ffff}"]],
  ["opId", ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3.1", "0.0", "18446744073709551615.9007199254740991"]],
  ["epoch", ["0", "1", "2", "3", "18446744073709551615"]],
  ["epochSeen", ["0", "1", "2", "18446744073709551615"]],
  ["slaveId", [...IDS, "2", "-1", "18446744073709551615"]],
  ["replicas", [...IDS]],
  ["slaves", [...IDS, "7"]],
  ["storeId", ["store-1", "other", "\u001b]0;title\u0007"]],
  ["masterId", ["m-1", "m-2"]],
  ["host", ["memory", "nowhere", "\u001b[2J"]],
  ["slave", ["s1", "s2", "1", "9223372036854775808", "master", "s9", "\u009b2J"]],
  ["node", ["s1", "s2", "1", "master", "nobody"]],
  ["point", [...SLAVE_POINTS, ...MASTER_POINTS, "after:constructor", "before:to-string", "after:value-of#2"]],
  ["text", ["a line", "\u001b[31mred\u0007", "two\nlines", "\u202eright to left"]],
  ["limit", [1, 2, 10, 1_000]],
  ["from", [0, 1, 63, 64, 10_000]],
  ["count", [0, 1, 64]],
  ["port", [1, 65_535, 49_152]],
]);

const ARBITRARIES = {
  client: arbitraryOf(clientRequest, WORDS),
  registration: arbitraryOf(registrationMessage, WORDS),
  slave: arbitraryOf(toSlave, WORDS),
  status: arbitraryOf(statusPortRequest, WORDS),
} as const;

/** Valid and nearly valid lines for each port, of one seed: from the schemas, and from recorded sessions. */
export class LinePool {
  readonly #lines: Readonly<Record<Port, readonly Uint8Array[]>>;
  readonly #all: readonly Uint8Array[];

  constructor(seed: number, perPort = 150) {
    const linesOf = (port: Port) => [
      ...fc
        .sample(ARBITRARIES[port], { seed, numRuns: perPort })
        .map((message) => Buffer.from(JSON.stringify(message))),
      ...corpusLines(port),
    ];
    this.#lines = {
      client: linesOf("client"),
      registration: linesOf("registration"),
      slave: linesOf("slave"),
      status: linesOf("status"),
    };
    this.#all = Object.values(this.#lines).flat();
  }

  line(random: Random, port: Port): Uint8Array {
    const base = random.next() < 0.9 ? random.pick(this.#lines[port]) : random.pick(this.#all);
    const chance = random.next();
    if (chance < 0.3) return base;
    if (chance < 0.9995) return mutated(random, base, this.#all);
    return huge(random, base);
  }
}

/** A line around the longest that is taken. */
function huge(random: Random, line: Uint8Array): Uint8Array {
  const filler = Buffer.alloc(
    random.pick([262_144, 1_048_400, 1_048_577, 1_100_000]),
    random.pick(["x", "[", " ", "\\", "é"]),
  );
  const at = random.below(line.length + 1);
  return Buffer.concat([line.subarray(0, at), filler, line.subarray(at)]);
}

/**
 * What some attackers do at the same time.
 * @param isTame leaves out what is an admin's or a newer master's right to do to others, so that a good client must notice nothing
 */
export function wireSessions(random: Random, pool: LinePool, lines: number, isTame: boolean): readonly WireSession[] {
  const sessions: WireSession[] = [];
  for (let left = lines; left > 0;) {
    const port = random.next() < 0.4 ? "client" : random.pick(PORTS);
    const count = Math.min(left, 1 + random.below(60));
    left -= count;
    const parts: Uint8Array[] = [];
    if (port === "slave" && random.next() < 0.9) parts.push(helloLine(random, isTame));
    if (port === "registration" && random.next() < 0.3) parts.push(registerLine(random));
    for (let index = 0; index < count; index += 1) parts.push(pool.line(random, port));
    const ends = parts.flatMap((part) => [part, LINE_END]);
    const whole = Buffer.concat(random.next() < 0.9 ? ends : ends.slice(0, -1));
    const stream = isTame ? withoutRights(port, whole) : whole;
    sessions.push({ port, stream, chunkBytes: random.next() < 0.05 ? 1 : random.pick([7, 100, 1_024, 65_536]) });
  }
  return sessions;
}

const LINE_END = Buffer.from("\n");

function helloLine(random: Random, isTame: boolean): Uint8Array {
  const epoch = isTame ? "0" : (2 + random.below(3)).toString();
  return Buffer.from(JSON.stringify({ type: "hello", epoch, masterId: "m-1", slaveId: IDS[0] }));
}

function registerLine(random: Random): Uint8Array {
  const slaveId = random.pick([...IDS, "2"]);
  const register = { type: "register", slaveId, port: 7, storeId: `store-${slaveId}`, epochSeen: "1" };
  return Buffer.from(JSON.stringify(register));
}

/** The stream without the lines that are someone's right: they may stop updates, or a daemon. */
function withoutRights(port: Port, stream: Uint8Array): Uint8Array {
  if (port === "client") return stream;
  const kept: Uint8Array[] = [];
  for (const line of rawLines(stream)) if (!isRight(port, line)) kept.push(line, LINE_END);
  return Buffer.concat(kept);
}

function isRight(port: Port, line: Uint8Array): boolean {
  try {
    const message = decodeMessage(SCHEMAS[port], Buffer.from(line).toString());
    switch (message.type) {
      case "hello":
        return BigInt(message.epoch) > 1n;
      case "register":
        return BigInt(message.epochSeen) > 1n;
      case "fault":
        return message.fault.kind !== "none";
      case "step":
        return message.mode === "on";
      default:
        return false;
    }
  } catch {
    return false;
  }
}

/** The lines of a stream, as bytes, without their line ends; a plain reading, to judge the decoder's by. */
export function rawLines(stream: Uint8Array): readonly Uint8Array[] {
  const lines: Uint8Array[] = [];
  let start = 0;
  while (start < stream.length) {
    const newline = stream.indexOf(0x0a, start);
    const end = newline === -1 ? stream.length : newline;
    const line = stream.subarray(start, end);
    lines.push(line.at(-1) === 0x0d ? line.subarray(0, -1) : line);
    start = end + 1;
  }
  return lines.filter(({ length }) => length > 0);
}
