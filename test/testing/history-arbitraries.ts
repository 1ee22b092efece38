import fc from "fast-check";
import type { OpId } from "../../src/protocol/ids.js";
import type { Get, Operation, Put } from "../../src/testing/history.js";

const KEY = "k";

/** Histories of a few operations on one key with any outcomes: some linearizable, most not. Each put has its own value. */
export function randomHistories(): fc.Arbitrary<readonly Operation[]> {
  const operation = fc.record({
    kind: fc.constantFrom("get", "get", "put", "put", "del"),
    outcome: fc.constantFrom("done", "done", "done", "unknown", "not-found", "failed"),
    calledMs: anyOf(13),
    lastsMs: anyOf(7),
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

/**
 * Histories of a few operations on one key whose versions mean nothing and whose values repeat; from calm to all at once,
 * with few dels or many. What is rare in one mixture of these is common in another.
 */
export function repeatingHistories(): fc.Arbitrary<readonly Operation[]> {
  const mixture = fc.record({
    values: fc.integer({ min: 1, max: 4 }),
    spanMs: fc.integer({ min: 4, max: 16 }),
    lastsMs: fc.integer({ min: 1, max: 10 }),
    kinds: fc.constantFrom<readonly Operation["kind"][]>(
      ["get", "put", "del"],
      ["get", "get", "put", "del"],
      ["get", "put", "put", "del", "del"],
      ["get", "del", "put", "del"],
    ),
  });
  const draft = fc.record({
    kind: anyOf(60),
    value: anyOf(12),
    fate: anyOf(10),
    called: anyOf(1_000),
    lasts: anyOf(1_000),
  });
  return fc.tuple(mixture, fc.array(draft, { minLength: 2, maxLength: 8 })).map(([mixture, drafts]) => {
    const { values, spanMs, lastsMs, kinds } = mixture;
    return drafts.map(({ kind, value, fate, called, lasts }, index): Operation => {
      const calledMs = called % spanMs;
      const head = { client: `c${index.toString()}`, key: KEY, calledMs, returnedMs: calledMs + (lasts % lastsMs) };
      return {
        ...head,
        ...repeatingOperation(kinds[kind % kinds.length] ?? "get", `v${(value % values).toString()}`, fate),
      };
    });
  });
}

/** @param fate 0 to 9 */
function repeatingOperation(kind: Operation["kind"], value: string, fate: number) {
  const version = versionOf(1);
  const notFound = { type: "not-found" } as const;
  const update =
    fate < 3
      ? ({ type: "unknown", code: "OUTCOME_UNKNOWN" } as const)
      : fate === 3
        ? ({ type: "failed", code: "ABORTED" } as const)
        : ({ type: "done", version } as const);
  if (kind === "get") return { kind, outcome: fate < 3 ? notFound : ({ type: "found", value, version } as const) };
  if (kind === "put") return { kind, value, outcome: update };
  return { kind, outcome: fate > 8 ? notFound : update };
}

/** A whole number below a limit, none preferred. */
function anyOf(limit: number): fc.Arbitrary<number> {
  return fc.noBias(fc.nat(limit - 1));
}

/**
 * Linearizable histories of one key: a serial order is played on a map, then each operation gets a call and a return around
 * its moment, so that many overlap; some updates are told as unknown, and some of those have no effect.
 */
export function serializedHistories(maxLength: number, values: Values = OWN): fc.Arbitrary<readonly Operation[]> {
  return fc.array(draft(), { maxLength, size: "max" }).map((drafts) => play(drafts, values));
}

/** Histories that were linearizable until one read was changed to something that it certainly cannot have seen. */
export function mutatedReads(maxLength: number, values: Values = OWN): fc.Arbitrary<readonly Operation[]> {
  return fc
    .tuple(fc.array(draft(), { minLength: 4, maxLength, size: "max" }), fc.nat(), fc.nat())
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
    // Without bias: it would make most of them nothing, and so the history serial.
    before: anyOf(17).map((quarters) => quarters / 4),
    after: anyOf(17).map((quarters) => quarters / 4),
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
