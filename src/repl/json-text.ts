/**
 * A value as JSON in which nothing acts on a terminal: what `JSON.stringify` leaves of controls, separators and marks of
 * direction is escaped, too. It parses to the same.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    ACTING,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

const ACTING = /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;
