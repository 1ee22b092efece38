import { UNICODE } from "../screen/theme.js";

/**
 * A row of bars, one for each value, the newest at the right end; so the bars move left as time goes on.
 *
 * What is not zero shows at least the lowest bar: one op in a busy minute is still one. Values beyond the width are left out
 * from the old end, missing ones are blank.
 *
 * @param width columns of the result, always exactly that many
 * @param max the value of a full bar; default: the greatest one shown
 * @param bars rising heights, blank first, as in `Glyphs`
 */
export function sparkline(
  values: readonly number[],
  width: number,
  max?: number,
  bars: readonly string[] = UNICODE.bars,
): string {
  const shown = width > 0 ? values.slice(-width) : [];
  const full = max ?? Math.max(0, ...shown.filter(Number.isFinite));
  return shown
    .map((value) => barOf(value, full, bars))
    .join("")
    .padStart(Math.max(0, width));
}

/** The bar of one value. @param full the value of a full one */
export function barOf(value: number, full: number, bars: readonly string[]): string {
  const highest = bars.length - 1;
  if (!(value > 0) || !(full > 0)) return bars[0] ?? " ";
  const level = Math.min(highest, Math.max(1, Math.round((value / full) * highest)));
  return bars[level] ?? " ";
}
