import { RawTerminal, type RawTerminalOptions } from "../../repl/line-editor/raw-terminal.js";

const ALTERNATE_SCREEN = "?1049";
const AUTOWRAP = "?7";
const CURSOR = "?25";
const BRACKETED_PASTE = "?2004";
const SYNCHRONISED_UPDATE = "?2026";

const ENTER = [set(ALTERNATE_SCREEN), reset(AUTOWRAP), reset(CURSOR), set(BRACKETED_PASTE)].join("");
// An update may have been cut by the error that ends us. The normal screen comes last but for the cursor, which belongs to it.
const LEAVE = [
  reset(SYNCHRONISED_UPDATE),
  "\u001b[0m",
  reset(BRACKETED_PASTE),
  set(AUTOWRAP),
  reset(ALTERNATE_SCREEN),
  set(CURSOR),
].join("");

export type TerminalOptions = Omit<RawTerminalOptions, "entering" | "leaving">;

/** The terminal while a full-screen program has it: raw, alternate screen, no autowrap, hidden cursor, bracketed paste. */
export const Terminal = {
  /** Takes the terminal over. */
  open: (options: TerminalOptions): RawTerminal => {
    return RawTerminal.open({ ...options, entering: ENTER, leaving: () => LEAVE });
  },
};

function set(mode: string): string {
  return `\u001b[${mode}h`;
}

function reset(mode: string): string {
  return `\u001b[${mode}l`;
}
