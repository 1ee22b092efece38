import type { Style } from "../../src/tui/screen/style.js";

/** The default colours: a dark ground, and what is written on it. */
export const GROUND = "#161a21";
export const INK = "#d5d9e0";
/** SGR 30-37 and 90-97 on that ground. */
const PALETTE: readonly string[] = [
  ...["#3b4252", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4"],
  ...["#7f8896", "#ff8b92", "#b5e08f", "#ffd68a", "#8cc8ff", "#e0a0f5", "#7fe0ec", "#ffffff"],
];

/** How a cell looks in a picture, in CSS colours. */
export interface Looks {
  readonly ink: string;
  readonly ground: string | undefined;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly underline: boolean;
}

/** Resolves a style, canonical or not (src/tui/screen/style.ts). */
export function looksOf(style: Style): Looks {
  const parameters = style === "" ? [] : style.split(";").map(Number);
  const attributes = new Set<number>();
  let ink: string | undefined;
  let ground: string | undefined;
  for (let code = parameters.shift(); code !== undefined; code = parameters.shift()) {
    if (code === 38) ink = extendedColor(parameters);
    else if (code === 48) ground = extendedColor(parameters);
    else if (code >= 100) ground = PALETTE[code - 92];
    else if (code >= 90) ink = PALETTE[code - 82];
    else if (code >= 40) ground = PALETTE[code - 40];
    else if (code >= 30) ink = PALETTE[code - 30];
    else attributes.add(code);
  }
  const [front, back] = attributes.has(7) ? [ground ?? GROUND, ink ?? INK] : [ink ?? INK, ground];
  return { ink: front, ground: back, bold: attributes.has(1), dim: attributes.has(2), underline: attributes.has(4) };
}

/** Takes `5;n` or `2;r;g;b` from the parameters. */
function extendedColor(parameters: number[]): string | undefined {
  if (parameters.shift() === 2) return `rgb(${parameters.splice(0, 3).join(",")})`;
  const [index = 0] = parameters.splice(0, 1);
  if (index < 16) return PALETTE[index];
  if (index >= 232)
    return `rgb(${Array<number>(3)
      .fill((index - 232) * 10 + 8)
      .join(",")})`;
  const levels = [Math.floor((index - 16) / 36), Math.floor((index - 16) / 6) % 6, (index - 16) % 6];
  return `rgb(${levels.map((level) => (level === 0 ? 0 : level * 40 + 55)).join(",")})`;
}
