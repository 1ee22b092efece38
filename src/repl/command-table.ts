import { CLIENT_COMMANDS } from "./client-commands.js";
import type { Command } from "./command.js";
import { DATA_COMMANDS } from "./data-commands.js";
import { EXPECT_COMMANDS } from "./expect-commands.js";
import { FAULT_COMMANDS } from "./fault-commands.js";
import { FLOW_COMMANDS } from "./flow-commands.js";
import { GENERAL_COMMANDS } from "./general-commands.js";
import { INSPECT_COMMANDS } from "./inspect-commands.js";
import { NODE_COMMANDS } from "./node-commands.js";
import { PROCESS_COMMANDS } from "./process-commands.js";
import { TUTORIAL_COMMAND } from "./tutorial.js";
import { VIEW_COMMANDS } from "./view-commands.js";

/** All commands, in the order of `help`. */
export const COMMANDS: readonly Command[] = [
  ...DATA_COMMANDS,
  ...VIEW_COMMANDS,
  ...NODE_COMMANDS,
  ...INSPECT_COMMANDS,
  ...PROCESS_COMMANDS,
  ...FAULT_COMMANDS,
  ...CLIENT_COMMANDS,
  ...FLOW_COMMANDS,
  ...EXPECT_COMMANDS,
  TUTORIAL_COMMAND,
  ...GENERAL_COMMANDS,
];
