import type { Random } from "../random.js";

/**
 * Damages bytes as faults, carelessness and malice do: flipped bits, cuts, splices, duplications, numbers at their borders,
 * deep nesting, huge strings, invalid UTF-8, lone surrogates, NULs, names that objects inherit.
 *
 * @param donors where pieces to splice in come from
 * @param sizeMax of what comes of it, about
 */
export function mutated(random: Random, bytes: Uint8Array, donors: readonly Uint8Array[], sizeMax = 4_096): Uint8Array {
  let result = bytes;
  for (let left = 1 + random.below(random.next() < 0.2 ? 8 : 2); left > 0; left -= 1) {
    result = random.pick(MUTATIONS)(random, result, donors);
    if (result.length > sizeMax) result = result.subarray(0, sizeMax);
  }
  return result;
}

type Mutation = (random: Random, bytes: Uint8Array, donors: readonly Uint8Array[]) => Uint8Array;

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  flipBit,
  setByte,
  setByte,
  cut,
  truncate,
  duplicate,
  splice,
  insertToken,
  insertToken,
  replaceNumber,
  replaceString,
  renameField,
  addField,
  nest,
  stretch,
];

function flipBit(random: Random, bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes);
  const at = random.below(copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
  return copy;
}

function setByte(random: Random, bytes: Uint8Array): Uint8Array {
  const copy = new Uint8Array(bytes);
  copy[random.below(copy.length)] = random.next() < 0.5 ? random.pick(ODD_BYTES) : random.below(256);
  return copy;
}

const ODD_BYTES = [
  0x00, 0x0a, 0x0d, 0x1b, 0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d, 0x2c, 0x3a, 0x2d, 0x7f, 0x80, 0xc0, 0xff,
];

function cut(random: Random, bytes: Uint8Array): Uint8Array {
  const [from, to] = range(random, bytes);
  return joined(bytes.subarray(0, from), bytes.subarray(to));
}

function truncate(random: Random, bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, random.below(bytes.length + 1));
}

function duplicate(random: Random, bytes: Uint8Array): Uint8Array {
  const [from, to] = range(random, bytes);
  return joined(bytes.subarray(0, to), bytes.subarray(from, to), bytes.subarray(to));
}

function splice(random: Random, bytes: Uint8Array, donors: readonly Uint8Array[]): Uint8Array {
  if (donors.length === 0) return bytes;
  const donor = random.pick(donors);
  const [from, to] = range(random, donor);
  const at = random.below(bytes.length + 1);
  const until = random.next() < 0.5 ? at : Math.min(bytes.length, at + to - from);
  return joined(bytes.subarray(0, at), donor.subarray(from, to), bytes.subarray(until));
}

function insertToken(random: Random, bytes: Uint8Array): Uint8Array {
  const at = random.below(bytes.length + 1);
  return joined(bytes.subarray(0, at), random.pick(TOKENS), bytes.subarray(at));
}

function replaceNumber(random: Random, bytes: Uint8Array): Uint8Array {
  return replaceMatch(random, bytes, /-?[0-9]+(?:\.[0-9]+)?/g, () => random.pick(NUMBERS));
}

function replaceString(random: Random, bytes: Uint8Array): Uint8Array {
  return replaceMatch(random, bytes, /"(?:[^"\\]|\\.)*"/g, () => random.pick(STRINGS));
}

function renameField(random: Random, bytes: Uint8Array): Uint8Array {
  return replaceMatch(random, bytes, /"[a-zA-Z]+"(?=:)/g, () => `"${random.pick(NAMES)}"`);
}

function addField(random: Random, bytes: Uint8Array): Uint8Array {
  const value = random.pick([random.pick(STRINGS), random.pick(NUMBERS), '{"polluted":1}', "[]", "null", "true"]);
  return replaceMatch(random, bytes, /\{/g, () => `{"${random.pick(NAMES)}":${value},`);
}

function nest(random: Random, bytes: Uint8Array): Uint8Array {
  const depth = random.pick([1, 3, 31, 32, 33, 200, 20_000]);
  const [open, close] = random.pick([
    ["[", "]"],
    ['{"a":', "}"],
    ["{", ""],
    ["(", ")"],
  ] as const);
  return replaceMatch(random, bytes, /"(?:[^"\\]|\\.)*"|[0-9]+/g, (match) =>
    [open.repeat(depth), match, close.repeat(random.next() < 0.8 ? depth : 1)].join(""),
  );
}

function stretch(random: Random, bytes: Uint8Array): Uint8Array {
  const times = random.pick([2, 64, 256, 257, 1_024, 4_096]);
  const unit = random.pick(["a", "é", "\\u0000", "\\ud83d\\ude00", " ", "9", "\\\\"]);
  return replaceMatch(random, bytes, /"(?:[^"\\]|\\.)*"/g, () => `"${unit.repeat(times)}"`);
}

/** Puts something else in one of the places that match; works on bytes as if they were Latin-1, so that nothing is lost. */
function replaceMatch(random: Random, bytes: Uint8Array, pattern: RegExp, make: (match: string) => string): Uint8Array {
  if (bytes.length > MATCHED_BYTES_MAX) return bytes;
  const text = Buffer.from(bytes).toString("latin1");
  const matches = [...text.matchAll(pattern)];
  if (matches.length === 0) return bytes;
  const match = random.pick(matches);
  return joined(
    bytes.subarray(0, match.index),
    Buffer.from(make(match[0])),
    bytes.subarray(match.index + match[0].length),
  );
}

const MATCHED_BYTES_MAX = 65_536;

function range(random: Random, { length }: Uint8Array): readonly [number, number] {
  const from = random.below(length + 1);
  const size = random.next() < 0.7 ? random.below(16) : random.below(length + 1);
  return [from, Math.min(length, from + size)];
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** Numbers at the borders of what fields and formats take. */
export const NUMBERS: readonly string[] = [
  "0",
  "-0",
  "-1",
  "1.5",
  "1e400",
  "-1e400",
  "1e-400",
  "1e21",
  "00",
  "01",
  "+1",
  "0x10",
  "1_000",
  "NaN",
  "Infinity",
  "255",
  "256",
  "257",
  "65535",
  "65536",
  "2147483647",
  "2147483648",
  "4294967295",
  "4294967296",
  "9007199254740991",
  "9007199254740992",
  "9007199254740993",
  "9223372036854775807",
  "9223372036854775808",
  "-9223372036854775808",
  "-9223372036854775809",
  "18446744073709551615",
  "18446744073709551616",
  "99999999999999999999",
  "9".repeat(400),
];

/** Names that objects inherit, or that a careless lookup finds. */
export const NAMES: readonly string[] = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "toJSON",
  "then",
  "length",
  "type",
  "id",
  "",
  "\\u0000",
];

/** JSON strings, quotes included. */
export const STRINGS: readonly string[] = [
  ...NAMES.map((name) => `"${name}"`),
  ...NUMBERS.map((number) => `"${number}"`),
  '" 1"',
  '"1 "',
  '"1.1"',
  '"1.01"',
  '"01.1"',
  '"1."',
  '"0.0"',
  '"18446744073709551615.9007199254740991"',
  '"18446744073709551615.9007199254740992"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"\\u0000"',
  '"\\u001b[2J\\u0007"',
  '"\\u009b31m"',
  '"\\u202e\\u2028"',
  '"\\ufeff"',
  '"../../etc/passwd"',
  '"after:constructor"',
  '"before:to-string"',
  '"after:__proto__"',
  '"master"',
  '"s1"',
];

const TOKENS: readonly Uint8Array[] = [
  ...[...NUMBERS, ...STRINGS, "\n", "\r\n", "\r", "{}", "[]", "null", "{", "}", "[", "]", ",", ":", '"', "\\"].map(
    (text) => Buffer.from(text),
  ),
  ...[
    [0x00],
    [0xff],
    [0xc0, 0x80],
    [0xc3],
    [0xe2, 0x82],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x9f],
    [0xf4, 0x90, 0x80, 0x80],
    [0xef, 0xbb, 0xbf],
    [0x1b, 0x5d, 0x30, 0x3b, 0x07],
    [0xc2, 0x9b],
    [0xe2, 0x80, 0xa8],
  ].map((bytes) => Uint8Array.from(bytes)),
];
