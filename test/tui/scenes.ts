import type { CacheView } from "../../src/protocol/messages.js";
import { type Heard, heard, modelOf } from "../../src/tui/model/reduce-feed.js";
import type { FeedModel } from "../../src/tui/model/feed-model.js";
import type { Scene } from "../../src/tui/scene.js";
import { DARK, UNICODE } from "../../src/tui/screen/theme.js";
import { type View, initialView } from "../../src/tui/view/view.js";
import type { OpId, SlaveId } from "../../src/protocol/ids.js";
import type { HeldStep, StatusEvent } from "../../src/protocol/messages.js";
import { IDS, START, counted, event, putBegun, slaveStatus, snapshot } from "./sample.js";

/** Scenes to paint: a demo in full swing, at a fixed moment. */

/** The monitor's clock at that moment, long after all that was heard: nothing moves any more. */
export const NOW_MS = 60_000;

const LINES: readonly (readonly [afterMs: number, slave: number | undefined, level: "info" | "warn", text: string])[] =
  [
    [-9_000, undefined, "info", "the ring of 6 is complete"],
    [-8_400, 0, "info", "registered with the master at 127.0.0.1:9090; 200 keys"],
    [-4_360, 0, "info", `PREPARE 12.16 del "order:12": vote yes`],
    [-4_359, 1, "info", `PREPARE 12.16 del "order:12": vote yes`],
    [-4_350, 0, "info", `COMMIT 12.16 del "order:12": applied`],
    [-4_349, 1, "info", `COMMIT 12.16 del "order:12": applied`],
    [-2_200, undefined, "warn", "slave s5 is down: no heartbeat for 3012 ms"],
    [-1_000, 5, "info", "checkpoint: 318 keys, 2 segments dropped"],
  ];

const CACHE: CacheView = {
  type: "cache",
  node: "master",
  sets: 64,
  ways: 4,
  used: 9,
  hits: 2_231,
  misses: 168,
  evictions: 12,
  contents: [
    {
      set: 3,
      entries: [
        { key: "cart:9", referenced: false },
        { key: "user:7", referenced: true },
      ],
    },
    {
      set: 17,
      entries: [
        { key: "user:42", referenced: true },
        { key: "order:77", referenced: false },
        { key: "k91", referenced: true },
        { key: "a-key-that-is-too-long", referenced: false },
      ],
    },
    { set: 18, entries: [{ key: "k11", referenced: false }] },
  ],
  more: false,
};

/** s5 is down; a put of `user:42` waits for the vote of s4. */
export function demoModel(): FeedModel {
  const traffic = Array.from({ length: 60 }, (_, second): Heard => counted((second - 60) * 1_000, ops(second)));
  return modelOf(
    [
      { type: "connected" },
      snapshot({ time: START - 61_000 }),
      ...traffic.slice(0, -3),
      ...LINES.map(([afterMs, slave, level, text]) =>
        event(afterMs, "log", { level, text, ...(IDS[slave ?? -1] !== undefined && { slave: IDS[slave ?? -1] }) }),
      ),
      event(-2_200, "slave", { slave: slaveStatus(4, { state: "down" }) }),
      ...traffic.slice(-3),
      ...putBegun(0),
      counted(10, ops(60), { unresolved: 1, aborts: 3 }),
    ],
    100,
  );
}

/** Requests up to a second of the demo: a swell of traffic. */
function ops(second: number): number {
  let sum = 0;
  for (let each = 0; each <= second; each += 1) sum += Math.round(40 + 35 * Math.sin(each / 6));
  return sum;
}

/** A scene of that demo. */
export function scene(columns: number, rows: number, changed: Partial<View> = {}, items: readonly Heard[] = []): Scene {
  const model = heard(demoModel(), items, 200);
  const view = { ...initialView({ columns, rows, theme: "dark", startsInCommandLine: false }), ...changed };
  return {
    view,
    live: model,
    model: view.frozen ?? model,
    cache: { cache: CACHE, trouble: undefined },
    nowMs: NOW_MS,
    theme: DARK,
    glyphs: UNICODE,
    // Of the golden screens' own zone.
    clock: (time) => new Date(time).toISOString().slice(11, 23),
  };
}

/**
 * Step mode, over that demo: of a put of `city` the vote of s1 is held, the one of s2 comes late, and s6 will die; `phase` is
 * how far it has come.
 */
export function stepping(phase: "prepare" | "vote" | "none"): readonly Heard[] {
  const opId = "12.18" as OpId;
  const replicas = [IDS[0] as SlaveId, IDS[1] as SlaveId] as const;
  const step = (held: readonly HeldStep[]): StatusEvent => event(30, "step", { step: { on: true, held: [...held] } });
  const prepare: HeldStep = { opId, phase: "prepare", slaves: [...replicas] };
  const on = [
    event(20, "slave", { slave: slaveStatus(1, { fault: { kind: "delay", ms: 200 } }) }),
    event(20, "slave", { slave: slaveStatus(5, { failpoint: "after:force-prepared" }) }),
    step([]),
  ];
  const begun = [
    event(40, "op", {
      opId,
      kind: "put",
      key: "city",
      phase: "begin",
      ms: 0,
      hash: "17000000000000000000",
      replicas: [...replicas],
    }),
    step([prepare]),
  ];
  switch (phase) {
    case "none":
      return on;
    case "prepare":
      return [...on, ...begun];
    case "vote":
      return [...on, ...begun, step([]), step([{ opId, phase: "vote", slaves: [replicas[0]] }])];
  }
}
