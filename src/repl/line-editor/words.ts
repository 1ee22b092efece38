/** Where the word before a place starts: letters, digits and marks, as Alt-B goes. */
export function wordStart(text: string, place: number): number {
  return text.slice(0, place).search(/[\p{L}\p{N}\p{M}_]*[^\p{L}\p{N}\p{M}_]*$/u);
}

/** Where the word behind a place ends, as Alt-F goes. */
export function wordEnd(text: string, place: number): number {
  const [found = ""] = /^[^\p{L}\p{N}\p{M}_]*[\p{L}\p{N}\p{M}_]*/u.exec(text.slice(place)) ?? [];
  return place + found.length;
}

/** Where the word between blanks before a place starts, as Ctrl-W goes. */
export function blankWordStart(text: string, place: number): number {
  return text.slice(0, place).search(/\S*\s*$/);
}

/** The start of the line that a place is in. */
export function lineStart(text: string, place: number): number {
  return text.lastIndexOf("\n", place - 1) + 1;
}

/** The end of the line that a place is in. */
export function lineEnd(text: string, place: number): number {
  const end = text.indexOf("\n", place);
  return end === -1 ? text.length : end;
}
