import type { ProcessVerb } from "../../protocol/messages.js";
import type { PaneName } from "../layout.js";

/** What a key makes the monitor do. */
export type Action =
  | { readonly do: "quit" }
  | { readonly do: "help" }
  | { readonly do: "focus"; readonly pane: PaneName }
  | { readonly do: "focus-next"; readonly step: 1 | -1 }
  | { readonly do: "zoom" }
  | { readonly do: "back" }
  | { readonly do: "move"; readonly by: number | "page-up" | "page-down" | "first" | "last" }
  | { readonly do: "freeze-screen" }
  | { readonly do: "follow" }
  | { readonly do: "filter" }
  | { readonly do: "inverse" }
  | { readonly do: "find"; readonly step: 1 | -1 }
  | { readonly do: "level" }
  | { readonly do: "source"; readonly step: 1 | -1 }
  | { readonly do: "wrap" }
  | { readonly do: "times" }
  | { readonly do: "cache-of" }
  | { readonly do: "theme" }
  | { readonly do: "copy" }
  | { readonly do: "process"; readonly verb: ProcessVerb; readonly asks: boolean }
  | { readonly do: "freeze-slave" }
  | { readonly do: "delay" }
  | { readonly do: "drop" }
  | { readonly do: "partition" }
  | { readonly do: "step-mode" }
  | { readonly do: "step-next" }
  | { readonly do: "command-line" }
  | { readonly do: "interrupt" };

export interface Binding {
  /** Names of keys (key.ts); any of them does it. */
  readonly keys: readonly string[];
  /** As people call them. */
  readonly label: string;
  /** It has this meaning only then, and then instead of its other one: `isStepping` of view.ts. */
  readonly when?: "stepping";
  readonly action: Action;
  /** For the overlay. */
  readonly help: string;
  /** For the footer, where it has a place there; those of smaller rank stay longest. */
  readonly hint?: { readonly text: string; readonly rank: number };
}

export interface KeySection {
  readonly title: string;
  readonly bindings: readonly Binding[];
}

/** Every key of the monitor, once: it works by this table, and the overlay and the footer are made from it. */
export const KEY_MAP: readonly KeySection[] = [
  {
    title: "Slaves",
    bindings: [
      {
        keys: ["k"],
        label: "k",
        action: { do: "process", verb: "kill", asks: true },
        help: "kill the selected slave (SIGKILL; asks first)",
        hint: { text: "kill", rank: 3 },
      },
      {
        keys: ["r"],
        label: "r",
        action: { do: "process", verb: "restart", asks: false },
        help: "restart it, or start it when it is down",
        hint: { text: "restart", rank: 4 },
      },
      {
        keys: ["z"],
        label: "z",
        action: { do: "freeze-slave" },
        help: "freeze it (SIGSTOP), or thaw it",
        hint: { text: "freeze", rank: 5 },
      },
      {
        keys: ["d"],
        label: "d",
        action: { do: "delay" },
        help: "delay what the master hears from it: 200 ms, 1 s, not at all",
        hint: { text: "delay", rank: 7 },
      },
      {
        keys: ["x"],
        label: "x",
        action: { do: "drop" },
        help: "drop all between the master and it, in silence; or heal it",
        hint: { text: "drop", rank: 8 },
      },
      { keys: ["P"], label: "P", action: { do: "partition" }, help: "cut it off from the master; or heal it" },
    ],
  },
  {
    title: "Step mode",
    bindings: [
      {
        keys: ["s"],
        label: "s",
        action: { do: "step-mode" },
        help: "hold every phase of two-phase commit, or let all go",
        hint: { text: "step", rank: 5 },
      },
      {
        keys: ["n"],
        label: "n",
        when: "stepping",
        action: { do: "step-next" },
        help: "let the next phase go (in step mode; not with a log filter)",
        hint: { text: "next", rank: 1 },
      },
    ],
  },
  {
    title: "Panes",
    bindings: [
      {
        keys: ["tab"],
        label: "Tab",
        action: { do: "focus-next", step: 1 },
        help: "next pane",
        hint: { text: "pane", rank: 6 },
      },
      { keys: ["shift-tab"], label: "Shift-Tab", action: { do: "focus-next", step: -1 }, help: "pane before" },
      { keys: ["1"], label: "1", action: { do: "focus", pane: "ring" }, help: "ring" },
      { keys: ["2"], label: "2", action: { do: "focus", pane: "slaves" }, help: "slaves" },
      { keys: ["3"], label: "3", action: { do: "focus", pane: "log" }, help: "log" },
      { keys: ["4"], label: "4", action: { do: "focus", pane: "ops" }, help: "two-phase commit" },
      { keys: ["5"], label: "5", action: { do: "focus", pane: "cache" }, help: "cache" },
      { keys: ["6"], label: "6", action: { do: "focus", pane: "unresolved" }, help: "unresolved updates" },
      {
        keys: ["enter"],
        label: "Enter",
        action: { do: "zoom" },
        help: "the pane alone on the screen, and back",
        hint: { text: "zoom", rank: 11 },
      },
      { keys: ["esc"], label: "Esc", action: { do: "back" }, help: "back: zoom, filter, frozen screen, answers" },
      { keys: ["up"], label: "↑", action: { do: "move", by: -1 }, help: "slave, op, line or set before" },
      { keys: ["down"], label: "↓", action: { do: "move", by: 1 }, help: "the next one" },
      { keys: ["left"], label: "←", action: { do: "move", by: -1 }, help: "as ↑" },
      { keys: ["right"], label: "→", action: { do: "move", by: 1 }, help: "as ↓" },
      { keys: ["pgup"], label: "PgUp", action: { do: "move", by: "page-up" }, help: "a page back" },
      { keys: ["pgdn"], label: "PgDn", action: { do: "move", by: "page-down" }, help: "a page on" },
      { keys: ["home"], label: "Home", action: { do: "move", by: "first" }, help: "the first one, the oldest line" },
      { keys: ["end"], label: "End", action: { do: "move", by: "last" }, help: "the last one, the newest line" },
      {
        keys: ["c"],
        label: "c",
        action: { do: "cache-of" },
        help: "cache pane: the master's, or the selected slave's",
      },
    ],
  },
  {
    title: "Log",
    bindings: [
      {
        keys: ["/"],
        label: "/",
        action: { do: "filter" },
        help: "show the lines with a text only",
        hint: { text: "filter", rank: 9 },
      },
      { keys: ["!"], label: "!", action: { do: "inverse" }, help: "those without it" },
      { keys: ["n"], label: "n", action: { do: "find", step: 1 }, help: "next line with it, among all lines" },
      { keys: ["N"], label: "N", action: { do: "find", step: -1 }, help: "line before with it, among all lines" },
      {
        keys: ["f"],
        label: "f",
        action: { do: "follow" },
        help: "follow the newest line, or stay",
        hint: { text: "follow", rank: 10 },
      },
      { keys: ["o"], label: "o", action: { do: "source", step: 1 }, help: "all lines, or one source after the other" },
      { keys: ["O"], label: "O", action: { do: "source", step: -1 }, help: "the source before" },
      { keys: ["l"], label: "l", action: { do: "level" }, help: "least level: info, warn, error, debug" },
      { keys: ["w"], label: "w", action: { do: "wrap" }, help: "wrap long lines" },
      { keys: ["t"], label: "t", action: { do: "times" }, help: "times on or off" },
    ],
  },
  {
    title: "Screen",
    bindings: [
      {
        keys: ["space"],
        label: "Space",
        action: { do: "freeze-screen" },
        help: "freeze the screen; the cluster goes on",
        hint: { text: "pause", rank: 6 },
      },
      {
        keys: [":"],
        label: ":",
        action: { do: "command-line" },
        help: "command line (or type: letters without a meaning here begin a command)",
        hint: { text: "command", rank: 2 },
      },
      { keys: ["y"], label: "y", action: { do: "copy" }, help: "copy what is selected to the clipboard (OSC 52)" },
      { keys: ["T"], label: "T", action: { do: "theme" }, help: "theme: dark, light, mono" },
      { keys: ["?"], label: "?", action: { do: "help" }, help: "this list", hint: { text: "help", rank: 0 } },
      { keys: ["q"], label: "q", action: { do: "quit" }, help: "leave", hint: { text: "quit", rank: 1 } },
      { keys: ["ctrl-c"], label: "Ctrl-C", action: { do: "interrupt" }, help: "leave; in the command line: clear it" },
    ],
  },
];

const BINDINGS = KEY_MAP.flatMap(({ bindings }) => bindings);

/** The meanings that keys have outside of the command line and dialogs. */
export function bindingsWhen({ isStepping }: { readonly isStepping: boolean }): readonly Binding[] {
  if (!isStepping) return BINDINGS.filter(({ when }) => when === undefined);
  const special = BINDINGS.filter(({ when }) => when === "stepping").flatMap(({ keys }) => keys);
  return BINDINGS.filter(({ keys, when }) => when === "stepping" || !keys.some((key) => special.includes(key)));
}

/** What a key does outside of the command line and dialogs. */
export function bindingOf(key: string, when: { readonly isStepping: boolean }): Binding | undefined {
  return bindingsWhen(when).find(({ keys }) => keys.includes(key));
}
