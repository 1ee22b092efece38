import { glyphWidth } from "../../src/tui/screen/safe-text.js";
import type { Style } from "../../src/tui/screen/style.js";
import type { Surface } from "../../src/tui/screen/surface.js";
import { GROUND, INK, looksOf } from "./cell-looks.js";
import { type Box, type Shape, shapeOf } from "./cell-shapes.js";

const CELL = { width: 8.4, height: 18 } as const;
const FONT = { size: 14, family: "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" } as const;
/** Of the first baseline below the top of its cell. */
const BASELINE = 13.5;
/** The window's, as decoration. */
const BUTTONS = ["#ff5f57", "#febc2e", "#28c840"];
const PADDING = 12;
const TITLE_BAR = 30;

export interface PictureOptions {
  /** In the bar of the window, and what screen readers say. */
  readonly title: string;
  /** Where a bar shows the cursor. */
  readonly cursor?: { readonly x: number; readonly y: number } | undefined;
}

/** Cells of one row side by side that look alike. */
interface Run {
  readonly x: number;
  readonly y: number;
  readonly columns: number;
  readonly glyphs: readonly string[];
  readonly style: Style;
}

/**
 * A picture of a screen, in a dark window: SVG that needs nothing from elsewhere. Each run of text has its place and its length, and
 * braille, blocks and boxes are drawn, so that the fonts at hand cannot shift anything.
 */
export function screenToSvg(surface: Surface, { title, cursor }: PictureOptions): string {
  const width = round(surface.columns * CELL.width + 2 * PADDING);
  const height = surface.rows * CELL.height + TITLE_BAR + PADDING;
  const runs = runsOf(surface);
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escape(title)}</title>`,
    `<style>text{font:${FONT.size}px ${FONT.family};white-space:pre}</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${GROUND}"/>`,
    ...BUTTONS.map((fill, index) => `<circle cx="${18 + index * 18}" cy="15" r="5.5" fill="${fill}"/>`),
    `<text x="${width / 2}" y="20" text-anchor="middle" fill="${INK}" opacity="0.6">${escape(title)}</text>`,
    ...runs.flatMap(groundOf),
    ...(cursor === undefined ? [] : [rectangle({ ...boxOf(cursor.x, cursor.y, 1), width: 2 }, INK)]),
    ...runs.flatMap(glyphsOf),
    "</svg>",
  ];
  return `${lines.join("\n")}\n`;
}

/** Runs of one style; text of ASCII, text of another glyph, and shapes are apart. */
function runsOf(surface: Surface): Run[] {
  const runs: { -readonly [K in keyof Run]: K extends "glyphs" ? string[] : Run[K] }[] = [];
  for (const [index, glyph] of surface.glyphs.entries()) {
    if (glyph === "") continue;
    const x = index % surface.columns;
    const y = (index - x) / surface.columns;
    const style = surface.styles[index] ?? "";
    const last = runs.at(-1);
    const columns = glyphWidth(glyph);
    const isNext = last !== undefined && last.y === y && last.x + last.columns === x && last.style === style;
    if (isNext && kindOf(last.glyphs.at(-1) ?? "") === kindOf(glyph) && kindOf(glyph) !== "other") {
      last.glyphs.push(glyph);
      last.columns += columns;
    } else runs.push({ x, y, columns, glyphs: [glyph], style });
  }
  return runs;
}

function kindOf(glyph: string): Shape["kind"] | "ascii" | "other" {
  if (glyph >= " " && glyph <= "~") return "ascii";
  return shapeOf(glyph, boxOf(0, 0, 1))?.kind ?? "other";
}

function groundOf({ x, y, columns, style }: Run): string[] {
  const { ground } = looksOf(style);
  return ground === undefined ? [] : [rectangle(boxOf(x, y, columns), ground)];
}

function glyphsOf({ x, y, columns, glyphs, style }: Run): string[] {
  const { ink, bold, dim, underline } = looksOf(style);
  const opacity = dim ? ' opacity="0.55"' : "";
  const shapes = glyphs.map((glyph, index) => shapeOf(glyph, boxOf(x + index, y, 1)));
  const path = shapes.map((shape) => shape?.path ?? "").join("");
  const kind = shapes[0]?.kind;
  if (kind === "fill") return path === "" ? [] : [`<path d="${path}" fill="${ink}"${opacity}/>`];
  if (kind !== undefined) {
    return [`<path d="${path}" fill="none" stroke="${ink}" stroke-width="${kind === "heavy" ? 2.2 : 1.1}"${opacity}/>`];
  }
  const looks = `fill="${ink}"${bold ? ' font-weight="bold"' : ""}${underline ? ' text-decoration="underline"' : ""}${opacity}`;
  // Never two blanks in a row, which some viewers make one.
  return [...glyphs.join("").matchAll(/\S+(?: \S+)*/g)].map(({ 0: text, index }) => {
    const box = boxOf(x + index, y, glyphs.length > 1 ? text.length : columns);
    const length = text.length > 1 ? ` textLength="${round(box.width)}"` : "";
    return `<text x="${box.x}" y="${round(box.y + BASELINE)}"${length} ${looks}>${escape(text)}</text>`;
  });
}

function boxOf(x: number, y: number, columns: number): Box {
  return {
    x: round(PADDING + x * CELL.width),
    y: TITLE_BAR + y * CELL.height,
    width: columns * CELL.width,
    height: CELL.height,
  };
}

function rectangle({ x, y, width, height }: Box, fill: string): string {
  return `<rect x="${x}" y="${y}" width="${round(width)}" height="${height}" fill="${fill}"/>`;
}

function escape(text: string): string {
  return text.replace(/[&<>]/g, (character) => ({ "&": "&amp;", "<": "&lt;" })[character] ?? "&gt;");
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
