/** Words whose forms no rule finds: form → the word. */
const IRREGULAR: ReadonlyMap<string, string> = new Map([
  ["sent", "send"],
  ["forgot", "forget"],
  ["forgotten", "forget"],
]);

/**
 * Finds the point that people mean: the words of its step in any order and any form, so that `after:prepare-forced`,
 * `after:force-prepared` and `after:prepared-forced` are the same.
 *
 * @param spec `before:STEP` or `after:STEP`, with `#2` for the second passing
 * @returns the point under its own name, and which passing is meant; undefined when there is no such point
 */
export function findPoint<Point extends string>(
  points: readonly Point[],
  spec: string,
): { readonly point: Point; readonly passing: number } | undefined {
  const [, named, passing = "1"] = /^([a-z:-]+)(?:#([1-9][0-9]{0,8}))?$/.exec(spec) ?? [];
  if (named === undefined) return undefined;
  const meant = meaningOf(named);
  const point = points.find((candidate) => meaningOf(candidate) === meant);
  return point && { point, passing: Number(passing) };
}

/** What is equal for all ways to say the same: the side, and the stems of the step's words in order. */
function meaningOf(point: string): string {
  const [side = "", ...steps] = point.split(":");
  return [side, ...steps.map((step) => step.split("-").map(stemOf).sort().join("-"))].join(":");
}

/** `forced`, `forces` and `forcing` have one stem, which need not be a word. */
function stemOf(word: string): string {
  const regular = IRREGULAR.get(word) ?? word;
  const bare = regular
    .replace(/(?<=.{2})(?:ed|ing|s)$/, "")
    .replace(/(?<=.{2})e$/, "")
    .replace(/(?<=..)i$/, "y");
  return bare === regular ? bare : bare.replace(/([^aeiou])\1$/, "$1");
}
