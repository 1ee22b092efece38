const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Controls, separators and surrogates, and what changes the direction of writing. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Text as HTML, for an element or a quoted attribute. Controls, which could hide text or turn it around, are written out. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll(CONTROLS, (control) => `\\u{${(control.codePointAt(0) ?? 0).toString(16)}}`)
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
