import type { Key } from "./key.js";

/** Letters that come together are put in at once. A tab with more behind it was not waited for: it is part of a paste that is not marked as one. */
export function typedTogether(keys: readonly Key[]): readonly Key[] {
  const lastOther = keys.findLastIndex(({ name }) => name !== "tab");
  const together: Key[] = [];
  keys.forEach((key, index) => {
    const text = key.name === "tab" && index < lastOther ? "\t" : key.name === "paste" ? undefined : key.text;
    const last = together.at(-1);
    if (text === undefined) together.push(key);
    else if (last?.name === TYPED) together[together.length - 1] = { name: TYPED, text: (last.text ?? "") + text };
    else together.push({ name: TYPED, text });
  });
  return together;
}

/** The name of letters that were put together. */
const TYPED = "typed";
