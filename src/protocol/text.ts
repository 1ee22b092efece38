/** Sizes and order of strings as UTF-8, and their memory. */

/** From this length on a call of the runtime's own counter pays. */
const LONG_CHARS = 24;

/** The bytes that the string takes in UTF-8; half a surrogate pair counts as the three bytes of U+FFFD. */
export function utf8Length(text: string): number {
  // eslint-disable-next-line no-restricted-globals -- a function of its argument alone, and five times as fast as the loop
  if (text.length >= LONG_CHARS) return Buffer.byteLength(text);
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit <= 0xdbff && isLowSurrogate(text.charCodeAt(index + 1))) {
      bytes += 2;
      index += 1;
    } else bytes += 2;
  }
  return bytes;
}

/** True when the string takes at most `max` bytes in UTF-8; decided by its length alone wherever that suffices. */
export function fitsUtf8(text: string, max: number): boolean {
  if (text.length > max) return false;
  return text.length * 3 <= max || utf8Length(text) <= max;
}

/**
 * The same text in memory of its own. A slice keeps all of the text alive that it was cut from, such as a chunk of input: V8 only
 * copies those of a dozen characters. The slice that this makes keeps itself and a blank.
 */
export function ownCopy(text: string): string {
  return ` ${text}`.slice(1);
}

/** Orders strings as their UTF-8 bytes order, which is code point order and not that of `<` on UTF-16 units. */
export function compareUtf8(left: string, right: string): number {
  const common = Math.min(left.length, right.length);
  for (let index = 0; index < common; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a === b) continue;
    // Surrogates (0xd800-0xdfff) stand for code points above every other UTF-16 unit.
    const aSurrogate = a >= 0xd800 && a <= 0xdfff;
    const bSurrogate = b >= 0xd800 && b <= 0xdfff;
    return aSurrogate === bSurrogate ? a - b : aSurrogate ? 1 : -1;
  }
  return left.length - right.length;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
