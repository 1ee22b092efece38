import type { Versioned } from "../../src/core/store.js";
import type { UpdateKind } from "../../src/core/log-record.js";
import type { OpId } from "../../src/protocol/ids.js";
import type { Unresolved } from "../../src/protocol/messages.js";

/** What the master knows of an op; all but `preparing` rests on something that the slave has said. */
export interface LedgerOp {
  readonly kind: UpdateKind;
  readonly key: string;
  readonly value: string;
  /** `refused`: the slave voted no. `committed`, `aborted`: it voted yes, and the master decided. */
  state: "preparing" | "refused" | "committed" | "aborted";
  /** The slave has acknowledged the decision. */
  acked: boolean;
  /** The slave has been told that it may forget the op. */
  forgotten: boolean;
}

/**
 * All that a slave has promised its master: what it must report, and what it must hold, after whatever happens to it.
 */
export class Ledger {
  readonly ops: Map<OpId, LedgerOp>;
  /** What clients were told that their keys hold: decided the moment both replicas had voted yes. */
  readonly values: Map<string, Versioned>;

  constructor(ops: Iterable<readonly [OpId, LedgerOp]> = [], values: Iterable<readonly [string, Versioned]> = []) {
    this.ops = new Map(ops);
    this.values = new Map(values);
  }

  /** The ledger as it is now, for a check that takes its time. */
  snapshot(): Ledger {
    return new Ledger(
      Array.from(this.ops, ([opId, op]) => [opId, { ...op }] as const),
      this.values,
    );
  }

  /** The slave voted yes, and this is the decision. */
  decide(opId: OpId, op: LedgerOp, state: "committed" | "aborted"): void {
    op.state = state;
    if (state === "aborted") return;
    if (op.kind === "del") this.values.delete(op.key);
    else this.values.set(op.key, { value: op.value, opId });
  }

  /** What a slave's report breaks of its promises. */
  faultsOfReport(report: readonly Unresolved[]): string[] {
    const reported = new Map(report.map((entry) => [entry.opId, entry.state]));
    const faults: string[] = [];
    for (const [opId, op] of this.ops) {
      const state = reported.get(opId) ?? "nothing";
      if (!allowed(op).includes(state)) {
        const said = `${op.state}${op.acked ? ", acknowledged" : ""}${op.forgotten ? ", forgotten" : ""}`;
        faults.push(`${opId} (${said}) is reported as ${state}`);
      }
    }
    for (const opId of reported.keys()) if (!this.ops.has(opId)) faults.push(`${opId} is reported and was never sent`);
    return faults;
  }

  /** What is decided about a reported op. One that had no vote yet is aborted, as the other replica may have no record. */
  decisionOf(opId: OpId): "commit" | "abort" {
    return this.ops.get(opId)?.state === "committed" ? "commit" : "abort";
  }

  /** What the slave's values break of its promises, once all that it reported is decided. */
  faultsOfValues(read: ReadonlyMap<string, Versioned>): string[] {
    const faults: string[] = [];
    for (const key of new Set([...this.values.keys(), ...read.keys()])) {
      const expected = described(this.values.get(key));
      const found = described(read.get(key));
      if (expected !== found) faults.push(`${key} is ${found}, acknowledged was ${expected}`);
    }
    return faults;
  }

  /** Every op of the report is decided and acknowledged; what is forgotten and was not reported is gone for good. */
  settle(report: readonly Unresolved[]): void {
    const decided = report.map(({ opId, kind, key }): [OpId, LedgerOp] => {
      const state = this.decisionOf(opId) === "commit" ? "committed" : "aborted";
      return [opId, { kind, key, value: "", state, acked: true, forgotten: true }];
    });
    this.ops.clear();
    for (const [opId, op] of decided) this.ops.set(opId, op);
  }
}

function allowed(op: LedgerOp): readonly (Unresolved["state"] | "nothing")[] {
  if (op.state === "preparing") return ["nothing", "prepared"];
  if (op.state === "refused") return ["nothing"];
  if (op.forgotten) return ["nothing", op.state];
  return op.acked ? [op.state] : ["prepared", op.state];
}

function described(found: Versioned | undefined): string {
  return found === undefined ? "nothing" : `${found.value.slice(0, 24)}… of ${found.value.length} (${found.opId})`;
}
