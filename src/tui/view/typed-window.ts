import type { ReverseSearch } from "../../repl/line-editor/edited-line.js";
import { glyphWidth, glyphsOf, safeText, widthOf } from "../screen/safe-text.js";
import type { View } from "./view.js";

/** The part of a typed line that shows in so many columns, and where its cursor is. */
export interface TypedWindow {
  readonly prompt: string;
  readonly text: string;
  /** Column of the cursor, prompt included. */
  readonly cursor: number;
}

/** The line that is being typed, scrolled so that the cursor shows; undefined while the keys are not for typing. */
export function typedWindow({ input, line }: View, columns: number): TypedWindow | undefined {
  if (input.mode !== "command" && input.mode !== "filter") return undefined;
  const { text, cursor, search } = input.mode === "command" ? line : input.line;
  const prompt = search === undefined ? PROMPTS[input.mode] : searchPrompt(search);
  const room = Math.max(1, columns - widthOf(prompt) - 1);
  const before = glyphsOf(text.slice(0, cursor));
  let from = before.length;
  for (let width = 0; from > 0; from -= 1) {
    width += glyphWidth(before[from - 1] ?? "");
    if (width > room) break;
  }
  const shown = before.slice(from).join("");
  return { prompt, text: shown + safeText(text.slice(cursor)), cursor: widthOf(prompt) + widthOf(shown) };
}

const PROMPTS = { command: " : ", filter: " / " };

function searchPrompt({ query, isFailed }: ReverseSearch): string {
  return ` (${isFailed ? "not found" : "search"}: ${safeText(query)}) `;
}
