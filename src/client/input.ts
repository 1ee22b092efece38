import { RingkvError } from "../protocol/errors.js";
import { LIMITS } from "../protocol/limits.js";
import { fitsUtf8 } from "../protocol/text.js";

/**
 * The rules for keys and values, applied before anything is sent: the same rules and codes as the master's, without a way
 * to it and back.
 */

/** @throws RingkvError BAD_REQUEST, KEY_EMPTY, KEY_TOO_LONG */
export function checkKey(key: unknown): asserts key is string {
  checkText("key", key);
  if (key === "") throw new RingkvError("KEY_EMPTY");
  if (!fitsUtf8(key, LIMITS.keyBytesMax)) throw new RingkvError("KEY_TOO_LONG");
}

/** The empty prefix is that of every key. @throws RingkvError BAD_REQUEST, KEY_TOO_LONG */
export function checkPrefix(prefix: unknown): asserts prefix is string {
  checkText("prefix", prefix);
  if (!fitsUtf8(prefix, LIMITS.keyBytesMax)) throw new RingkvError("KEY_TOO_LONG");
}

/** @throws RingkvError BAD_REQUEST, VALUE_TOO_LONG */
export function checkValue(value: unknown): asserts value is string {
  checkText("value", value);
  if (!fitsUtf8(value, LIMITS.valueBytesMax)) throw new RingkvError("VALUE_TOO_LONG");
}

function checkText(name: string, text: unknown): asserts text is string {
  if (typeof text !== "string") throw new RingkvError("BAD_REQUEST", `The ${name} must be a string.`);
  if (!text.isWellFormed()) throw new RingkvError("BAD_REQUEST", `The ${name} has a lone surrogate.`);
}
