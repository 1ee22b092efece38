import type { OpId } from "../../src/protocol/ids.js";
import type { Operation } from "../../src/testing/history.js";

/** Versions of a test are those of epoch 1. */
function version(seq: number): OpId {
  return `1.${seq.toString()}` as OpId;
}

/** One operation of a hand-made history: called and returned at these moments. */
export function at(calledMs: number, returnedMs: number) {
  const head = { client: "c", key: "k", calledMs, returnedMs };
  return {
    put: (value: string, seq: number): Operation => ({
      ...head,
      kind: "put",
      value,
      outcome: { type: "done", version: version(seq) },
    }),
    putFailed: (value: string): Operation => ({
      ...head,
      kind: "put",
      value,
      outcome: { type: "failed", code: "ABORTED" },
    }),
    putUnknown: (value: string): Operation => ({
      ...head,
      kind: "put",
      value,
      outcome: { type: "unknown", code: "OUTCOME_UNKNOWN" },
    }),
    del: (seq: number): Operation => ({ ...head, kind: "del", outcome: { type: "done", version: version(seq) } }),
    delUnknown: (): Operation => ({ ...head, kind: "del", outcome: { type: "unknown", code: "OUTCOME_UNKNOWN" } }),
    delNotFound: (): Operation => ({ ...head, kind: "del", outcome: { type: "not-found" } }),
    get: (value: string, seq: number): Operation => ({
      ...head,
      kind: "get",
      outcome: { type: "found", value, version: version(seq) },
    }),
    notFound: (): Operation => ({ ...head, kind: "get", outcome: { type: "not-found" } }),
    getFailed: (): Operation => ({ ...head, kind: "get", outcome: { type: "failed", code: "UNAVAILABLE" } }),
  };
}
