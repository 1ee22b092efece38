/** What could drive a terminal, break a line or turn a text around: none of it may stand in an output for people. */
const RAW = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

/** Names the first such character of a text, with what stands around it; undefined when there is none. */
export function rawControlIn(text: string): string | undefined {
  const match = RAW.exec(text);
  if (match === null) return undefined;
  const code = match[0].charCodeAt(0).toString(16).padStart(4, "0");
  return `a raw U+${code} in ${JSON.stringify(text.slice(Math.max(0, match.index - 30), match.index + 30))}`;
}
