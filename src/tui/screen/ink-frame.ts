import { PLAIN, type Style } from "./style.js";
import type { Canvas } from "./surface.js";

/** Text of one style. */
interface Run {
  readonly text: string;
  readonly style: Style;
}

/**
 * Paints a frame of Ink (what it writes to the stand-in with `debug: true`: lines with SGR sequences) from the canvas's upper left
 * corner. Of the escape sequences it knows SGR only; others are dropped, and the text is made safe as all text is. Cells that the
 * frame does not reach stay as they are.
 */
export function paintInkFrame(frame: string, canvas: Canvas): void {
  for (const [y, line] of frame.split("\n", canvas.height).entries()) {
    let x = 0;
    for (const run of runsOf(line)) x = canvas.text(x, y, run.text, run.style);
  }
}

/** Most lines of a frame are those of the frame before: they are parsed once. Some frames of the tallest screens. */
const KNOWN_LINES_MAX = 1_000;
const knownLines = new Map<string, readonly Run[]>();

function runsOf(line: string): readonly Run[] {
  const known = knownLines.get(line);
  if (known !== undefined) return known;
  if (knownLines.size === KNOWN_LINES_MAX) knownLines.clear();
  const runs = parseLine(line);
  knownLines.set(line, runs);
  return runs;
}

/** SGR; other CSI; OSC; DCS, SOS, PM and APC; and what is left of the escape sequences. */
const ESCAPE =
  /\u001b(?:\[(?<sgr>[\d;]*)m|\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[PX^_][^\u001b]*\u001b\\|[ -/]*[0-OQ-WYZ\\`-~])/g;

/** Each of Ink's lines begins and ends in the default style. */
function parseLine(line: string): Run[] {
  const runs: Run[] = [];
  const pen = new Pen();
  let end = 0;
  for (const match of line.matchAll(ESCAPE)) {
    if (match.index > end) runs.push({ text: line.slice(end, match.index), style: pen.style });
    end = match.index + match[0].length;
    const parameters = match.groups?.["sgr"];
    if (parameters !== undefined) pen.apply(parameters);
  }
  if (end < line.length) runs.push({ text: line.slice(end), style: pen.style });
  return runs;
}

/** Attributes by the SGR parameter that sets them, and those that each other parameter takes away. */
const ATTRIBUTES = [1, 2, 4, 7] as const;
const ENDS: ReadonlyMap<number, readonly number[]> = new Map([
  [22, [1, 2]],
  [24, [4]],
  [27, [7]],
]);

/** The state that SGR sequences change. */
class Pen {
  readonly #attributes = new Set<number>();
  #foreground = "";
  #background = "";

  /** Canonical, as style.ts has it: attributes in rising order, then the colours. */
  get style(): Style {
    const attributes = ATTRIBUTES.filter((attribute) => this.#attributes.has(attribute)).map(String);
    return [...attributes, this.#foreground, this.#background].filter((part) => part !== "").join(";");
  }

  apply(parameters: string): void {
    const rest = parameters.split(";");
    for (let first = rest.shift(); first !== undefined; first = rest.shift()) {
      const parameter = first === "38" || first === "48" ? extendedColor(first, rest) : first;
      this.#set(parameter);
    }
  }

  #set(parameter: string): void {
    const code = Number.parseInt(parameter === "" ? "0" : parameter, 10);
    if (code === 0) {
      this.#attributes.clear();
      this.#foreground = this.#background = PLAIN;
    } else if (ATTRIBUTES.some((attribute) => attribute === code)) this.#attributes.add(code);
    else if (ENDS.has(code)) for (const attribute of ENDS.get(code) ?? []) this.#attributes.delete(attribute);
    else if ((code >= 30 && code <= 38) || (code >= 90 && code <= 97)) this.#foreground = parameter;
    else if ((code >= 40 && code <= 48) || (code >= 100 && code <= 107)) this.#background = parameter;
    else if (code === 39) this.#foreground = PLAIN;
    else if (code === 49) this.#background = PLAIN;
  }
}

/** `38;5;n` or `38;2;r;g;b`, taken from the parameters that follow the 38; what is no such colour ends them. */
function extendedColor(kind: string, rest: string[]): string {
  const count = rest[0] === "5" ? 2 : rest[0] === "2" ? 4 : Infinity;
  const color = rest.splice(0, count);
  return color.length === count ? [kind, ...color].join(";") : "unknown";
}
