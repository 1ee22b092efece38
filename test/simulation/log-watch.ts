import type { LogRecord } from "../../src/core/log-record.js";
import type { OpId } from "../../src/protocol/ids.js";
import type { ForcedLog } from "../../src/server/slave/slave.js";
import type { GroupRecord } from "../../src/server/storage/segment-writer.js";
import type { Observer } from "./observer.js";

/** Watches what one life of a slave appends to its log, and what becomes durable of it. */
export class LogWatch {
  readonly #observer: Observer;
  readonly #host: string;
  readonly #decisions: { readonly lsn: number; readonly opId: OpId; readonly state: "committed" | "aborted" }[] = [];

  constructor(observer: Observer, host: string) {
    this.#observer = observer;
    this.#host = host;
  }

  around(log: ForcedLog): ForcedLog {
    return {
      append: (record, urgency) => this.#appended(record, log.append(record, urgency)),
      hasRoomFor: (record) => log.hasRoomFor(record),
      get bytesSinceCheckpoint() {
        return log.bytesSinceCheckpoint;
      },
      checkpoint: async (carriedOver, forceStore) => {
        await log.checkpoint(carriedOver, forceStore);
        this.#observer.sometimes("checkpoint finished");
      },
      close: () => log.close(),
    };
  }

  durable(lsn: number): void {
    for (let next = this.#decisions[0]; next !== undefined && next.lsn <= lsn; next = this.#decisions[0]) {
      this.#decisions.shift();
      this.#observer.decided(this.#host, next.opId, next.state);
    }
  }

  aroundForce(side: "before" | "after", group: readonly GroupRecord[]): void {
    if (side === "before" && group.length > 1) this.#observer.sometimes("several records in one force");
  }

  #appended(record: LogRecord, lsn: number): number {
    if (record.type === "prepared") this.#observer.prepared(this.#host, record);
    else if (record.type === "committed" || record.type === "aborted") {
      this.#decisions.push({ lsn, opId: record.opId, state: record.type });
    }
    return lsn;
  }
}
