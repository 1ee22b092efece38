import { type AnsiColor, PLAIN, type Style, type StyleParts, styleOf } from "./style.js";

export const THEME_NAMES = ["auto", "dark", "light", "mono"] as const;
export type ThemeName = (typeof THEME_NAMES)[number];

/** Styles by meaning. No meaning is told by colour alone: a glyph or a word stands beside it. */
export interface Theme {
  readonly name: Exclude<ThemeName, "auto">;
  readonly plain: Style;
  readonly dim: Style;
  readonly strong: Style;
  readonly good: Style;
  readonly warning: Style;
  readonly bad: Style;
  /** Keys and names. */
  readonly accent: Style;
  readonly title: Style;
  readonly border: Style;
  readonly focusedBorder: Style;
  readonly selected: Style;
  /** What a search has found. */
  readonly found: Style;
  /** A slave's own, for its arc, its name and its log lines; by its place on the ring. */
  readonly owners: readonly [Style, ...Style[]];
}

/** The glyphs that not every font or console has, and what stands in for them. */
export interface Glyphs {
  readonly ascii: boolean;
  readonly up: string;
  readonly busy: string;
  readonly joining: string;
  readonly suspect: string;
  readonly down: string;
  readonly frozen: string;
  /** A link that lets nothing through. */
  readonly cut: string;
  /** A message that step mode holds. */
  readonly held: string;
  readonly key: string;
  readonly dot: string;
  readonly marker: string;
  readonly yes: string;
  readonly no: string;
  readonly ellipsis: string;
  /** Eight rising heights, blank first. */
  readonly bars: readonly string[];
}

export const UNICODE: Glyphs = {
  ascii: false,
  up: "●",
  busy: "◐",
  joining: "◇",
  suspect: "?",
  down: "✕",
  frozen: "❄",
  cut: "≠",
  held: "‖",
  key: "◆",
  dot: "•",
  marker: "▸",
  yes: "✓",
  no: "✗",
  ellipsis: "…",
  bars: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
};

export const ASCII: Glyphs = {
  ascii: true,
  up: "o",
  busy: "@",
  joining: "+",
  suspect: "?",
  down: "x",
  frozen: "*",
  cut: "/",
  held: "=",
  key: "#",
  dot: ".",
  marker: ">",
  yes: "y",
  no: "n",
  ellipsis: "~",
  bars: [" ", ".", ".", ":", ":", "-", "=", "%", "#"],
};

const DARK_OWNERS: readonly [AnsiColor, ...AnsiColor[]] = [
  "cyan",
  "yellow",
  "magenta",
  "green",
  "blue",
  "brightRed",
  "brightCyan",
  "brightYellow",
  "brightMagenta",
  "brightGreen",
  "brightBlue",
  "white",
];

/** Fewer than in the dark: bright colours, yellow and white vanish on a light ground. */
const LIGHT_OWNERS: readonly [AnsiColor, ...AnsiColor[]] = ["blue", "magenta", "red", "cyan", "green", "black"];

export const DARK: Theme = {
  name: "dark",
  ...coloured({ warning: "yellow", accent: "cyan" }),
  owners: [styleOf({ color: DARK_OWNERS[0] }), ...DARK_OWNERS.slice(1).map((color) => styleOf({ color }))],
};

export const LIGHT: Theme = {
  name: "light",
  ...coloured({ warning: "magenta", accent: "blue" }),
  owners: [styleOf({ color: LIGHT_OWNERS[0] }), ...LIGHT_OWNERS.slice(1).map((color) => styleOf({ color }))],
};

/** No attribute at all but inverse and bold, which every terminal has. */
export const MONO: Theme = {
  name: "mono",
  plain: PLAIN,
  dim: PLAIN,
  strong: styleOf({ bold: true }),
  good: PLAIN,
  warning: PLAIN,
  bad: styleOf({ bold: true }),
  accent: PLAIN,
  title: styleOf({ bold: true }),
  border: PLAIN,
  focusedBorder: styleOf({ bold: true }),
  selected: styleOf({ inverse: true }),
  found: styleOf({ inverse: true }),
  owners: [PLAIN],
};

export const THEMES: Readonly<Record<Theme["name"], Theme>> = { dark: DARK, light: LIGHT, mono: MONO };

/** The style of the slave at this place on the ring. */
export function ownerStyle(theme: Theme, index: number): Style {
  return theme.owners[index % theme.owners.length] ?? theme.plain;
}

function coloured({ warning, accent }: { readonly warning: AnsiColor; readonly accent: AnsiColor }) {
  const style = (parts: StyleParts) => styleOf(parts);
  return {
    plain: PLAIN,
    dim: style({ dim: true }),
    strong: style({ bold: true }),
    good: style({ color: "green" }),
    warning: style({ color: warning }),
    bad: style({ color: "red", bold: true }),
    accent: style({ color: accent }),
    title: style({ bold: true }),
    border: style({ dim: true }),
    focusedBorder: style({ color: accent, bold: true }),
    selected: style({ inverse: true }),
    found: style({ inverse: true, color: warning }),
  };
}
