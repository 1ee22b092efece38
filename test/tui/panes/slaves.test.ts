import t from "tap";
import type { SlaveStatus } from "../../../src/protocol/messages.js";
import { modelOf } from "../../../src/tui/model/reduce-feed.js";
import { countFaults, faultText } from "../../../src/tui/panes/fault-text.js";
import { paintSlaves } from "../../../src/tui/panes/slaves.js";
import { Surface } from "../../../src/tui/screen/surface.js";
import { DARK, UNICODE } from "../../../src/tui/screen/theme.js";
import { IDS, slaveStatus, snapshot } from "../sample.js";

/** The lines of the table of six slaves, of which some are changed. */
function table(columns: number, changed: Readonly<Record<number, Partial<SlaveStatus>>>): readonly string[] {
  const slaves = IDS.map((_, index) => slaveStatus(index, changed[index]));
  const surface = new Surface(columns, 8);
  const model = modelOf([snapshot({ slaves })]);
  paintSlaves(surface.canvas, {
    slaves: model.slaves,
    selected: undefined,
    openOps: [],
    theme: DARK,
    glyphs: UNICODE,
  });
  return surface.toLines();
}

const FAULTS: Readonly<Record<number, Partial<SlaveStatus>>> = {
  0: { fault: { kind: "delay", ms: 200 } },
  1: { fault: { kind: "drop", from: "vote" } },
  2: { fault: { kind: "partition" }, state: "down" },
  3: { failpoint: "after:force-prepared" },
};

t.test("a slave with a fault says so beside its state", (t) => {
  const lines = table(94, FAULTS);
  t.match(lines[1], /s1 ● up +delay 200 ms/);
  t.match(lines[2], /s2 ● up +drop from vote/);
  t.match(lines[3], /s3 ✕ down +cut/);
  t.match(lines[4], /s4 ● up +dies after force-prepared/);
  t.match(lines[5], /s5 ● up +16\.8%/);
  t.end();
});

t.test("in a narrow table other columns make room for it, and without a fault it takes none", (t) => {
  t.match(table(38, { 0: FAULTS[0] ?? {} })[1], /s1 ● up +delay 200 ms/);
  t.match(table(38, FAULTS)[4], /s4 ● up +dies after force-p/);
  t.notMatch(table(94, {})[0], /FAULT/);
  t.end();
});

t.test("two faults of one slave stand side by side", (t) => {
  t.equal(faultText({ fault: { kind: "drop" }, failpoint: "before:vote-sent" }), "drop, dies before vote-sent");
  t.equal(faultText({}), "");
  t.equal(faultText({ fault: { kind: "none" } }), "");
  t.end();
});

t.test("faults are counted as `faults` lists them: links, deaths to come, frozen slaves", (t) => {
  t.equal(countFaults(Object.values(FAULTS).map((fault) => ({ paused: false, ...fault }))), 4);
  t.equal(countFaults([{ paused: true, fault: { kind: "drop" } }, { paused: false }]), 2);
  t.end();
});
