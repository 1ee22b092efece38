import fc from "fast-check";
import type { OpId } from "../../src/protocol/ids.js";
import type { Get, Operation } from "../../src/testing/history.js";

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

/**
 * Linearizable histories of one key: a serial order is played on a map, then each operation gets a call and a return around
 * its moment, so that many overlap; some updates are told as unknown, and some of those have no effect.
 */
export function serializedHistories(maxLength: number): fc.Arbitrary<readonly Operation[]> {
  return fc.array(draft(), { maxLength }).map((drafts) => play(drafts));
}

/** Histories that were linearizable until one read was changed to something that it certainly cannot have seen. */
export function mutatedReads(maxLength: number): fc.Arbitrary<readonly Operation[]> {
  return fc
    .tuple(fc.array(draft(), { minLength: 4, maxLength }), fc.nat(), fc.nat())
    .map(([drafts, nth, choice]) => mutate(play(drafts), nth, choice))
    .filter((history) => history !== undefined);
}

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

function play(drafts: readonly Draft[]): readonly Operation[] {
  let state: { readonly value: string; readonly version: OpId } | undefined;
  let seq = 0;
  return drafts.map(({ kind, fate, before, after }, index): Operation => {
    const moment = index;
    // One that takes effect late was given up by its client before.
    const returnedMs = fate === "unknown, done late" ? moment - before / 2 : moment + after;
    const head = { client: `c${index.toString()}`, key: KEY, calledMs: moment - before, returnedMs };
    const value = `v${index.toString()}`;
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

/** Values that were overwritten for certain before the read began, were not written yet, or that failed or were not written. */
function impossibleAnswers(history: readonly Operation[], read: Get): readonly Get["outcome"][] {
  const answers: Get["outcome"][] = [{ type: "found", value: "nobody's", version: versionOf(history.length + 1) }];
  const written = history.flatMap((operation) => {
    return operation.kind === "put" && operation.outcome.type === "done"
      ? [{ ...operation, outcome: operation.outcome }]
      : [];
  });
  const overwritten = (write: Operation) => {
    return history.some((later) => {
      return (
        later.kind !== "get" &&
        later.outcome.type === "done" &&
        later.calledMs > write.returnedMs &&
        later.returnedMs < read.calledMs
      );
    });
  };
  for (const write of written) {
    if (overwritten(write) || write.calledMs > read.returnedMs) {
      answers.push({ type: "found", value: write.value, version: write.outcome.version });
    }
  }
  for (const operation of history) {
    if (operation.kind === "put" && operation.outcome.type === "failed") {
      answers.push({ type: "found", value: operation.value, version: versionOf(history.length + 1) });
    }
  }
  // Not found is certainly wrong where a put has ended before and no del had begun.
  const isThere = written.some(({ returnedMs }) => returnedMs < read.calledMs);
  const mayBeDeleted = history.some(({ kind, calledMs }) => kind === "del" && calledMs <= read.returnedMs);
  if (isThere && !mayBeDeleted) answers.push({ type: "not-found" });
  return answers;
}

function versionOf(seq: number): OpId {
  return `1.${seq.toString()}` as OpId;
}
