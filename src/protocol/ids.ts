/**
 * Slave IDs, epochs and op IDs. All are 64-bit, so all are canonical decimal strings on the wire and inside: a JSON number
 * cannot hold them, and a string is a map key, a log word and a message field without conversion.
 */
declare const brand: unique symbol;
type Branded<Name extends string> = string & { readonly [brand]: Name };

/** A slave's 64-bit ID, unsigned decimal, canonical: its place on the ring. */
export type SlaveId = Branded<"SlaveId">;

/** A master's term of office, unsigned decimal; each start of a master takes a higher one. */
export type Epoch = Branded<"Epoch">;

/** The name of one update, `epoch.seq`; later updates have greater ones, so it is also the version of a value. */
export type OpId = Branded<"OpId">;

const UINT64_MAX = 2n ** 64n - 1n;
const UINT64_MAX_TEXT = UINT64_MAX.toString();
const INT64_MIN = -(2n ** 63n);
const DECIMAL = /^(?:0|[1-9][0-9]{0,19})$/;

/**
 * Reads a 64-bit ID. Negative decimals are read as two's complement, as the course's Java clients send them.
 * Undefined when the text is not a decimal of 64 bits.
 */
export function parseSlaveId(text: string): SlaveId | undefined {
  if (isCanonicalUint64(text)) return text as SlaveId;
  if (!/^-?[0-9]{1,20}$/.test(text)) return undefined;
  const value = BigInt(text);
  if (value > UINT64_MAX || value < INT64_MIN) return undefined;
  return BigInt.asUintN(64, value).toString() as SlaveId;
}

/** Reads an epoch; undefined when the text is not a canonical unsigned decimal of 64 bits. */
export function parseEpoch(text: string): Epoch | undefined {
  return isCanonicalUint64(text) ? (text as Epoch) : undefined;
}

/** Reads an op ID; undefined when the text is not `epoch.seq` with a seq below 2^53. */
export function parseOpId(text: string): OpId | undefined {
  const dot = text.indexOf(".");
  const seqDigits = text.length - dot - 1;
  if (!isDecimal(text, 0, dot) || !isDecimal(text, dot + 1, text.length)) return undefined;
  if (dot > SAFE_DIGITS && !isUint64(text.slice(0, dot))) return undefined;
  if (seqDigits > SAFE_DIGITS && !(Number(text.slice(dot + 1)) <= Number.MAX_SAFE_INTEGER)) return undefined;
  return text as OpId;
}

/** Numbers of so many digits are below 2^53. */
const SAFE_DIGITS = 15;

/** A decimal of 1 to 20 digits without leading zeros stands from `start` to `end`. */
function isDecimal(text: string, start: number, end: number): boolean {
  const digits = end - start;
  if (digits < 1 || digits > 20 || (digits > 1 && text.charCodeAt(start) === 0x30)) return false;
  for (let at = start; at < end; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x30 || unit > 0x39) return false;
  }
  return true;
}

/** Names update number `seq` of a master's epoch. */
export function opIdOf(epoch: Epoch, seq: number): OpId {
  return `${epoch}.${seq.toString()}` as OpId;
}

/** The two halves of an op ID. */
export function splitOpId(opId: OpId): { readonly epoch: Epoch; readonly seq: number } {
  const dot = opId.indexOf(".");
  return { epoch: opId.slice(0, dot) as Epoch, seq: Number(opId.slice(dot + 1)) };
}

/** The epoch after this one. */
export function nextEpoch(epoch: Epoch): Epoch {
  return (BigInt(epoch) + 1n).toString() as Epoch;
}

/** The epoch before any master's: what a slave that never met a master has seen. */
export const EPOCH_NONE = "0" as Epoch;

/** The op before any other: what a slave that never prepared one names as its newest. */
export const OP_NONE = "0.0" as OpId;

/** Orders canonical unsigned decimals by value: negative, zero or positive. */
export function compareDecimals(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Orders op IDs by epoch, then by seq: negative, zero or positive. */
export function compareOpIds(left: OpId, right: OpId): number {
  const leftDot = left.indexOf(".");
  const rightDot = right.indexOf(".");
  // Both halves have as many digits as the other's: the order of the texts is that of the numbers.
  if (leftDot === rightDot && left.length === right.length) return left < right ? -1 : left > right ? 1 : 0;
  return (
    compareDecimals(left.slice(0, leftDot), right.slice(0, rightDot)) ||
    compareDecimals(left.slice(leftDot + 1), right.slice(rightDot + 1))
  );
}

function isCanonicalUint64(text: string): boolean {
  return DECIMAL.test(text) && isUint64(text);
}

function isUint64(decimal: string): boolean {
  return compareDecimals(decimal, UINT64_MAX_TEXT) <= 0;
}
