/**
 * How a cell looks: the parameters of one SGR sequence, canonical (`1;36`: bold cyan), "" for the terminal's default. A string,
 * so that two styles are equal when they are `===` and writing one costs nothing.
 */
export type Style = string;

export const PLAIN: Style = "";

/** The 16 ANSI colours by SGR number; the terminal's own palette makes them readable on light and dark grounds. */
export type AnsiColor =
  | "black"
  | "red"
  | "green"
  | "yellow"
  | "blue"
  | "magenta"
  | "cyan"
  | "white"
  | "gray"
  | "brightRed"
  | "brightGreen"
  | "brightYellow"
  | "brightBlue"
  | "brightMagenta"
  | "brightCyan"
  | "brightWhite";

export interface StyleParts {
  readonly color?: AnsiColor;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
}

const FOREGROUND: Readonly<Record<AnsiColor, number>> = {
  black: 30,
  red: 31,
  green: 32,
  yellow: 33,
  blue: 34,
  magenta: 35,
  cyan: 36,
  white: 37,
  gray: 90,
  brightRed: 91,
  brightGreen: 92,
  brightYellow: 93,
  brightBlue: 94,
  brightMagenta: 95,
  brightCyan: 96,
  brightWhite: 97,
};

/** The style of these parts; attributes in rising order of their SGR numbers, then the colour. */
export function styleOf({ color, bold, dim, underline, inverse }: StyleParts): Style {
  const parameters: number[] = [];
  if (bold === true) parameters.push(1);
  if (dim === true) parameters.push(2);
  if (underline === true) parameters.push(4);
  if (inverse === true) parameters.push(7);
  if (color !== undefined) parameters.push(FOREGROUND[color]);
  return parameters.join(";");
}
