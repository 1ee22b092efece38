import type { OpId, SlaveId } from "../../protocol/ids.js";
import type { Replicas } from "../log-record.js";

/** What the table needs to know of an op. */
export interface TabledOp {
  readonly opId: OpId;
  readonly replicas: Replicas;
}

/**
 * The coordinator's open ops, oldest first, found by a replica and an op ID.
 *
 * The op ID alone is not quite enough: two masters that took the same epoch, each obeyed by slaves of its own, gave the same
 * IDs. Since a slave obeys one of them only, a slave and an op ID name one op.
 */
export class OpTable<Op extends TabledOp> {
  readonly #ops = new Map<string, Op>();
  /** Those whose op ID another one had before them. Nearly always empty. */
  readonly #namesakes = new Set<Op>();

  get size(): number {
    return this.#ops.size;
  }

  /** Oldest first; ops may be deleted and added meanwhile. */
  values(): IterableIterator<Op> {
    return this.#ops.values();
  }

  /** Adds an op that `find` does not find for any of its replicas. */
  add(op: Op): void {
    if (this.#ops.has(op.opId)) {
      this.#namesakes.add(op);
      this.#ops.set(namesakeKey(op), op);
    } else this.#ops.set(op.opId, op);
  }

  /** The op of this ID that the slave is a replica of. */
  find(slave: SlaveId, opId: OpId): Op | undefined {
    const op = this.#ops.get(opId);
    if (op?.replicas.includes(slave) === true) return op;
    for (const namesake of this.#namesakes) {
      if (namesake.opId === opId && namesake.replicas.includes(slave)) return namesake;
    }
    return undefined;
  }

  delete(op: Op): void {
    this.#ops.delete(this.#namesakes.delete(op) ? namesakeKey(op) : op.opId);
  }
}

function namesakeKey({ opId, replicas }: TabledOp): string {
  return `${opId}@${replicas.join()}`;
}
