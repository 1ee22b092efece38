import fc from "fast-check";
import type { OpId } from "../../src/protocol/ids.js";
import type { Get, Operation, Put } from "../../src/testing/history.js";

const KEY = "k";

/** Histories of a few operations on one key with any outcomes: some linearizable, most not. Each put has its own value. */
export function randomHistories(): fc.Arbitrary<readonly Operation[]> {
  const operation = fc.record({
    kind: fc.constantFrom("get", "get", "put", "put", "del"),
    outcome: fc.constantFrom("done", "done", "done", "unknown", "not-found", "failed"),
    calledMs: fc.nat(12),
    lastsMs: fc.nat(6),
    seq: fc.integer({ min: 1, max: 6 }),
    value: fc.nat(6),
  });
  return fc.array(operation, { maxLength: 7 }).map((drafts) => {
    return drafts.map(({ kind, outcome, calledMs, lastsMs, seq, value }, index): Operation => {
      const head = { client: `c${index.toString()}`, key: KEY, calledMs, returnedMs: calledMs + lastsMs };
      const version = versionOf(seq);
      const failed = { type: "failed", code: "ABORTED" } as const;
      const unknown = { type: "unknown", code: "OUTCOME_UNKNOWN" } as const;
      const own = `v${index.toString()}`;
      if (kind === "get") {
        // Mostly a value that some put has written, with the version that it was acknowledged with.
        const put = drafts[value];
        const isPut = put?.kind === "put" && put.outcome === "done";
        const read = { value: `v${value.toString()}`, version: isPut ? versionOf(put.seq) : version };
        return {
          ...head,
          kind,
          outcome: outcome === "not-found" || outcome === "failed" ? { type: "not-found" } : { type: "found", ...read },
        };
      }
      if (outcome === "failed")
        return kind === "put"
          ? { ...head, kind, value: own, outcome: failed }
          : { ...head, kind: "del", outcome: failed };
      if (outcome === "unknown")
        return kind === "put"
          ? { ...head, kind, value: own, outcome: unknown }
          : { ...head, kind: "del", outcome: unknown };
      if (kind === "put") return { ...head, kind, value: own, outcome: { type: "done", version } };
      return { ...head, kind: "del", outcome: outcome === "done" ? { type: "done", version } : { type: "not-found" } };
    });
  });
}

/** Histories of a few operations on one key whose versions mean nothing, and whose few values repeat. */
export function repeatingHistories(): fc.Arbitrary<readonly Operation[]> {
  const answer = fc.oneof(
    fc.constantFrom("a", "b", "c").map((value) => ({ type: "found", value, version: versionOf(1) }) as const),
    fc.constant({ type: "not-found" } as const),
  );
  const fate = fc.constantFrom(
    ...([
      { type: "done", version: versionOf(1) },
      { type: "done", version: versionOf(1) },
    ] as const),
    ...([
      { type: "unknown", code: "OUTCOME_UNKNOWN" },
      { type: "failed", code: "ABORTED" },
    ] as const),
  );
  const operation = fc.oneof(
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("get" as const), outcome: answer }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant("put" as const), value: fc.constantFrom("a", "b", "c"), outcome: fate }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant("del" as const),
        outcome: fc.oneof(fate, fc.constant({ type: "not-found" } as const)),
      }),
    },
  );
  const times = fc.record({ calledMs: fc.nat(12), lastsMs: fc.nat(8) });
  return fc.array(fc.tuple(operation, times), { maxLength: 7 }).map((drafts) => {
    return drafts.map(([operation, { calledMs, lastsMs }], index): Operation => {
      return { client: `c${index.toString()}`, key: KEY, calledMs, returnedMs: calledMs + lastsMs, ...operation };
    });
  });
}

/**
 * Linearizable histories of one key: a serial order is played on a map, then each operation gets a call and a return around
 * its moment, so that many overlap; some updates are told as unknown, and some of those have no effect.
 */
export function serializedHistories(maxLength: number, values: Values = OWN): fc.Arbitrary<readonly Operation[]> {
  return fc.array(draft(), { maxLength }).map((drafts) => play(drafts, values));
}

/** Histories that were linearizable until one read was changed to something that it certainly cannot have seen. */
export function mutatedReads(maxLength: number, values: Values = OWN): fc.Arbitrary<readonly Operation[]> {
  return fc
    .tuple(fc.array(draft(), { minLength: 4, maxLength }), fc.nat(), fc.nat())
    .map(([drafts, nth, choice]) => mutate(play(drafts, values), nth, choice))
    .filter((history) => history !== undefined);
}

/** What the put at this place in the serial order writes. */
export type Values = (index: number) => string;

/** Each put has a value of its own. */
const OWN: Values = (index) => `v${index.toString()}`;

/** Three values take turns. */
export const REPEATED: Values = (index) => `v${(index % 3).toString()}`;

interface Draft {
  readonly kind: "get" | "put" | "del";
  /** An update's fate; a get is always answered. */
  readonly fate: "answered" | "failed" | "unknown, done" | "unknown, done late" | "unknown, not done";
  /** How far call and return lie from the moment of the effect, in steps of the serial order. */
  readonly before: number;
  readonly after: number;
}

function draft(): fc.Arbitrary<Draft> {
  return fc.record({
    kind: fc.constantFrom("get", "get", "put", "put", "del"),
    fate: fc.constantFrom(
      ...(["answered", "answered", "answered", "answered", "failed"] as const),
      ...(["unknown, done", "unknown, done late", "unknown, not done"] as const),
    ),
    before: fc.double({ min: 0, max: 4, noNaN: true }),
    after: fc.double({ min: 0, max: 4, noNaN: true }),
  });
}

function play(drafts: readonly Draft[], values: Values): readonly Operation[] {
  let state: { readonly value: string; readonly version: OpId } | undefined;
  let seq = 0;
  return drafts.map(({ kind, fate, before, after }, index): Operation => {
    const moment = index;
    // One that takes effect late was given up by its client before.
    const returnedMs = fate === "unknown, done late" ? moment - before / 2 : moment + after;
    const head = { client: `c${index.toString()}`, key: KEY, calledMs: moment - before, returnedMs };
    const value = values(index);
    if (kind === "get") {
      return {
        ...head,
        returnedMs: moment + after,
        kind,
        outcome: state === undefined ? { type: "not-found" } : { type: "found", ...state },
      };
    }
    const own = kind === "put" ? ({ kind, value } as const) : ({ kind } as const);
    if (fate === "failed") return { ...head, ...own, outcome: { type: "failed", code: "ABORTED" } };
    const hasEffect = fate !== "unknown, not done" && (kind === "put" || state !== undefined);
    if (fate === "answered" && !hasEffect) return { ...head, kind: "del", outcome: { type: "not-found" } };
    if (hasEffect) {
      seq += 1;
      state = kind === "put" ? { value, version: versionOf(seq) } : undefined;
    }
    return fate === "answered"
      ? { ...head, ...own, outcome: { type: "done", version: versionOf(seq) } }
      : { ...head, ...own, outcome: { type: "unknown", code: "OUTCOME_UNKNOWN" } };
  });
}

/** Changes the nth read; undefined when nothing in this history is certain enough to be contradicted. */
function mutate(history: readonly Operation[], nth: number, choice: number): readonly Operation[] | undefined {
  const reads = history.filter((operation): operation is Get => operation.kind === "get");
  const read = reads[nth % Math.max(1, reads.length)];
  if (read === undefined) return undefined;
  const wrong = impossibleAnswers(history, read);
  const outcome = wrong[choice % Math.max(1, wrong.length)];
  if (outcome === undefined) return undefined;
  return history.map((operation) => (operation === read ? { ...read, outcome } : operation));
}

/**
 * Answers that are wrong by value alone: every put of the value had been overwritten for certain before the read began, was
 * called after it had ended, or had failed; or there is no such put; or the key was there for certain.
 */
function impossibleAnswers(history: readonly Operation[], read: Get): readonly Get["outcome"][] {
  const puts = history.filter((operation): operation is Put => operation.kind === "put");
  const isOverwritten = ({ outcome, returnedMs }: Put) => {
    return (
      outcome.type === "done" &&
      history.some((later) => {
        const isCertain = later.kind !== "get" && later.outcome.type === "done";
        return isCertain && later.calledMs > returnedMs && later.returnedMs < read.calledMs;
      })
    );
  };
  const cannotHaveRead = (put: Put) => {
    return put.outcome.type === "failed" || put.calledMs > read.returnedMs || isOverwritten(put);
  };
  const isImpossible = (value: string) => puts.filter((put) => put.value === value).every(cannotHaveRead);
  const answers = puts.flatMap(({ value, outcome }): Get["outcome"][] => {
    const version = outcome.type === "done" ? outcome.version : versionOf(history.length + 1);
    return isImpossible(value) ? [{ type: "found", value, version }] : [];
  });
  // Not found is certainly wrong where a put has ended before and no del had begun.
  const isThere = puts.some(({ outcome, returnedMs }) => outcome.type === "done" && returnedMs < read.calledMs);
  const mayBeDeleted = history.some(({ kind, calledMs }) => kind === "del" && calledMs <= read.returnedMs);
  return [
    { type: "found", value: "nobody's", version: versionOf(history.length + 1) },
    ...answers,
    ...(isThere && !mayBeDeleted ? [{ type: "not-found" } as const] : []),
  ];
}

function versionOf(seq: number): OpId {
  return `1.${seq.toString()}` as OpId;
}
