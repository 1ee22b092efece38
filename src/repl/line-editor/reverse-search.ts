import { type EditedLine, type ReverseSearch, withText } from "./edited-line.js";
import { boundaryBefore, boundaryUpTo } from "./graphemes.js";
import type { Key } from "./key.js";

/** The line as Ctrl-R makes it: what is typed next is searched for in the history. */
export function searching(line: EditedLine, history: readonly string[]): EditedLine {
  const before = { text: line.text, cursor: line.cursor };
  return { ...line, isKilling: false, search: { query: "", index: history.length, isFailed: false, before } };
}

/** The line with what the search has found, to be edited; without a search, as it is. */
export function accepted(line: EditedLine): EditedLine {
  return line.search === undefined ? line : { ...withText(line, line.text, line.cursor), search: undefined };
}

/** What a key makes of a search; undefined when it ends the search and edits what was found. */
export function searched(line: EditedLine, key: Key, history: readonly string[]): EditedLine | undefined {
  const { search } = line;
  if (search === undefined) return undefined;
  switch (key.name) {
    case "ctrl-r":
      return found(line, search, history, search.index - 1, -1);
    case "ctrl-s":
      return found(line, search, history, search.index + 1, 1);
    case "backspace":
      return withQuery(line, search, search.query.slice(0, boundaryBefore(search.query, search.query.length)), history);
    case "esc":
    case "ctrl-g":
      return { ...withText(line, search.before.text, search.before.cursor), search: undefined };
    default:
      return key.text === undefined ? undefined : withQuery(line, search, search.query + key.text, history);
  }
}

/** A longer query goes on from where the search stands, a shorter one starts anew. */
function withQuery(line: EditedLine, search: ReverseSearch, query: string, history: readonly string[]): EditedLine {
  if (query === "") {
    const { text, cursor } = search.before;
    return { ...line, text, cursor, search: { ...search, query, index: history.length, isFailed: false } };
  }
  const from = query.length > search.query.length ? Math.min(search.index, history.length - 1) : history.length - 1;
  return found(line, { ...search, query }, history, from, -1);
}

/** The first entry from an index on that has the query. */
function found(
  line: EditedLine,
  search: ReverseSearch,
  history: readonly string[],
  from: number,
  step: 1 | -1,
): EditedLine {
  if (search.query === "") return line;
  for (let index = from; index >= 0 && index < history.length; index += step) {
    const text = history[index] ?? "";
    const place = placeOf(search.query, text);
    if (place !== -1)
      return { ...line, text, cursor: boundaryUpTo(text, place), search: { ...search, index, isFailed: false } };
  }
  return { ...line, search: { ...search, isFailed: true } };
}

/** Where a query stands in a text, -1 where it does not; one without capitals finds them too. */
function placeOf(query: string, text: string): number {
  return query === query.toLowerCase() ? text.toLowerCase().indexOf(query) : text.indexOf(query);
}
