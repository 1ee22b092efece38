import type { OpId, SlaveId } from "../../protocol/ids.js";
import type { LogLevel, ProcessVerb } from "../../protocol/messages.js";
import type { PaneName } from "../layout.js";
import { EMPTY_LINE, type EditedLine } from "../../repl/line-editor/edited-line.js";
import type { FeedModel, SlaveView } from "../model/feed-model.js";
import type { LogSource } from "../model/log-buffer.js";
import type { Theme } from "../screen/theme.js";

/** What the person at the keys has chosen to see. Immutable, and apart from what is known of the cluster. */
export interface View {
  readonly columns: number;
  readonly rows: number;
  readonly focus: PaneName;
  /** This pane has the whole body. */
  readonly isZoomed: boolean;
  /** The slave that keys act on, and whose cache shows; the first one while undefined. */
  readonly selectedSlave: SlaveId | undefined;
  /** The op that the diagram shows; the newest one while undefined. */
  readonly selectedOp: OpId | undefined;
  readonly log: LogView;
  readonly cache: CacheView;
  /** What the screen shows while it is frozen; the feed goes on behind it. */
  readonly frozen: FeedModel | undefined;
  readonly input: InputMode;
  /** The command line; it keeps its text while the keys go elsewhere. */
  readonly line: EditedLine;
  /** Answers of commands, newest last, while their panel is open. */
  readonly console: readonly string[];
  readonly isConsoleOpen: boolean;
  /** A command runs; Ctrl-C ends the wait for it. */
  readonly isRunning: boolean;
  /** One line of news: what a key did, or why it did nothing. */
  readonly notice: Notice | undefined;
  readonly theme: Theme["name"];
}

export type InputMode =
  | { readonly mode: "keys" }
  /** Keys go to the command line. */
  | { readonly mode: "command" }
  /** Keys go to the pattern of the log's filter. */
  | { readonly mode: "filter"; readonly line: EditedLine }
  /** `y` does it, anything else does not. */
  | { readonly mode: "confirm"; readonly verb: ProcessVerb; readonly slave: SlaveId; readonly name: string }
  | { readonly mode: "help"; readonly scroll: number };

export interface LogView {
  /** All sources while undefined. */
  readonly source: LogSource | undefined;
  readonly minLevel: LogLevel;
  readonly pattern: LogPattern | undefined;
  /** The number of the line at the bottom; the newest one while undefined: the view follows. */
  readonly anchor: number | undefined;
  readonly isWrapped: boolean;
  readonly hasTimes: boolean;
}

export interface LogPattern {
  readonly text: string;
  /** Lines that do not match. */
  readonly isInverse: boolean;
  /** Only matching lines show; otherwise all show and matches are marked. */
  readonly isFilter: boolean;
}

export interface CacheView {
  /** The master's cache rather than the selected slave's. */
  readonly ofMaster: boolean;
  /** The first set to show. */
  readonly from: number;
}

export interface Notice {
  readonly text: string;
  readonly kind: "good" | "bad" | "plain";
}

/** The view as it is when the monitor opens. */
export function initialView(options: {
  readonly columns: number;
  readonly rows: number;
  readonly theme: Theme["name"];
  /** Keys go to the command line at first. */
  readonly startsInCommandLine: boolean;
}): View {
  return {
    columns: options.columns,
    rows: options.rows,
    focus: options.columns < 76 || options.rows < 22 ? "slaves" : "ring",
    isZoomed: false,
    selectedSlave: undefined,
    selectedOp: undefined,
    log: {
      source: undefined,
      minLevel: "info",
      pattern: undefined,
      anchor: undefined,
      isWrapped: false,
      hasTimes: true,
    },
    cache: { ofMaster: true, from: 0 },
    frozen: undefined,
    input: { mode: options.startsInCommandLine ? "command" : "keys" },
    line: EMPTY_LINE,
    console: [],
    isConsoleOpen: false,
    isRunning: false,
    notice: undefined,
    theme: options.theme,
  };
}

/** The slave that keys act on. */
export function selectedSlave(view: View, model: FeedModel): SlaveView | undefined {
  return model.slaves.find(({ id }) => id === view.selectedSlave) ?? model.slaves[0];
}

/** Keys step: step mode is on, and the log has no filter or search whose lines they would go through. */
export function isStepping(view: View, live: FeedModel): boolean {
  return live.step.on && view.log.pattern === undefined;
}

/** What the screen shows: the cluster as it is, or as it was when the screen was frozen. */
export function shownModel(view: View, live: FeedModel): FeedModel {
  return view.frozen ?? live;
}
