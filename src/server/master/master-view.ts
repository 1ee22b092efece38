import type { CachePageRequest } from "../../core/cache-page.js";
import type { HashName } from "../../core/hash.js";
import type { MasterCore } from "../../core/master.js";
import type { SlaveAnswer, SlaveQuestion } from "../../core/slave-questions.js";
import { awaitedReplicas } from "../../core/two-phase-commit/coordinator.js";
import { RingkvError } from "../../protocol/errors.js";
import { type Epoch, type SlaveId, compareDecimals, parseSlaveId } from "../../protocol/ids.js";
import { LIMITS } from "../../protocol/limits.js";
import type {
  CacheView,
  ClusterInfo,
  CopiesView,
  LogLines,
  Metrics,
  SlaveMetrics,
  SlaveStatus,
  Snapshot,
} from "../../protocol/messages.js";
import type { MasterFailpoints } from "../failpoints.js";
import { MASTER } from "../node-names.js";
import type { StatusFeed } from "../status/feed.js";
import type { RefusalCounts } from "../ports/refusal-counts.js";
import type { FeedObserver } from "../status/feed-observer.js";
import type { LogTail } from "../status/log-tail.js";
import type { ProcessControl } from "../status/process-control.js";
import type { RequestMeter } from "../status/request-meter.js";
import type { LinkFaults } from "./link-faults.js";
import type { Member, Roster } from "./roster.js";
import type { StepMode } from "./step-mode.js";

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
  readonly refusals: RefusalCounts;
  readonly observer: FeedObserver;
  readonly logs: LogTail;
  readonly faults: LinkFaults;
  readonly stepMode: StepMode;
  readonly failpoints: MasterFailpoints;
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
    const { feed, logs, stepMode, failpoints } = this.#sources;
    return {
      type: "snapshot",
      seq: feed.seq,
      time: Date.now(),
      info: this.info(),
      slaves: this.slaves(),
      metrics: this.metrics(),
      unresolved: this.#unresolved(),
      logs: logs.newest(LIMITS.snapshotLogLines, LIMITS.snapshotLogsBytesMax),
      step: stepMode.state,
      ...(failpoints.armed !== undefined && { failpoint: failpoints.armed.spec }),
    };
  }

  metrics(): Metrics {
    const { meter, observer, core, refusals } = this.#sources;
    const { hits, misses, evictions } = core.cacheFigures;
    return {
      ...meter.figures,
      aborts: observer.aborts,
      cacheHits: hits,
      cacheMisses: misses,
      evictions,
      unresolved: core.openCount,
      refusals: refusals.figures,
    };
  }

  /** What changes of the slaves all the time; in ring order. */
  slaveMetrics(): SlaveMetrics[] {
    return this.#sources.roster.members.map((member) => ({ id: member.id, ...this.#figuresOf(member) }));
  }

  /** Members and supervised slaves in ring order, so that names stand before the ring is complete too. */
  slaves(): SlaveStatus[] {
    const { control, roster, core, faults } = this.#sources;
    const supervised = control.supervised;
    const ids = [...new Set([...roster.members.map(({ id }) => id), ...supervised])].sort(compareDecimals);
    return ids.map((id, index) => {
      const member = roster.get(id);
      const fault = faults.of(id);
      return {
        id,
        name: `s${index + 1}`,
        state: member?.state ?? "down",
        ...member?.address,
        ...(member?.pid !== undefined && { pid: member.pid }),
        supervised: supervised.has(id),
        paused: control.isPaused(id),
        share: core.ring?.has(id) === true ? core.ring.shareOf(id) : 0,
        ...this.#figuresOf(member),
        ...(member?.failpoint !== undefined && { failpoint: member.failpoint }),
        ...(fault !== undefined && { fault }),
      };
    });
  }

  /** One slave as of now. */
  slave(id: SlaveId): SlaveStatus | undefined {
    return this.slaves().find((slave) => slave.id === id);
  }

  /**
   * A page of a node's cache.
   * @param node `master`, or a slave as in `find`
   * @throws RingkvError BAD_REQUEST for an unknown node; REPLICA_DOWN or TIMEOUT when the slave cannot tell it
   */
  async cache(node: string, request: CachePageRequest): Promise<Omit<CacheView, "type" | "id">> {
    const { core } = this.#sources;
    if (node === MASTER) return { node, ...core.cachePage(request) };
    const slave = this.find(node);
    const answer = await this.#ask(slave, { type: "cachereq", ...request });
    if (answer.type !== "cache") throw new RingkvError("INTERNAL", `${slave.name} answered something else.`);
    const { sets, ways, used, hits, misses, evictions, contents, more } = answer;
    return { node: slave.name, sets, ways, used, hits, misses, evictions, contents, more };
  }

  /**
   * A page of what a slave's store holds.
   * @param name as in `find`
   * @throws RingkvError BAD_REQUEST for an unknown slave; REPLICA_DOWN, TIMEOUT or STORAGE when the slave cannot tell it
   */
  async copies(
    name: string,
    page: { readonly after: string; readonly limit: number },
  ): Promise<Omit<CopiesView, "type" | "id">> {
    const slave = this.find(name);
    const answer = await this.#ask(slave, { type: "copiesreq", ...page });
    if (answer.type !== "copies") throw new RingkvError("INTERNAL", `${slave.name} answered something else.`);
    return { node: slave.name, copies: answer.copies, more: answer.more };
  }

  /**
   * The newest log lines.
   * @param node as in `cache`; left out: all of them, merged
   * @throws RingkvError BAD_REQUEST for an unknown node
   */
  logs(node: string | undefined, limit: number): LogLines["lines"] {
    const source = node === undefined || node === MASTER ? node : this.find(node).id;
    return this.#sources.logs.newest(limit, LIMITS.logsBytesMax, source);
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

  #ask({ id, name }: SlaveStatus, question: SlaveQuestion): Promise<SlaveAnswer> {
    return new Promise((resolve, reject) => {
      this.#sources.core.ask(id, question, (result) => {
        if (result.ok) resolve(result.answer);
        else reject(new RingkvError(result.code, `${name}: ${result.message}`));
      });
    });
  }

  #unresolved(): Snapshot["unresolved"] {
    const told: Snapshot["unresolved"] = [];
    for (const op of this.#sources.core.openOps) {
      if (told.length === LIMITS.snapshotUnresolvedMax) break;
      const { opId, kind, key, state } = op;
      told.push({ opId, kind, key, state, waitingFor: [...awaitedReplicas(op)] });
    }
    return told;
  }

  #figuresOf(member: Member | undefined): Omit<SlaveMetrics, "id"> {
    if (member === undefined) return { keys: 0, ops: 0, cacheHits: 0, cacheMisses: 0 };
    const { id, keys, ops, cacheHits, cacheMisses } = member;
    const voteMs = this.#sources.observer.votes.medianMs(id);
    return { keys, ops, ...(voteMs !== undefined && { voteMs }), cacheHits, cacheMisses };
  }
}
