import type { HashName } from "../../core/hash.js";
import type { MasterCore } from "../../core/master.js";
import { awaitedReplicas } from "../../core/two-phase-commit/coordinator.js";
import { RingkvError } from "../../protocol/errors.js";
import { type Epoch, type SlaveId, compareDecimals, parseSlaveId } from "../../protocol/ids.js";
import type { ClusterInfo, Metrics, SlaveStatus, Snapshot } from "../../protocol/messages.js";
import type { StatusFeed } from "../status/feed.js";
import type { FeedObserver } from "../status/feed-observer.js";
import type { LogTail } from "../status/log-tail.js";
import type { ProcessControl } from "../status/process-control.js";
import type { RequestMeter } from "../status/request-meter.js";
import type { Roster } from "./roster.js";

const LOG_LINES_IN_SNAPSHOT = 100;

/** Where a master listens. */
export type MasterAddresses = Pick<ClusterInfo, "client" | "registration" | "status">;

/** What a view looks at. */
export interface MasterViewSources {
  readonly version: string;
  readonly epoch: Epoch;
  readonly hash: HashName;
  readonly core: MasterCore;
  readonly roster: Roster;
  readonly feed: StatusFeed;
  readonly control: ProcessControl;
  readonly meter: RequestMeter;
  readonly observer: FeedObserver;
  readonly logs: LogTail;
}

/** The master as the status port and `inforeq` tell it: reads everything, changes nothing. */
export class MasterView {
  readonly #sources: MasterViewSources;
  #addresses: MasterAddresses | undefined;

  constructor(sources: MasterViewSources) {
    this.#sources = sources;
  }

  /** The ports are open. */
  listening(addresses: MasterAddresses): void {
    this.#addresses = addresses;
  }

  info(): ClusterInfo {
    const { version, epoch, hash, roster, core } = this.#sources;
    if (this.#addresses === undefined) throw new Error("the master has not started");
    return {
      version,
      pid: process.pid,
      epoch,
      hash,
      ...this.#addresses,
      ringSize: roster.size,
      ringComplete: core.ring !== undefined,
      slaves: this.slaves().map(({ id, name, state }) => ({ id, name, state })),
    };
  }

  snapshot(): Snapshot {
    const { feed, core, logs } = this.#sources;
    return {
      type: "snapshot",
      seq: feed.seq,
      time: Date.now(),
      info: this.info(),
      slaves: this.slaves(),
      metrics: this.metrics(),
      unresolved: Array.from(core.openOps, (op) => {
        const { opId, kind, key, state } = op;
        return { opId, kind, key, state, waitingFor: [...awaitedReplicas(op)] };
      }),
      logs: logs.newest(LOG_LINES_IN_SNAPSHOT),
    };
  }

  metrics(): Metrics {
    const { meter, observer, core } = this.#sources;
    return { ...meter.figures, ...observer.figures, unresolved: core.openCount };
  }

  /** Members and supervised slaves in ring order, so that names stand before the ring is complete too. */
  slaves(): SlaveStatus[] {
    const { control, roster, core } = this.#sources;
    const supervised = control.supervised;
    const ids = [...new Set([...roster.members.map(({ id }) => id), ...supervised])].sort(compareDecimals);
    return ids.map((id, index) => {
      const member = roster.get(id);
      return {
        id,
        name: `s${index + 1}`,
        state: member?.state ?? "down",
        ...member?.address,
        ...(member?.pid !== undefined && { pid: member.pid }),
        supervised: supervised.has(id),
        share: core.ring?.has(id) === true ? core.ring.shareOf(id) : 0,
        keys: member?.keys ?? 0,
      };
    });
  }

  /** One slave as of now. */
  slave(id: SlaveId): SlaveStatus | undefined {
    return this.slaves().find((slave) => slave.id === id);
  }

  /**
   * The slave that people mean.
   * @param name `s1`, `1` or the full ID
   * @throws RingkvError BAD_REQUEST when there is none; the message names those there are
   */
  find(name: string): SlaveStatus {
    const slaves = this.slaves();
    const id = parseSlaveId(name);
    const found = slaves.find((slave) => slave.name === name || slave.name === `s${name}` || slave.id === id);
    if (found !== undefined) return found;
    const names = slaves.map((slave) => slave.name).join(", ") || "none yet";
    throw new RingkvError("BAD_REQUEST", `No slave \`${name}\`; there are: ${names} (or use a full ID).`);
  }
}
