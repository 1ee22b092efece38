import { Chalk, type ColorSupportLevel, supportsColor } from "chalk";

/** The few colours of the REPL, by meaning. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly name: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
  /** What is quoted in a statement. */
  readonly string: (text: string) => string;
  readonly number: (text: string) => string;
  readonly comment: (text: string) => string;
  /** What a search has found. */
  readonly match: (text: string) => string;
}

/** Paints for a stream: colours only on a terminal that has them, and none where NO_COLOR is set (no-color.org). */
export function paintFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>> = process.env,
): Paint {
  const wanted = stream.isTTY === true && !env["NO_COLOR"];
  return paintOfLevel(wanted && supportsColor ? supportsColor.level : 0);
}

/** Paints with a fixed number of colours; level 0 leaves text as it is. */
export function paintOfLevel(level: ColorSupportLevel): Paint {
  const chalk = new Chalk({ level });
  return {
    good: chalk.green,
    bad: chalk.red,
    warning: chalk.yellow,
    name: chalk.cyan,
    strong: chalk.bold,
    dim: chalk.dim,
    string: chalk.green,
    number: chalk.magenta,
    comment: chalk.dim,
    match: chalk.underline,
  };
}

/** Text as it is. */
export const PLAIN_PAINT: Paint = paintOfLevel(0);
