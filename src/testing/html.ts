const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML, for an element or a quoted attribute. Controls, which could hide text or turn it around, are written out. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (control) => `\\u{${(control.codePointAt(0) ?? 0).toString(16)}}`)
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
