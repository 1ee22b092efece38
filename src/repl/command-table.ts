import type { Command } from "./command.js";
import { DATA_COMMANDS } from "./data-commands.js";
import { GENERAL_COMMANDS } from "./general-commands.js";
import { NODE_COMMANDS } from "./node-commands.js";
import { PROCESS_COMMANDS } from "./process-commands.js";
import { VIEW_COMMANDS } from "./view-commands.js";

/** All commands, in the order of `help`. */
export const COMMANDS: readonly Command[] = [
  ...DATA_COMMANDS,
  ...VIEW_COMMANDS,
  ...NODE_COMMANDS,
  ...PROCESS_COMMANDS,
  ...GENERAL_COMMANDS,
];
