import type { EditedLine } from "./edited-line.js";
import { lineEnd, lineStart } from "./words.js";

/** The entry before, of those that start with what was typed; the line as it is when there is none. */
export function older(line: EditedLine, history: readonly string[]): EditedLine {
  const { index, draft } = line.recalled ?? { index: history.length, draft: line.text };
  for (let at = index - 1; at >= 0; at -= 1) {
    const text = history[at] ?? "";
    if (text.startsWith(draft) && text !== line.text) return recalled(line, text, { index: at, draft });
  }
  return line;
}

/** The next entry of those; behind the newest, what was typed. */
export function newer(line: EditedLine, history: readonly string[]): EditedLine {
  if (line.recalled === undefined) return line;
  const { index, draft } = line.recalled;
  for (let at = index + 1; at < history.length; at += 1) {
    const text = history[at] ?? "";
    if (text.startsWith(draft) && text !== line.text) return recalled(line, text, { index: at, draft });
  }
  return recalled(line, draft, undefined);
}

/** The line with the cursor on the line above, in the same column; undefined on the first one. */
export function above(line: EditedLine): number | undefined {
  const start = lineStart(line.text, line.cursor);
  if (start === 0) return undefined;
  return Math.min(lineStart(line.text, start - 1) + line.cursor - start, start - 1);
}

/** The place below; undefined on the last line. */
export function below(line: EditedLine): number | undefined {
  const end = lineEnd(line.text, line.cursor);
  if (end === line.text.length) return undefined;
  const column = line.cursor - lineStart(line.text, line.cursor);
  return Math.min(end + 1 + column, lineEnd(line.text, end + 1));
}

function recalled(line: EditedLine, text: string, from: EditedLine["recalled"]): EditedLine {
  return { ...line, text, cursor: text.length, recalled: from, isKilling: false };
}
