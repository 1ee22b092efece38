/** A cell's place and size in a picture. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** SVG path data; strokes are lines of one pixel or, heavy, of two. */
export interface Shape {
  readonly kind: "fill" | "stroke" | "heavy";
  readonly path: string;
}

/**
 * What a glyph of braille, blocks or boxes looks like in a cell, so that no font can leave gaps in a curve, a bar or a border;
 * undefined for all other glyphs: they are text.
 */
export function shapeOf(glyph: string, box: Box): Shape | undefined {
  const code = glyph.codePointAt(0) ?? 0;
  if (code >= 0x2800 && code < 0x2900) return { kind: "fill", path: braille(code - 0x2800, box) };
  const block = blockOf(code, box);
  if (block !== undefined) return { kind: "fill", path: rectangle(block) };
  const corner = CORNERS.get(glyph);
  if (corner !== undefined) return { kind: "stroke", path: arc(corner, box) };
  const lines = LINES.get(glyph);
  return lines && { kind: lines.heavy ? "heavy" : "stroke", path: arms(lines.arms, box) };
}

/** Bits of a braille pattern by column and row: 1-3 and 7 on the left, 4-6 and 8 on the right. */
const DOTS = [
  [0, 1, 2, 6],
  [3, 4, 5, 7],
] as const;

function braille(bits: number, { x, y, width, height }: Box): string {
  const radius = width * 0.13;
  const circles = DOTS.flatMap((rows, column) =>
    rows.map((bit, row) => {
      if ((bits & (1 << bit)) === 0) return "";
      const left = x + width * (0.25 + column * 0.5) - radius;
      const middle = y + height * (0.125 + row * 0.25);
      const half = `a${round(radius)} ${round(radius)} 0 0 1 `;
      return `M${round(left)} ${round(middle)}${half}${round(2 * radius)} 0${half}${round(-2 * radius)} 0z`;
    }),
  );
  return circles.join("");
}

/** Lower eighths (▁ to █), left eighths (▉ to ▏), ▀ and ▐. */
function blockOf(code: number, { x, y, width, height }: Box): Box | undefined {
  if (code === 0x2580) return { x, y, width, height: height / 2 };
  if (code === 0x2590) return { x: x + width / 2, y, width: width / 2, height };
  if (code >= 0x2581 && code <= 0x2588) {
    const part = ((code - 0x2580) / 8) * height;
    return { x, y: y + height - part, width, height: part };
  }
  if (code >= 0x2589 && code <= 0x258f) return { x, y, width: ((0x2590 - code) / 8) * width, height };
  return undefined;
}

function rectangle({ x, y, width, height }: Box): string {
  return `M${round(x)} ${round(y)}h${round(width)}v${round(height)}h${round(-width)}z`;
}

/** Which ways a corner opens, as signs. */
const CORNERS: ReadonlyMap<string, readonly [horizontal: 1 | -1, vertical: 1 | -1]> = new Map([
  ["╭", [1, 1]],
  ["╮", [-1, 1]],
  ["╰", [1, -1]],
  ["╯", [-1, -1]],
]);

function arc([horizontal, vertical]: readonly [number, number], { x, y, width, height }: Box): string {
  const [middle, center] = [x + width / 2, y + height / 2];
  const bend = `Q${round(middle)} ${round(center)} ${round(middle + (horizontal * width) / 2)} ${round(center)}`;
  return `M${round(middle)} ${round(center + (vertical * height) / 2)}${bend}`;
}

interface Lines {
  /** From the middle of the cell up, right, down or left, by first letters. */
  readonly arms: string;
  readonly heavy: boolean;
}

const LINES: ReadonlyMap<string, Lines> = new Map([
  ...lines("─rl │ud ┌rd ┐dl └ur ┘ul ├urd ┤udl ┬rdl ┴url ┼urdl ╴l ╵u ╶r ╷d", false),
  ...lines("━rl ┃ud ┏rd ┓dl ┗ur ┛ul ┣urd ┫udl ┳rdl ┻url ╋urdl", true),
]);

function lines(table: string, heavy: boolean): [string, Lines][] {
  return table.split(" ").map((entry) => [entry.charAt(0), { arms: entry.slice(1), heavy }]);
}

function arms(ways: string, { x, y, width, height }: Box): string {
  const [middle, center] = [round(x + width / 2), round(y + height / 2)];
  const ends = {
    u: `V${round(y)}`,
    r: `H${round(x + width)}`,
    d: `V${round(y + height)}`,
    l: `H${round(x)}`,
  };
  return Object.entries(ends)
    .map(([way, end]) => (ways.includes(way) ? `M${middle} ${center}${end}` : ""))
    .join("");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
