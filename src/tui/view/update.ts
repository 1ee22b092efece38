import type { LinkFault, ProcessVerb, StepMode } from "../../protocol/messages.js";
import { describeFault } from "../../repl/fault-commands.js";
import { edited } from "../../repl/line-editor/edit.js";
import { EMPTY_LINE, emptied, inserted, lineOf } from "../../repl/line-editor/edited-line.js";
import type { Key } from "../../repl/line-editor/key.js";
import { accepted } from "../../repl/line-editor/reverse-search.js";
import { runsBeside } from "../../repl/typed-words.js";
import { wholeStatements } from "../../repl/whole-statements.js";
import { PANES, type PaneName, interiorOf, layoutFor, layoutOf } from "../layout.js";
import { type FeedModel, type SlaveView, labelOf, opOf } from "../model/feed-model.js";
import type { LOG_LEVELS, LogSource } from "../model/log-buffer.js";
import { type Action, bindingOf } from "./key-map.js";
import { bottomLine, found, scrolled } from "./log-window.js";
import { nextDelay, nextDrop, nextPartition } from "./next-fault.js";
import { type LogView, type View, isStepping, selectedSlave, shownModel } from "./view.js";

/** What a key makes the shell do, besides changing the view. */
export type Effect =
  | { readonly type: "quit" }
  | { readonly type: "process"; readonly verb: ProcessVerb; readonly slave: SlaveView }
  | { readonly type: "fault"; readonly fault: LinkFault; readonly slave: SlaveView }
  | { readonly type: "step"; readonly mode: StepMode }
  | { readonly type: "run"; readonly line: string }
  | { readonly type: "interrupt" }
  | { readonly type: "complete" }
  | { readonly type: "copy"; readonly text: string };

export interface Updated {
  readonly view: View;
  readonly effects: readonly Effect[];
}

/**
 * What a key makes of the view. Pure: what it does to the world comes back as effects.
 *
 * @param live the cluster as it is; a frozen screen shows an older one
 * @param history earlier commands, oldest first
 */
export function pressed(view: View, live: FeedModel, key: Key, history: readonly string[]): Updated {
  const { input } = view;
  switch (input.mode) {
    case "command":
      return inCommandLine(view, live, key, history);
    case "filter": {
      if (key.name === "esc" || key.name === "ctrl-c")
        return only({ ...withPattern(view, ""), input: { mode: "keys" } });
      if (key.name === "enter") return only({ ...view, input: { mode: "keys" } });
      const line = edited(input.line, oneLine(key));
      return only(line === undefined ? view : { ...withPattern(view, line.text), input: { mode: "filter", line } });
    }
    case "confirm": {
      const slave = live.slaves.find(({ id }) => id === input.slave);
      const answered: View = { ...view, input: { mode: "keys" } };
      if (key.name !== "y" && key.name !== "Y") return only(noticed(answered, `${input.name} was not touched`));
      return slave === undefined ? only(answered) : process(answered, input.verb, slave);
    }
    case "help": {
      const by = { up: -1, down: 1, pgup: -10, pgdn: 10 }[key.name];
      if (by !== undefined) return only({ ...view, input: { mode: "help", scroll: Math.max(0, input.scroll + by) } });
      return only({ ...view, input: { mode: "keys" } });
    }
    case "keys": {
      const binding = bindingOf(key.name, { isStepping: isStepping(view, live) });
      if (binding !== undefined) return act(view, live, binding.action);
      // A letter without a meaning begins a command.
      if (key.text === undefined) return only(view);
      return only({ ...view, input: { mode: "command" }, line: inserted(EMPTY_LINE, key.text), notice: undefined });
    }
  }
}

function inCommandLine(view: View, live: FeedModel, key: Key, history: readonly string[]): Updated {
  switch (key.name) {
    case "enter":
      if (view.isRunning && !runsBeside(accepted(view.line).text))
        return only(noticed(view, "a command is running; Ctrl-C ends the wait for it"));
      if (view.line.text.trim() === "") return only({ ...view, line: EMPTY_LINE, isConsoleOpen: false });
      return entered({ ...view, notice: undefined }, accepted(view.line).text, "");
    case "tab":
      return { view: { ...view, line: accepted(view.line) }, effects: [{ type: "complete" }] };
    case "esc":
      if (view.line.search !== undefined) break;
      return only({ ...view, input: { mode: "keys" }, isConsoleOpen: false });
    case "ctrl-c":
      if (view.isRunning) return { view, effects: [{ type: "interrupt" }] };
      if (view.line.text !== "") return only({ ...view, line: emptied(view.line) });
      return { view, effects: [{ type: "quit" }] };
    case "ctrl-d":
      if (view.line.text === "") return { view, effects: [{ type: "quit" }] };
      break;
    case "pgup":
    case "pgdn":
      return act(view, live, { do: "move", by: key.name === "pgup" ? "page-up" : "page-down" });
  }
  // A paste of several lines is several statements; what stands behind the last line end stays to be edited.
  const { text, cursor } = accepted(view.line);
  const lastEnd = key.text?.lastIndexOf("\n") ?? -1;
  if (key.text !== undefined && lastEnd >= 0 && !view.isRunning) {
    return entered(
      view,
      text.slice(0, cursor) + key.text.slice(0, lastEnd),
      key.text.slice(lastEnd + 1) + text.slice(cursor),
    );
  }
  const line = edited(view.line, key, history);
  return only(line === undefined ? view : { ...view, line });
}

/** Runs the statements of a text; one that is not whole yet goes on in the next line. @param rest what stands behind it */
function entered(view: View, text: string, rest: string): Updated {
  const statements = wholeStatements(text);
  if (statements === undefined) return only({ ...view, line: lineOf(`${text}\n${rest}`) });
  const effects = statements.filter((statement) => statement.trim() !== "").map(run);
  return { view: { ...view, line: inserted(emptied(view.line), rest) }, effects };
}

/** A filter is one line; and there is no history to search. */
function oneLine(key: Key): Key {
  if (key.name === "ctrl-r") return { ...key, name: "" };
  return key.text === undefined ? key : { ...key, text: key.text.replaceAll(/[\x00-\x1f\x7f]+/g, " ") };
}

function act(view: View, live: FeedModel, action: Action): Updated {
  const model = shownModel(view, live);
  switch (action.do) {
    case "quit":
    case "interrupt":
      return { view, effects: [{ type: "quit" }] };
    case "help":
      return only({ ...view, input: { mode: "help", scroll: 0 } });
    case "focus":
      return only(focused(view, action.pane));
    case "focus-next":
      return only(focused(view, neighbour(view, action.step)));
    case "zoom":
      return only({ ...view, isZoomed: !view.isZoomed });
    case "back":
      return only(back(view));
    case "move":
      return only(moved(view, model, action.by));
    case "freeze-screen":
      return only({ ...view, frozen: view.frozen === undefined ? live : undefined, notice: undefined });
    case "follow": {
      const bottom = bottomLine(model.logs, view.log);
      const anchor = view.log.anchor === undefined ? bottom?.seq : undefined;
      return only({ ...view, log: { ...view.log, anchor } });
    }
    case "filter":
      return only({ ...view, input: { mode: "filter", line: lineOf(view.log.pattern?.text ?? "") } });
    case "inverse": {
      const { pattern } = view.log;
      if (pattern === undefined) return only(noticed(view, "no filter to turn round; / sets one", "bad"));
      return only({ ...view, log: { ...view.log, pattern: { ...pattern, isInverse: !pattern.isInverse } } });
    }
    case "find": {
      if (view.log.pattern === undefined) return only(noticed(view, "nothing to search for; / sets it", "bad"));
      const log = found(model.logs, view.log, action.step);
      if (log === undefined) return only(noticed(view, "no further line has it", "bad"));
      return only({ ...view, log });
    }
    case "level": {
      const order = ["info", "warn", "error", "debug"] as const satisfies readonly (typeof LOG_LEVELS)[number][];
      const minLevel = order[(order.indexOf(view.log.minLevel) + 1) % order.length] ?? "info";
      return only({ ...view, log: { ...view.log, minLevel } });
    }
    case "source":
      return only({ ...view, log: { ...view.log, source: nextSource(view.log, model, action.step) } });
    case "wrap":
      return only({ ...view, log: { ...view.log, isWrapped: !view.log.isWrapped } });
    case "times":
      return only({ ...view, log: { ...view.log, hasTimes: !view.log.hasTimes } });
    case "cache-of":
      return only({ ...view, cache: { ofMaster: !view.cache.ofMaster, from: 0 } });
    case "theme": {
      const order = ["dark", "light", "mono"] as const;
      const theme = order[(order.indexOf(view.theme) + 1) % order.length] ?? "dark";
      return only(noticed({ ...view, theme }, `theme ${theme}`));
    }
    case "copy": {
      const text = copied(view, model);
      if (text === undefined) return only(noticed(view, "nothing is selected here", "bad"));
      return { view: noticed(view, `copied: ${text}`, "good"), effects: [{ type: "copy", text }] };
    }
    case "process": {
      const slave = selectedSlave(view, live);
      if (slave === undefined) return only(noticed(view, "there is no slave yet", "bad"));
      const { id, name } = slave;
      if (!action.asks) return process(view, action.verb, slave);
      return only({ ...view, input: { mode: "confirm", verb: action.verb, slave: id, name }, notice: undefined });
    }
    case "freeze-slave": {
      const slave = selectedSlave(view, live);
      if (slave === undefined) return only(noticed(view, "there is no slave yet", "bad"));
      return process(view, slave.paused ? "resume" : "pause", slave);
    }
    case "delay":
      return fault(view, live, nextDelay);
    case "drop":
      return fault(view, live, nextDrop);
    case "partition":
      return fault(view, live, nextPartition);
    case "step-mode":
      return step(view, live.step.on ? "off" : "on");
    case "step-next":
      return step(view, "next");
    case "command-line":
      return only({ ...view, input: { mode: "command" }, notice: undefined });
  }
}

function process(view: View, verb: ProcessVerb, slave: SlaveView): Updated {
  return { view: noticed(view, `${verb} ${slave.name} …`), effects: [{ type: "process", verb, slave }] };
}

/** Lets something else go wrong with the selected slave's link than what does now. */
function fault(view: View, live: FeedModel, next: (now: LinkFault | undefined) => LinkFault): Updated {
  const slave = selectedSlave(view, live);
  if (slave === undefined) return only(noticed(view, "there is no slave yet", "bad"));
  const wanted = next(slave.fault);
  const what = wanted.kind === "none" ? "heal" : describeFault(wanted);
  return { view: noticed(view, `${what} ${slave.name} …`), effects: [{ type: "fault", fault: wanted, slave }] };
}

function step(view: View, mode: StepMode): Updated {
  return { view: noticed(view, `step ${mode} …`), effects: [{ type: "step", mode }] };
}

function run(line: string): Effect {
  return { type: "run", line };
}

function only(view: View): Updated {
  return { view, effects: [] };
}

/** The view with one line of news. */
export function noticed(view: View, text: string, kind: "good" | "bad" | "plain" = "plain"): View {
  return { ...view, notice: { text, kind } };
}

function withPattern(view: View, text: string): View {
  const isInverse = view.log.pattern?.isInverse ?? false;
  return { ...view, log: { ...view.log, pattern: text === "" ? undefined : { text, isInverse, isFilter: true } } };
}

/** A pane that does not show gets the screen for itself. */
function focused(view: View, pane: PaneName): View {
  const shows = layoutOf(view.columns, view.rows, undefined, pane).panes.some(({ name }) => name === pane);
  return { ...view, focus: pane, isZoomed: view.isZoomed || !shows, notice: undefined };
}

function neighbour(view: View, step: 1 | -1): PaneName {
  const layout = layoutOf(view.columns, view.rows, undefined, view.focus);
  const shown = layout.panes.map(({ name }) => name);
  const cycle: readonly PaneName[] = view.isZoomed || layout.isBare ? PANES : shown;
  const index = cycle.indexOf(view.focus);
  return cycle[(index + step + cycle.length) % cycle.length] ?? "ring";
}

/** Undoes the newest of what stands between the person and the plain view. */
function back(view: View): View {
  if (view.isConsoleOpen) return { ...view, isConsoleOpen: false };
  if (view.isZoomed) return { ...view, isZoomed: false };
  if (view.frozen !== undefined) return { ...view, frozen: undefined };
  if (view.log.pattern !== undefined) return { ...view, log: { ...view.log, pattern: undefined } };
  if (view.log.anchor !== undefined) return { ...view, log: { ...view.log, anchor: undefined } };
  return { ...view, selectedOp: undefined, notice: undefined };
}

function moved(view: View, model: FeedModel, by: Extract<Action, { do: "move" }>["by"]): View {
  const layout = layoutFor(view);
  const rect = layout.panes.find(({ name }) => name === view.focus)?.rect;
  const page = Math.max(1, (rect === undefined ? 10 : interiorOf(rect, layout.isBare).height) - 1);
  const step = typeof by === "number" ? by : { "page-up": -page, "page-down": page, first: -1e9, last: 1e9 }[by];
  switch (view.focus) {
    case "ring":
    case "slaves": {
      const index = model.slaves.findIndex(({ id }) => id === selectedSlave(view, model)?.id);
      return { ...view, selectedSlave: at(model.slaves, index + step)?.id };
    }
    case "log":
      return { ...view, log: scrolled(model.logs, view.log, step) };
    case "ops":
    case "unresolved": {
      const index = model.ops.findIndex(({ opId }) => opId === opOf(model, view.selectedOp)?.opId);
      const opId = at(model.ops, index + step)?.opId;
      // The one that shows by default shows the next one by itself, when its time has come.
      return { ...view, selectedOp: opId === opOf(model, undefined)?.opId ? undefined : opId };
    }
    case "cache":
      return { ...view, cache: { ...view.cache, from: Math.max(0, Math.min(view.cache.from + step, 1_048_575)) } };
  }
}

function at<Item>(items: readonly Item[], index: number): Item | undefined {
  return items[Math.min(Math.max(0, index), items.length - 1)];
}

function nextSource({ source }: LogView, model: FeedModel, step: 1 | -1): LogSource | undefined {
  const order: readonly (LogSource | undefined)[] = [
    undefined,
    "master",
    ...model.slaves.map(({ id }) => id),
    "monitor",
  ];
  return order[(order.indexOf(source) + step + order.length) % order.length];
}

/** What `y` copies: of the focused pane, that which is selected. */
function copied(view: View, model: FeedModel): string | undefined {
  switch (view.focus) {
    case "ring":
    case "slaves":
      return selectedSlave(view, model)?.id;
    case "log": {
      const line = bottomLine(model.logs, view.log);
      return line === undefined
        ? undefined
        : `${new Date(line.time).toISOString()} ${labelOf(model, line.source)} ${line.text}`;
    }
    case "ops":
    case "unresolved": {
      const op = opOf(model, view.selectedOp);
      return op === undefined ? undefined : `${op.opId} ${op.kind} ${op.key}`;
    }
    case "cache":
      return undefined;
  }
}
