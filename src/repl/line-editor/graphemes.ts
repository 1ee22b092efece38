/**
 * Characters as people count them: extended grapheme clusters (UAX #29), so that an emoji with its joiners, or a letter with its
 * marks, is one. Places are UTF-16 units; a boundary is a place between two characters.
 */
const SEGMENTER = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The characters of a text, in order. */
export function graphemesOf(text: string): readonly string[] {
  return isSimple(text) ? text.split("") : Array.from(SEGMENTER.segment(text), ({ segment }) => segment);
}

/** The boundary before the character that ends at, or reaches over, a place. */
export function boundaryBefore(text: string, place: number): number {
  if (place <= 0) return 0;
  if (isSimple(text.slice(Math.max(0, place - 2), place + 1))) return place - 1;
  return SEGMENTER.segment(text).containing(place - 1)?.index ?? 0;
}

/** The boundary behind the character that starts at, or reaches over, a place. */
export function boundaryAfter(text: string, place: number): number {
  if (place >= text.length) return text.length;
  if (isSimple(text.slice(Math.max(0, place - 1), place + 2))) return place + 1;
  const character = SEGMENTER.segment(text).containing(place);
  return character === undefined ? text.length : character.index + character.segment.length;
}

/** The place itself where it is a boundary, otherwise the next one. */
export function boundaryFrom(text: string, place: number): number {
  return place <= 0 ? 0 : boundaryAfter(text, place - 1);
}

/** The place itself where it is a boundary, otherwise the one before. */
export function boundaryUpTo(text: string, place: number): number {
  const next = boundaryFrom(text, place);
  return next === place ? place : boundaryBefore(text, next);
}

/** Every unit is a character. Not so with `\r`, which joins a `\n`. */
function isSimple(text: string): boolean {
  return /^[\n\x20-\x7e]*$/.test(text);
}
