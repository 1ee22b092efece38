/** 12,345 */
export function whole(number: number): string {
  return Math.round(number).toLocaleString("en-US");
}

/** Of ms or µs: three digits that count, whatever the size. */
export function short(number: number): string {
  if (number >= 100 || number === 0) return whole(number);
  return number.toFixed(number >= 10 ? 1 : number >= 1 ? 2 : 3);
}

/** 0.123 as `12 %`. */
export function percent(part: number): string {
  return `${(part * 100).toFixed(part > 0 && part < 0.095 ? 1 : 0)} %`;
}

/** Bytes as `100 B`, `64 KiB` or `12 MiB`. */
export function size(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  return bytes < 1_048_576 ? `${Math.round(bytes / 1_024)} KiB` : `${Math.round(bytes / 1_048_576)} MiB`;
}

/** NaN of none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((left, right) => left - right);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}
