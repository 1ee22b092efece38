import fc from "fast-check";
import { type SlaveId, compareDecimals, parseSlaveId } from "../../../src/protocol/ids.js";
import type { Hold, OpStep, OpTrace } from "../../../src/tui/model/op-trace.js";
import type { RingSlave, RingView } from "../../../src/tui/panes/ring/ring-view.js";
import { THEMES } from "../../../src/tui/screen/theme.js";
import { T0, opWith, ringView } from "./ring-scenes.js";

/** Any 64-bit unsigned decimal. */
export const place = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);

/** Text of letters and what else may come in a key: wide, joined, controlling, halved. */
export function anyText(maxLength: number): fc.Arbitrary<string> {
  const unit = fc.constantFrom(
    "a",
    "Z",
    " ",
    "~",
    "é",
    "e\u0301",
    "日",
    "👩\u200d🚀",
    "\u001b",
    "\n",
    "\u202e",
    "\ud800",
    "…",
    "●",
  );
  return fc.string({ unit, maxLength });
}

/** Any slave ID. */
export const slaveId = place.map((decimal): SlaveId => {
  const id = parseSlaveId(decimal);
  if (id === undefined) throw new Error(`${decimal} is no ID`);
  return id;
});

/** Slave IDs in ring order. */
export function ringIds(constraints: { readonly minLength?: number; readonly maxLength: number }) {
  return fc.uniqueArray(slaveId, constraints).map((ids) => ids.sort(compareDecimals));
}

/**
 * What may happen to an update between these replicas, as far as it has come, each step heard some time after the last, and
 * what step mode held of it.
 */
export function opBetween(replicas: readonly [SlaveId, SlaveId]): fc.Arbitrary<OpTrace> {
  const [first, second] = replicas;
  const yes = (slave: SlaveId) => ({ phase: "vote", slave, outcome: "commit" }) as const;
  const no = (slave: SlaveId) => ({ phase: "vote", slave, outcome: "abort", code: "STORAGE" }) as const;
  const ack = (slave: SlaveId) => ({ phase: "ack", slave }) as const;
  const decision = (outcome: "commit" | "abort") => ({ phase: "decision", outcome }) as const;
  type Step = Pick<OpStep, "phase"> & Partial<OpStep>;
  const begin: Step = { phase: "begin" };
  const answered: Step = { phase: "answered" };
  const settled: Step = { phase: "settled" };
  const histories: readonly (readonly Step[])[] = [
    [begin, yes(second), yes(first), decision("commit"), answered, ack(first), ack(second), settled],
    [begin, no(first), decision("abort"), yes(second), { ...answered, code: "STORAGE" }, ack(second), settled],
    [begin, no(second), decision("abort"), no(first), { ...answered, code: "STORAGE" }, settled],
    [begin, yes(first), decision("abort"), ack(first), { ...answered, code: "ABORTED" }, ack(second), settled],
    [begin, decision("abort"), { ...answered, code: "OUTCOME_UNKNOWN" }, yes(second), ack(second), ack(first), settled],
    [{ phase: "in-doubt" }, decision("commit"), ack(second), ack(first), settled],
  ];
  return fc
    .record({
      history: fc.constantFrom(...histories),
      length: fc.nat(8),
      pauses: fc.array(fc.constantFrom(0, 0.4, 3, 90, 300, 1_500), { minLength: 8, maxLength: 8 }),
      key: anyText(30),
      hash: place,
      held: fc.array(
        fc.record({
          phase: fc.constantFrom<Hold["phase"][]>("prepare", "vote", "decision", "ack"),
          slave: fc.constantFrom(...replicas),
          letGoAfterMs: fc.option(fc.nat(2_000), { nil: undefined }),
        }),
        { maxLength: 2 },
      ),
    })
    .map(({ history, length, pauses, key, hash, held }) => {
      let ms = 0;
      const steps = history.slice(0, length).map((each, index): OpStep => {
        ms += index === 0 ? 0 : (pauses[index] ?? 0);
        return { ...each, ms, heardMs: T0 + ms };
      });
      const outcome = steps.find(({ phase }) => phase === "decision")?.outcome;
      const undecided = history[0]?.phase === "in-doubt" ? "in-doubt" : "preparing";
      const state = outcome === undefined ? undecided : outcome === "commit" ? "committed" : "aborted";
      const isSettled = steps.at(-1)?.phase === "settled";
      // Of a settled update nothing is held any more.
      const holds = held
        .filter(({ letGoAfterMs }) => letGoAfterMs !== undefined || !isSettled)
        .map(({ phase, slave, letGoAfterMs: ms }): Hold => {
          return { phase, slave, letGo: ms === undefined ? undefined : { ms, heardMs: T0 + ms } };
        });
      return opWith(steps, { replicas, key, hash, state, isSettled, holds });
    });
}

/** Any moment at which an update may be looked at. */
export const moment = fc.nat(5_000).map((ms) => T0 + ms);

/** Any ring with anything going on. */
export const anyRingView: fc.Arbitrary<RingView> = ringIds({ minLength: 1, maxLength: 30 }).chain((ids) => {
  const member = fc.constantFrom(...ids);
  const slave = fc.record({
    name: anyText(12),
    state: fc.constantFrom("joining", "up", "suspect", "down"),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    paused: fc.boolean(),
    fault: fc.constantFrom<RingSlave["fault"][]>(
      undefined,
      { kind: "delay", ms: 200 },
      { kind: "drop" },
      { kind: "drop", from: "decision" },
      { kind: "partition" },
    ),
    faultHeardMs: moment,
  }) satisfies fc.Arbitrary<Omit<RingSlave, "id">>;
  const op = fc.tuple(fc.oneof(member, slaveId), member).chain(opBetween);
  return fc
    .record({
      slaves: fc.tuple(...ids.map((id) => slave.map((rest) => ({ id, ...rest })))),
      ops: fc.array(op, { maxLength: 4 }),
      reads: fc.array(fc.record({ key: fc.string(), hash: place, heardMs: moment, isHit: fc.boolean() }), {
        maxLength: 4,
      }),
      selected: member,
      nowMs: moment,
      theme: fc.constantFrom(...Object.values(THEMES)),
      isStale: fc.boolean(),
    })
    .map(ringView);
});
