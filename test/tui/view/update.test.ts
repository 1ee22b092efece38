import t from "tap";
import type { OpId, SlaveId } from "../../../src/protocol/ids.js";
import type { LinkFault } from "../../../src/protocol/messages.js";
import { heard, modelOf } from "../../../src/tui/model/reduce-feed.js";
import type { Key } from "../../../src/repl/line-editor/key.js";
import { KEY_MAP, bindingsWhen } from "../../../src/tui/view/key-map.js";
import { type Effect, pressed } from "../../../src/tui/view/update.js";
import { type View, initialView } from "../../../src/tui/view/view.js";
import { IDS, OP, event, putBegun, slaveStatus, snapshot } from "../sample.js";

const MODEL = modelOf([{ type: "connected" }, snapshot(), ...putBegun(10)]);
const START = initialView({ columns: 120, rows: 36, theme: "dark", startsInCommandLine: false });
const TYPING = initialView({ columns: 120, rows: 36, theme: "dark", startsInCommandLine: true });

const key = (name: string): Key => ({
  name,
  text: Array.from(name).length === 1 ? name : name === "space" ? " " : undefined,
});

/** The view after these keys, and all that they did. */
function after(view: View, names: readonly string[], model = MODEL, history: readonly string[] = []) {
  const effects: Effect[] = [];
  const last = names.reduce((now, name) => {
    const updated = pressed(now, model, key(name), history);
    effects.push(...updated.effects);
    return updated.view;
  }, view);
  return { view: last, effects };
}

t.test("k asks before it kills the selected slave, and y does it", (t) => {
  const asked = after(START, ["down", "k"]);
  t.match(asked.view.input, { mode: "confirm", verb: "kill", name: "s2" });
  t.strictSame(asked.effects, []);
  const killed = after(asked.view, ["y"]);
  t.match(killed.effects, [{ type: "process", verb: "kill", slave: { name: "s2" } }]);
  t.equal(killed.view.input.mode, "keys");
  t.end();
});

t.test("any other key than y leaves the slave alone", (t) => {
  for (const other of ["n", "esc", "enter", "q", "k"]) {
    const { view, effects } = after(START, ["k", other]);
    t.strictSame(effects, [], other);
    t.equal(view.input.mode, "keys", other);
  }
  t.end();
});

t.test("r restarts at once", (t) => {
  t.match(after(START, ["r"]).effects, [{ type: "process", verb: "restart", slave: { name: "s1" } }]);
  t.end();
});

t.test("z freezes a slave, and thaws one that is frozen", (t) => {
  t.match(after(START, ["z"]).effects, [{ type: "process", verb: "pause" }]);
  const frozen = heard(MODEL, [event(9, "slave", { slave: slaveStatus(0, { paused: true }) })], 0);
  t.match(after(START, ["z"], frozen).effects, [{ type: "process", verb: "resume" }]);
  t.end();
});

t.test("d delays the selected slave: 200 ms, then 1 s, then not at all", (t) => {
  const faultAfter = (fault: LinkFault | undefined) => {
    const model = heard(MODEL, [event(9, "slave", { slave: slaveStatus(1, { fault }) })], 0);
    const { view, effects } = after(START, ["down", "d"], model);
    return [effects.map((effect) => (effect.type === "fault" ? effect.fault : effect.type)), view.notice?.text];
  };
  t.strictSame(faultAfter(undefined), [[{ kind: "delay", ms: 200 }], "delay 200 ms s2 …"]);
  t.strictSame(faultAfter({ kind: "delay", ms: 200 }), [[{ kind: "delay", ms: 1_000 }], "delay 1000 ms s2 …"]);
  t.strictSame(faultAfter({ kind: "delay", ms: 1_000 }), [[{ kind: "none" }], "heal s2 …"]);
  t.strictSame(faultAfter({ kind: "drop" }), [[{ kind: "delay", ms: 200 }], "delay 200 ms s2 …"]);
  t.end();
});

t.test("x drops and P cuts a link, and each heals what it made; x heals a cut one, too", (t) => {
  const faultAfter = (name: string, fault?: LinkFault) => {
    const model = heard(MODEL, [event(9, "slave", { slave: slaveStatus(0, { fault }) })], 0);
    return after(START, [name], model).effects.map((effect) => (effect.type === "fault" ? effect.fault.kind : ""));
  };
  t.strictSame(faultAfter("x"), ["drop"]);
  t.strictSame(faultAfter("x", { kind: "delay", ms: 5 }), ["drop"]);
  t.strictSame(faultAfter("x", { kind: "drop", from: "vote" }), ["none"]);
  t.strictSame(faultAfter("x", { kind: "partition" }), ["none"]);
  t.strictSame(faultAfter("P"), ["partition"]);
  t.strictSame(faultAfter("P", { kind: "partition" }), ["none"]);
  t.end();
});

const HELD = { opId: OP, phase: "prepare" as const, slaves: [IDS[2] as SlaveId, IDS[3] as SlaveId] };
const STEPPING = heard(MODEL, [event(20, "step", { step: { on: true, held: [HELD] } })], 0);

t.test("s switches step mode on, and off while it is on", (t) => {
  t.strictSame(after(START, ["s"]).effects, [{ type: "step", mode: "on" }]);
  t.strictSame(after(START, ["s"], STEPPING).effects, [{ type: "step", mode: "off" }]);
  t.end();
});

t.test("n steps in step mode; with a filter of the log it goes through its lines as ever", (t) => {
  t.strictSame(after(START, ["n"], STEPPING).effects, [{ type: "step", mode: "next" }]);
  t.strictSame(after(START, ["n"]).effects, []);
  const filtered = after(START, ["/", "b", "e", "g", "enter"], STEPPING).view;
  const found = after(filtered, ["n"], STEPPING);
  t.strictSame(found.effects, []);
  t.match(found.view.notice, { text: "no further line has it" });
  t.strictSame(after(found.view, ["esc", "n"], STEPPING).effects, [{ type: "step", mode: "next" }]);
  t.end();
});

t.test("in step mode the op that shows by default is the one held first; going on from it, others do", (t) => {
  const begin = { phase: "begin" as const, ms: 0, hash: "5", replicas: HELD.slaves as [SlaveId, SlaveId] };
  const newer = event(30, "op", { opId: "12.18" as OpId, kind: "put", key: "later", ...begin });
  const both = heard(STEPPING, [newer], 0);
  const ops = { ...START, focus: "ops" as const };
  t.match(after(ops, ["y"], both).effects, [{ text: "12.17 put user:42" }]);
  const { view } = after(ops, ["down"], both);
  t.equal(view.selectedOp, "12.18");
  t.equal(after(view, ["up"], both).view.selectedOp, undefined, "back to whichever is next");
  t.end();
});

t.test("without slaves the keys that act on one say so", (t) => {
  for (const name of ["k", "r", "z", "d", "x", "P"]) {
    const { view, effects } = after(START, [name], modelOf([]));
    t.strictSame(effects, []);
    t.match(view.notice, { kind: "bad" });
  }
  t.end();
});

t.test("the selection stays on its slave when the ring changes, and at the ends it stops", (t) => {
  const { view } = after(START, ["down", "down"]);
  t.equal(view.selectedSlave, IDS[2]);
  t.equal(after(view, ["up", "up", "up", "up"]).view.selectedSlave, IDS[0]);
  t.equal(after(view, ["end"]).view.selectedSlave, IDS[5]);
  t.end();
});

t.test("a letter that means nothing begins a command, and Enter runs it", (t) => {
  const { view, effects } = after(START, ["p", "u", "t", "space", "a", "space", "b", "enter"]);
  t.strictSame(effects, [{ type: "run", line: "put a b" }]);
  t.equal(view.line.text, "");
  t.equal(view.input.mode, "command", "the next command can follow");
  t.end();
});

t.test("a colon opens the command line, where letters that are keys elsewhere are text", (t) => {
  const { view, effects } = after(START, [":", "k", "q", "?"]);
  t.equal(view.line.text, "kq?");
  t.strictSame(effects, []);
  t.end();
});

t.test("Esc leaves the command line and keeps what was typed", (t) => {
  const { view } = after(START, [":", "g", "e", "esc"]);
  t.equal(view.input.mode, "keys");
  t.equal(view.line.text, "ge");
  t.end();
});

t.test("in the command line Ctrl-C ends the wait, clears, or leaves", (t) => {
  t.strictSame(after({ ...TYPING, isRunning: true }, ["ctrl-c"]).effects, [{ type: "interrupt" }]);
  const cleared = after(TYPING, ["g", "ctrl-c"]);
  t.equal(cleared.view.line.text, "");
  t.strictSame(cleared.effects, []);
  t.strictSame(after(TYPING, ["ctrl-c"]).effects, [{ type: "quit" }]);
  t.end();
});

t.test("Ctrl-D leaves from an empty line, and deletes in one that is not", (t) => {
  t.strictSame(after(TYPING, ["ctrl-d"]).effects, [{ type: "quit" }]);
  const { view, effects } = after(TYPING, ["a", "b", "home", "ctrl-d"]);
  t.equal(view.line.text, "b");
  t.strictSame(effects, []);
  t.end();
});

t.test("while a command runs, Enter does not run another", (t) => {
  const { view, effects } = after({ ...TYPING, isRunning: true }, ["a", "enter"]);
  t.strictSame(effects, []);
  t.equal(view.line.text, "a");
  t.end();
});

t.test("while a command runs, Enter runs one that is for that moment", (t) => {
  const { effects } = after({ ...TYPING, isRunning: true }, ["s", "t", "e", "p", "space", "n", "e", "x", "t", "enter"]);
  t.strictSame(effects, [{ type: "run", line: "step next" }]);
  t.end();
});

t.test("up recalls the newest command", (t) => {
  t.equal(after(TYPING, ["up"], MODEL, ["one", "two"]).view.line.text, "two");
  t.end();
});

t.test("a paste of several lines is several commands, and its rest stays to be edited", (t) => {
  const paste: Key = { name: "paste", text: "put a 1\nput b 2\n\nget a" };
  const { view, effects } = pressed(TYPING, MODEL, paste, []);
  t.strictSame(effects, [
    { type: "run", line: "put a 1" },
    { type: "run", line: "put b 2" },
  ]);
  t.equal(view.line.text, "get a");
  t.end();
});

t.test("Space freezes the screen: it keeps the model of that moment until Space or Esc", (t) => {
  const { view } = after(START, ["space"]);
  t.equal(view.frozen, MODEL);
  t.equal(after(view, ["space"]).view.frozen, undefined);
  t.equal(after(view, ["esc"]).view.frozen, undefined);
  t.end();
});

t.test("a key acts on the slave as it is, though the screen shows an older one", (t) => {
  const { view } = after(START, ["space"]);
  const later = heard(MODEL, [event(9, "slave", { slave: slaveStatus(0, { pid: 77 }) })], 0);
  t.match(after(view, ["r"], later).effects, [{ slave: { pid: 77 } }]);
  t.end();
});

t.test("a filter is typed, kept with Enter, and dropped with Esc", (t) => {
  const { view } = after(START, ["/", "v", "o"]);
  t.match(view.log.pattern, { text: "vo", isFilter: true }, "it filters while it is typed");
  t.match(after(view, ["enter"]).view, { input: { mode: "keys" }, log: { pattern: { text: "vo" } } });
  t.equal(after(view, ["esc"]).view.log.pattern, undefined);
  t.end();
});

t.test("a digit goes to its pane, and one that has no place there fills the screen", (t) => {
  t.match(after(START, ["3"]).view, { focus: "log", isZoomed: false });
  t.match(after(START, ["5"]).view, { focus: "cache", isZoomed: true });
  t.match(after(START, ["5", "esc"]).view, { isZoomed: false });
  t.end();
});

t.test("Tab goes round the panes that show; Shift-Tab goes back", (t) => {
  const order = ["tab", "tab", "tab", "tab", "tab"].map(
    (_, index, all) => after(START, all.slice(0, index + 1)).view.focus,
  );
  t.strictSame(order, ["slaves", "log", "ops", "unresolved", "ring"]);
  t.equal(after(START, ["shift-tab"]).view.focus, "unresolved");
  t.end();
});

t.test("on a small screen Tab shows one pane after the other", (t) => {
  const small = { ...START, columns: 40, rows: 10 };
  t.strictSame(after(small, ["tab", "tab", "tab"]).view.focus, "ops");
  t.end();
});

t.test("Esc undoes the newest of what stands before the plain view", (t) => {
  const { view } = after({ ...START, focus: "log" }, ["/", "v", "enter", "space", "enter"]);
  t.match(view, { isZoomed: true, log: { pattern: { text: "v" } } });
  const plain = after(view, ["esc", "esc", "esc"]).view;
  t.match(plain, { isZoomed: false, frozen: undefined, log: { pattern: undefined } });
  t.end();
});

t.test("y copies what is selected in the pane", (t) => {
  t.match(after(START, ["y"]).effects, [{ type: "copy", text: IDS[0] }]);
  t.match(after({ ...START, focus: "ops" }, ["y"]).effects, [{ type: "copy", text: "12.17 put user:42" }]);
  t.strictSame(after({ ...START, focus: "cache" }, ["y"]).effects, []);
  t.end();
});

t.test("the level goes round, and so do the sources and the themes", (t) => {
  t.equal(after(START, ["l"]).view.log.minLevel, "warn");
  t.equal(after(START, ["l", "l", "l", "l"]).view.log.minLevel, "info");
  t.equal(after(START, ["o"]).view.log.source, "master");
  t.equal(after(START, ["o", "O"]).view.log.source, undefined);
  t.equal(after(START, ["T"]).view.theme, "light");
  t.end();
});

t.test("q and Ctrl-C leave", (t) => {
  t.strictSame(after(START, ["q"]).effects, [{ type: "quit" }]);
  t.strictSame(after(START, ["ctrl-c"]).effects, [{ type: "quit" }]);
  t.end();
});

t.test("no key means two things at once, and each does something", (t) => {
  const middle = { ...START, focus: "slaves" as const, selectedSlave: IDS[2] };
  for (const isStepping of [false, true]) {
    const keys = bindingsWhen({ isStepping }).flatMap(({ keys }) => keys);
    t.equal(new Set(keys).size, keys.length);
    t.equal(keys.length, new Set(KEY_MAP.flatMap(({ bindings }) => bindings).flatMap(({ keys }) => keys)).size);
    for (const name of keys) {
      const { view, effects } = pressed(middle, isStepping ? STEPPING : MODEL, key(name), []);
      const isThere = ["2", "esc"].includes(name);
      t.ok(isThere || effects.length > 0 || JSON.stringify(view) !== JSON.stringify(middle), name);
    }
  }
  t.end();
});
