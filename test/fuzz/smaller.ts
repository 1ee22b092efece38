/** The list without pieces of it: halves first, single items last (delta debugging, Zeller and Hildebrandt 2002). */
export function* shorterLists<Item>(list: readonly Item[]): Generator<readonly Item[]> {
  if (list.length === 0) return;
  for (let piece = Math.ceil(list.length / 2); piece >= 1; piece = piece === 1 ? 0 : Math.ceil(piece / 2)) {
    for (let at = 0; at < list.length; at += piece) yield [...list.slice(0, at), ...list.slice(at + piece)];
  }
}

/**
 * Cuts a failing input down for as long as a smaller one fails, too.
 * @param fails plays it, and tells what is wrong
 * @param budgetMs how long to try
 */
export async function shrink(
  input: unknown,
  smaller: (input: unknown) => Iterable<unknown>,
  fails: (input: unknown) => Promise<readonly string[]>,
  budgetMs = 60_000,
): Promise<{ readonly input: unknown; readonly violations: readonly string[] }> {
  const deadline = performance.now() + budgetMs;
  let best = { input, violations: await fails(input) };
  if (best.violations.length === 0) return best;
  for (let isSmaller = true; isSmaller && performance.now() < deadline;) {
    isSmaller = false;
    for (const candidate of smaller(best.input)) {
      if (performance.now() > deadline) break;
      const violations = await fails(candidate);
      if (violations.length === 0) continue;
      best = { input: candidate, violations };
      isSmaller = true;
      break;
    }
  }
  return best;
}
