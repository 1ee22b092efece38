import fc from "fast-check";
import t from "tap";
import { isAnimating } from "../../../src/tui/panes/ring/is-animating.js";
import { paintLinear } from "../../../src/tui/panes/ring/paint-linear.js";
import { paintRing } from "../../../src/tui/panes/ring/paint-ring.js";
import type { RingView } from "../../../src/tui/panes/ring/ring-view.js";
import { PLAIN } from "../../../src/tui/screen/style.js";
import { Surface } from "../../../src/tui/screen/surface.js";
import { ASCII, MONO } from "../../../src/tui/screen/theme.js";
import { golden, picture } from "./golden.js";
import { anyRingView } from "./ring-arbitrary.js";
import {
  BEGUN,
  COMMITTED,
  ONE_VOTE,
  S1,
  S2,
  S3,
  S4,
  S5,
  S6,
  T0,
  opWith,
  ringView,
  slaveIdAt,
  slavesAt,
  step,
  withSlave,
} from "./ring-scenes.js";

const VOTING = ringView({
  slaves: withSlave(S5, { state: "down" }),
  ops: [opWith(ONE_VOTE)],
  selected: S3,
  nowMs: T0 + 400,
});
const MIXED = withSlave(
  S1,
  { state: "joining" },
  withSlave(S2, { state: "suspect" }, withSlave(S6, { paused: true }, withSlave(S4, { state: "down" }))),
);
/** A slow link, a dropped one and one that is cut. */
const FAULTY = withSlave(
  S2,
  { fault: { kind: "delay", ms: 200 } },
  withSlave(S3, { fault: { kind: "drop" } }, withSlave(S6, { fault: { kind: "partition" } })),
);
/** Neither replica was asked yet. */
const HELD = opWith(BEGUN, {
  holds: [S3, S4].map((slave) => ({ phase: "prepare", slave, letGo: undefined })),
});
const CROWDED = slavesAt(["10", "12", "13", "15", "60", "62", "a0", "fe"].map(slaveIdAt));
const FORTY = slavesAt(
  Array.from({ length: 40 }, (_, index) =>
    slaveIdAt(((BigInt(index) << 64n) / 40n + (BigInt((index * 7) % 5) << 56n)).toString(16).padStart(16, "0")),
  ),
);
const hashAt = (digits: string) => BigInt(`0x${digits.padEnd(16, "0")}`).toString();

const ring = (columns: number, rows: number, view: RingView) =>
  picture(columns, rows, (canvas) => paintRing(canvas, view));

const PICTURES: Readonly<Record<string, string>> = {
  "ring-36x13-idle": ring(36, 13, ringView()),
  "ring-36x13-prepare": ring(36, 13, ringView({ ops: [opWith(BEGUN)], nowMs: T0 + 120 })),
  "ring-36x13-commit": ring(36, 13, ringView({ ops: [COMMITTED], nowMs: T0 + 620 })),
  "ring-36x13-settled": ring(36, 13, ringView({ ops: [COMMITTED], nowMs: T0 + 60_000 })),
  "ring-36x13-states": ring(36, 13, ringView({ slaves: MIXED })),
  "ring-36x13-crowded": ring(36, 13, ringView({ slaves: CROWDED, selected: slaveIdAt("13") })),
  "ring-36x13-alone": ring(36, 13, ringView({ slaves: slavesAt([S3]) })),
  "ring-36x13-lost": ring(36, 13, { ...VOTING, isStale: true }),
  "ring-60x24-voting": ring(60, 24, VOTING),
  "ring-60x24-states": ring(60, 24, ringView({ slaves: MIXED })),
  "ring-60x24-ascii": ring(60, 24, { ...VOTING, glyphs: ASCII }),
  "ring-60x24-24-slaves": ring(60, 24, ringView({ slaves: FORTY.slice(0, 24) })),
  "ring-76x38-voting": ring(76, 38, VOTING),
  "ring-36x13-faults": ring(36, 13, ringView({ slaves: FAULTY })),
  "ring-60x24-dropped": ring(60, 24, ringView({ slaves: FAULTY, ops: [opWith(BEGUN)], nowMs: T0 + 400 })),
  "ring-60x24-held": ring(60, 24, ringView({ ops: [HELD], nowMs: T0 + 5_000 })),
  "ring-60x8-faults": ring(60, 8, ringView({ slaves: FAULTY })),
  "ring-60x8": ring(60, 8, VOTING),
  "ring-60x8-ascii": ring(60, 8, { ...VOTING, glyphs: ASCII }),
  "ring-30x3": ring(30, 3, VOTING),
  "ring-10x3": ring(10, 3, VOTING),
  "ring-76x20-40-slaves": ring(76, 20, ringView({ slaves: FORTY, ops: [COMMITTED], nowMs: T0 + 60_000 })),
  "ring-36x13-empty": ring(36, 13, ringView({ slaves: [] })),
};

for (const [name, actual] of Object.entries(PICTURES)) {
  t.test(`the picture ${name} is as it was approved`, (t) => {
    t.equal(actual, golden(name, actual));
    t.end();
  });
}

/** All glyphs of a ring on a canvas, as one string. */
function glyphsOf(columns: number, rows: number, view: RingView): string {
  const surface = new Surface(columns, rows);
  paintRing(surface.canvas, view);
  return surface.glyphs.join("");
}

t.test("an arc and the name at its end wear their owner's colour, and that of a slave that is down is dim", (t) => {
  const surface = new Surface(36, 13);
  paintRing(surface.canvas, ringView({ slaves: withSlave(S5, { state: "down" }) }));
  const styleOf = (text: string) => surface.styles[surface.glyphs.join("").indexOf(text)];
  const { theme } = ringView();
  t.equal(styleOf("s4"), theme.owners[3]);
  // The middle of the right side is s3's, of the lower left s5's.
  t.equal(surface.styles[6 * 36 + 28], theme.owners[2]);
  const lowerLeft = [8, 9, 10, 11].flatMap((row) => surface.styles.slice(row * 36, row * 36 + 13));
  t.ok(lowerLeft.includes(theme.dim));
  t.notOk(surface.styles.includes(theme.owners[4] ?? "", 9 * 36));
  t.end();
});

t.test("a selected slave is marked, also within a group", (t) => {
  t.match(glyphsOf(36, 13, ringView({ selected: S6 })), /▸s6/);
  t.match(glyphsOf(36, 13, ringView({ slaves: CROWDED, selected: slaveIdAt("13") })), /▸s3/);
  t.end();
});

t.test("neighbours too close for their labels share one, which tells what is wrong with any", (t) => {
  const five = slavesAt(["4000", "4001", "4002", "4003", "c0"].map(slaveIdAt));
  t.match(glyphsOf(60, 24, ringView({ slaves: five })), /s1-s4 x4/);
  t.match(glyphsOf(36, 13, ringView({ slaves: five })), /s1-s4 /, "without the count where that has no room");
  const downed = withSlave(slaveIdAt("4002"), { state: "down" }, five);
  t.match(glyphsOf(64, 24, ringView({ slaves: downed })), /s1-s4 x4 ✕/);
  t.end();
});

t.test("a slave that an unsettled update waits for shows it, and no longer once it has acknowledged", (t) => {
  const at = (op: typeof COMMITTED) => glyphsOf(36, 13, ringView({ ops: [op], nowMs: T0 + 60_000 }));
  t.equal(at(opWith(BEGUN)).split("◐").length - 1, 2);
  t.notMatch(at(COMMITTED), /◐/);
  const halfDone = opWith(
    COMMITTED.steps.filter(({ slave, phase }) => !(phase === "ack" && slave === S4) && phase !== "settled"),
    { state: "committed" },
  );
  t.equal(at(halfDone).split("◐").length - 1, 1);
  t.end();
});

t.test("a read that the cache missed runs to its replica and fades; a hit stays at its place", (t) => {
  const placeOf = (ageMs: number, isHit: boolean) => {
    const read = { key: "k", hash: hashAt("70"), heardMs: T0, isHit };
    return glyphsOf(36, 13, ringView({ reads: [read], nowMs: T0 + ageMs })).indexOf("◆");
  };
  t.not(placeOf(0, false), placeOf(300, false));
  t.equal(placeOf(0, true), placeOf(300, true));
  t.equal(placeOf(701, false), -1);
  t.end();
});

t.test("it is animated while dots are under way or reads fade, then at rest, and never when stale", (t) => {
  const read = { key: "k", hash: hashAt("70"), heardMs: T0 };
  const after = (ms: number, changes: Partial<RingView>) => isAnimating(ringView({ nowMs: T0 + ms, ...changes }));
  t.notOk(after(0, {}));
  t.ok(after(999, { ops: [COMMITTED] }));
  t.notOk(after(1_006, { ops: [COMMITTED] }));
  t.ok(after(100, { ops: [opWith(BEGUN)] }));
  t.notOk(after(600, { ops: [opWith(BEGUN)] }), "a held dot does not move");
  t.ok(after(600, { reads: [read] }));
  t.notOk(after(800, { reads: [read] }));
  t.notOk(after(100, { ops: [COMMITTED], reads: [read], isStale: true }));
  t.end();
});

t.test("what does not animate looks the same later", (t) => {
  fc.assert(
    fc.property(anyRingView, fc.nat(2_000), (view, laterMs) => {
      fc.pre(!isAnimating(view));
      const isFuture = ({ heardMs }: { readonly heardMs: number }) => heardMs > view.nowMs;
      fc.pre(![...view.reads, ...view.ops.flatMap(({ steps }) => steps)].some(isFuture));
      const later = { ...view, nowMs: view.nowMs + laterMs };
      return glyphsOf(40, 14, view) === glyphsOf(40, 14, later);
    }),
    { numRuns: 30 },
  );
  t.end();
});

t.test("whatever the view and the size, nothing is painted outside, and a bar is as safe as a ring", (t) => {
  const size = fc.record({ width: fc.nat(70), height: fc.nat(30) });
  fc.assert(
    fc.property(anyRingView, size, fc.boolean(), (view, { width, height }, isBar) => {
      const surface = new Surface(width + 2, height + 2);
      surface.canvas.clear("outside");
      const canvas = surface.canvas.part({ x: 1, y: 1, width, height });
      canvas.clear();
      if (isBar) paintLinear(canvas, view);
      else paintRing(canvas, view);
      return surface.styles.every((style, index) => {
        const [x, y] = [index % (width + 2), Math.floor(index / (width + 2))];
        const isInside = x > 0 && x <= width && y > 0 && y <= height;
        return isInside ? style !== "outside" : style === "outside" && surface.glyphs[index] === " ";
      });
    }),
    { numRuns: 60 },
  );
  t.end();
});

t.test("in ASCII mode everything is ASCII, also the letters of names and keys", (t) => {
  const size = fc.record({ width: fc.nat(70), height: fc.nat(30) });
  fc.assert(
    fc.property(anyRingView, size, (view, { width, height }) =>
      /^[ -~]*$/.test(glyphsOf(width, height, { ...view, glyphs: ASCII })),
    ),
    { numRuns: 60 },
  );
  t.end();
});

t.test("the mono theme has no colour, and still tells states and the selection apart", (t) => {
  const surface = new Surface(60, 24);
  paintRing(surface.canvas, { ...VOTING, slaves: MIXED, theme: MONO });
  t.same([...new Set(surface.styles)].sort(), [PLAIN, "1", "7"]);
  t.match(surface.glyphs.join(""), /◇.*❄.*\?.*▸s3.*✕/su);
  t.end();
});

t.test("an aborted update shows its abort going out", (t) => {
  const aborted = opWith(
    [...ONE_VOTE, step("vote", 4, { slave: S4, outcome: "abort" }), step("decision", 4, { outcome: "abort" })],
    { state: "aborted" },
  );
  const glyphs = glyphsOf(60, 24, ringView({ ops: [aborted], nowMs: T0 + 650 }));
  t.match(glyphs, /ABORT/);
  t.equal(glyphs.split("✕").length - 1, 1, "to s3 only: s4 has refused");
  t.end();
});
