import { type EditedLine, inserted, replaced, withText } from "./edited-line.js";
import { boundaryAfter, boundaryBefore, boundaryFrom, boundaryUpTo } from "./graphemes.js";
import type { Key } from "./key.js";
import { above, below, newer, older } from "./recall.js";
import { accepted, searched, searching } from "./reverse-search.js";
import { blankWordStart, lineEnd, lineStart, wordEnd, wordStart } from "./words.js";

/**
 * What an editing key makes of a line, as in a shell (Emacs keys); undefined when the key edits nothing. Enter, Tab and what else
 * is done with a line are the caller's, who takes `accepted(line)` for them.
 *
 * @param history earlier lines, oldest first
 */
export function edited(line: EditedLine, key: Key, history: readonly string[] = []): EditedLine | undefined {
  if (line.search !== undefined)
    return searched(line, key, history) ?? edited(accepted(line), key, history) ?? accepted(line);
  const { text, cursor } = line;
  switch (key.name) {
    case "left":
    case "ctrl-b":
      return moved(line, boundaryBefore(text, cursor));
    case "right":
    case "ctrl-f":
      return moved(line, boundaryAfter(text, cursor));
    case "ctrl-left":
    case "alt-left":
    case "alt-b":
      return moved(line, wordStart(text, cursor));
    case "ctrl-right":
    case "alt-right":
    case "alt-f":
      return moved(line, wordEnd(text, cursor));
    case "home":
    case "ctrl-a":
      return moved(line, lineStart(text, cursor));
    case "end":
    case "ctrl-e":
      return moved(line, lineEnd(text, cursor));
    case "alt-<":
    case "ctrl-home":
      return moved(line, 0);
    case "alt->":
    case "ctrl-end":
      return moved(line, text.length);
    case "up":
      return upOrDown(line, above(line), () => older(line, history));
    case "down":
      return upOrDown(line, below(line), () => newer(line, history));
    case "ctrl-p":
      return older(line, history);
    case "ctrl-n":
      return newer(line, history);
    case "ctrl-r":
      return searching(line, history);
    case "backspace":
    case "ctrl-h":
      return replaced(line, boundaryBefore(text, cursor), cursor, "");
    case "delete":
    case "ctrl-d":
      return replaced(line, cursor, boundaryAfter(text, cursor), "");
    case "ctrl-w":
      return cut(line, blankWordStart(text, cursor), cursor);
    case "alt-backspace":
      return cut(line, wordStart(text, cursor), cursor);
    case "alt-d":
      return cut(line, cursor, wordEnd(text, cursor));
    case "ctrl-u":
      return cut(line, lineStart(text, cursor), cursor);
    case "ctrl-k":
      // At the end of a line its line end goes.
      return cut(line, cursor, lineEnd(text, cursor) === cursor ? cursor + 1 : lineEnd(text, cursor));
    case "ctrl-y":
      return inserted(line, line.killed);
    case "ctrl-t":
      return transposed(line);
    default:
      return key.text === undefined ? undefined : inserted(line, key.text);
  }
}

function moved(line: EditedLine, place: number): EditedLine {
  const { text, cursor } = line;
  return { ...line, cursor: place < cursor ? boundaryUpTo(text, place) : boundaryFrom(text, place), isKilling: false };
}

function upOrDown(line: EditedLine, place: number | undefined, recall: () => EditedLine): EditedLine {
  return place === undefined ? recall() : moved(line, place);
}

/** Cuts for Ctrl-Y; what is cut by several keys in a row comes back as one. */
function cut(line: EditedLine, start: number, end: number): EditedLine {
  const from = boundaryUpTo(line.text, start);
  const to = boundaryFrom(line.text, end);
  if (from === to) return line;
  const piece = line.text.slice(from, to);
  const earlier = line.isKilling ? line.killed : "";
  const killed = to === line.cursor ? piece + earlier : earlier + piece;
  return { ...replaced(line, from, to, ""), killed, isKilling: true };
}

/** The character before the cursor changes places with the one under it; at the end, the last two do. */
function transposed(line: EditedLine): EditedLine {
  const { text, cursor } = line;
  const end = cursor === lineEnd(text, cursor) ? cursor : boundaryAfter(text, cursor);
  const middle = boundaryBefore(text, end);
  const start = boundaryBefore(text, middle);
  if (middle <= lineStart(text, cursor)) return line;
  return withText(
    line,
    text.slice(0, start) + text.slice(middle, end) + text.slice(start, middle) + text.slice(end),
    end,
  );
}
