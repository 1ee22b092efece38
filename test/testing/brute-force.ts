import { type OpId, compareOpIds } from "../../src/protocol/ids.js";
import type { Operation } from "../../src/testing/history.js";

/** Whether the order of the versions must be that of the writes. */
export type Trust = "trusting versions" | "by values alone";

/**
 * Whether a history of one key is linearizable, by trying every order: the reference that the checkers are compared
 * with. It follows the definition and nothing else, so it is only for a handful of operations.
 */
export function isLinearizable(operations: readonly Operation[], trust: Trust = "trusting versions"): boolean {
  return search(
    operations.filter(({ outcome }) => outcome.type !== "failed"),
    { value: undefined, version: undefined, newest: "0.0" as OpId },
    trust === "by values alone" ? stepByValue : step,
  );
}

interface State {
  /** Undefined: the key does not exist. */
  readonly value: string | undefined;
  /** Undefined: no answer has shown yet which version it is; or there is no value. */
  readonly version: OpId | undefined;
  /** No version from here on is this one or an older one. */
  readonly newest: OpId;
}

/** The state after an operation; undefined when it cannot have come to its outcome in this state. */
type Step = (operation: Operation, state: State) => State | undefined;

function search(left: readonly Operation[], state: State, step: Step): boolean {
  if (left.every(({ outcome }) => outcome.type === "unknown")) return true;
  return left.some((operation) => {
    const isNext = left.every((other) => other.outcome.type === "unknown" || other.returnedMs >= operation.calledMs);
    const after = isNext ? step(operation, state) : undefined;
    return (
      after !== undefined &&
      search(
        left.filter((other) => other !== operation),
        after,
        step,
      )
    );
  });
}

function step(operation: Operation, state: State): State | undefined {
  const { kind, outcome } = operation;
  switch (outcome.type) {
    case "failed":
      return undefined;
    case "not-found":
      return state.value === undefined ? state : undefined;
    case "found":
      if (outcome.value !== state.value) return undefined;
      if (state.version !== undefined) return state.version === outcome.version ? state : undefined;
      if (compareOpIds(outcome.version, state.newest) <= 0) return undefined;
      return { ...state, version: outcome.version, newest: outcome.version };
    case "unknown":
      return { ...state, value: kind === "put" ? operation.value : undefined, version: undefined };
    case "done":
      if (compareOpIds(outcome.version, state.newest) <= 0) return undefined;
      if (kind === "put") return { value: operation.value, version: outcome.version, newest: outcome.version };
      return state.value === undefined ? undefined : { value: undefined, version: undefined, newest: outcome.version };
  }
}

function stepByValue(operation: Operation, state: State): State | undefined {
  const { kind, outcome } = operation;
  switch (outcome.type) {
    case "failed":
      return undefined;
    case "not-found":
      return state.value === undefined ? state : undefined;
    case "found":
      return outcome.value === state.value ? state : undefined;
    case "unknown":
      return { ...state, value: kind === "put" ? operation.value : undefined };
    case "done":
      if (kind === "put") return { ...state, value: operation.value };
      return state.value === undefined ? undefined : { ...state, value: undefined };
  }
}
