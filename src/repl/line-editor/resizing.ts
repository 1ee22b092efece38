/** Programs that name themselves in TERM_PROGRAM and fill long lines into a new width. */
const FILLING_PROGRAMS = ["tmux", "iTerm.app", "Apple_Terminal", "WezTerm", "ghostty", "rio", "WarpTerminal"];
/** Variables of terminals that do so. */
const FILLING_VARIABLES = [
  "VTE_VERSION",
  "KITTY_WINDOW_ID",
  "ALACRITTY_WINDOW_ID",
  "KONSOLE_VERSION",
  "WT_SESSION",
  "TMUX",
];

/**
 * Whether the terminal fills long lines into its new width when it is resized, the one that is edited too; false for those that
 * leave that one as it was; undefined for a terminal that does not say what it is.
 */
export function fillsLines(env: Readonly<Record<string, string | undefined>>): boolean | undefined {
  if (env["TERM_PROGRAM"] === "vscode") return false;
  if (FILLING_PROGRAMS.includes(env["TERM_PROGRAM"] ?? "")) return true;
  return FILLING_VARIABLES.some((name) => env[name] !== undefined) ? true : undefined;
}
