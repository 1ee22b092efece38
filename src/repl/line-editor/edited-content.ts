import type { Look, Piece } from "./cells.js";
import type { EditedLine } from "./edited-line.js";
import { type Content, type Frame, type Span, layOut } from "./layout.js";

/** What is known of a line that is edited, for showing it. */
export interface EditedState {
  readonly line: EditedLine;
  readonly prompt: readonly Piece[];
  readonly highlight: (text: string) => readonly Span[];
  readonly hint: string;
}

/** A line as it is shown: in a search, with what is searched for in place of the prompt. */
export function contentOf({ line, prompt, highlight, hint }: EditedState): Content {
  const { text, cursor, search } = line;
  return {
    prompt: search === undefined ? prompt : searchPrompt(search),
    continuation: [{ text: "...> ".padStart(lengthOf(prompt)), look: "dim" }],
    text,
    cursor,
    looks: search === undefined ? highlight(text) : matchLooks(cursor, search.query.length),
    // What is more than a line would not fit behind it.
    hint: hint.split("\n", 1)[0] ?? "",
  };
}

/** A frame with notes above, each cut to a row. */
export function withNotes({ rows, cursor }: Frame, notes: readonly Piece[], columns: number): Frame {
  const above = notes.flatMap((note) => {
    const content = { prompt: [note], continuation: [], text: "", cursor: 0, looks: [], hint: "" };
    return layOut(content, columns).rows.slice(0, 1);
  });
  const notesEnd = above.map(({ cells }) => ({ cells, isFull: false }));
  return { rows: [...notesEnd, ...rows], cursor: { ...cursor, row: cursor.row + above.length } };
}

function searchPrompt({ query, isFailed }: NonNullable<EditedLine["search"]>): readonly Piece[] {
  const look: Look = isFailed ? "bad" : "dim";
  return [
    { text: isFailed ? "(not found: " : "(search: ", look },
    { text: query, look: "strong" },
    { text: ") ", look },
  ];
}

function matchLooks(start: number, length: number): readonly Span[] {
  return [
    { start: 0, look: "plain" },
    { start, look: "match" },
    { start: start + length, look: "plain" },
  ];
}

/** Prompts are ASCII. */
function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { text }) => sum + text.length, 0);
}
