import type { ErrorCode } from "../protocol/errors.js";
import type { OpId } from "../protocol/ids.js";

/**
 * What clients did to a store and what it answered: plain data, so that a history can be written as JSON lines and read
 * back. All times are ms of one monotone clock that all clients share; without that a history proves nothing.
 */
export type Operation = Get | Put | Del;

/** Takes operations as they are recorded: an array, or a `HistoryWriter`. */
export interface HistorySink {
  push(operation: Operation): unknown;
}

interface Head {
  /** Who asked, for people. */
  readonly client: string;
  readonly key: string;
  /** When the request was made; it cannot have had an effect before. */
  readonly calledMs: number;
  /** When the answer was there. Bounds the effect of an operation that was answered; says nothing for an unknown outcome. */
  readonly returnedMs: number;
}

export interface Get extends Head {
  readonly kind: "get";
  readonly outcome: Found | NotFound | Failed;
}

export interface Put extends Head {
  readonly kind: "put";
  readonly value: string;
  readonly outcome: Done | Failed | Unknown;
}

export interface Del extends Head {
  readonly kind: "del";
  /** A del that is answered "not found" is a read: it had no effect. */
  readonly outcome: Done | NotFound | Failed | Unknown;
}

/** A read's value, with the version of the write that it came from. */
export interface Found {
  readonly type: "found";
  readonly value: string;
  readonly version: OpId;
}

/** The key does not exist. */
export interface NotFound {
  readonly type: "not-found";
}

/** The update took effect, as this version. */
export interface Done {
  readonly type: "done";
  readonly version: OpId;
}

/** It certainly had no effect, and never will. */
export interface Failed {
  readonly type: "failed";
  readonly code: ErrorCode;
}

/** The update may have taken effect, may do so at any later time, or never. */
export interface Unknown {
  readonly type: "unknown";
  readonly code: ErrorCode;
}

/** The operations of each key, in the history's order. */
export function operationsByKey(history: Iterable<Operation>): ReadonlyMap<string, readonly Operation[]> {
  const keys = new Map<string, Operation[]>();
  for (const operation of history) {
    const operations = keys.get(operation.key);
    if (operations === undefined) keys.set(operation.key, [operation]);
    else operations.push(operation);
  }
  return keys;
}

/** One operation on one line, for people. */
export function describeOperation(operation: Operation): string {
  const { client, kind, key, calledMs, returnedMs, outcome } = operation;
  const written = kind === "put" ? `=${JSON.stringify(operation.value)}` : "";
  const until = outcome.type === "unknown" ? "…" : returnedMs.toFixed(3);
  return `${client} ${kind} ${key}${written} → ${describeOutcome(outcome)} [${calledMs.toFixed(3)}, ${until}]`;
}

/** An outcome, for people; `shown` says how values are written, by default as JSON. */
export function describeOutcome(
  outcome: Operation["outcome"],
  shown: (value: string) => string = JSON.stringify,
): string {
  switch (outcome.type) {
    case "found":
      return `${shown(outcome.value)} (${outcome.version})`;
    case "done":
      return `done (${outcome.version})`;
    case "not-found":
      return "not found";
    case "failed":
      return `failed ${outcome.code}`;
    case "unknown":
      return `unknown ${outcome.code}`;
  }
}
