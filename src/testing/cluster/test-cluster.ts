import { type ClientOptions, RingkvClient } from "../../client/client.js";
import { type WatchItem, watchStatus } from "../../client/watch-status.js";
import { MasterStatus } from "../../client/master-status.js";
import { StatusClient } from "../../client/status-client.js";
import { RingkvError } from "../../protocol/errors.js";
import type { SlaveId } from "../../protocol/ids.js";
import type { LinkFault, Snapshot, StepMode } from "../../protocol/messages.js";
import { reachable } from "../../server/supervisor/supervisor.js";
import type { Address, Transport } from "../../transport/transport.js";
import type { Operation } from "../history.js";
import { RecordedClient } from "../recorded-client.js";
import type { Deployment } from "./deployment.js";
import { type HistoryCheck, assertLinearizable, checkHistory } from "../history-check.js";
import { until } from "./until.js";

/** All slaves of a fresh cluster are up within moments; past this time, in ms, on a busy machine too, something is wrong. */
const WHOLE_MS = 30_000;

/** A master that was killed is back within moments too; on a busy machine the start of its process takes longer. */
const MASTER_BACK_MS = 30_000;

/** `withinMs` of those who name none: above every timeout inside the cluster. */
const UNTIL_MS = 10_000;

/** A supervisor waits 30 s for a slave to start, recovery included; its own answer is worth more than a timeout. */
const PROCESS_TIMEOUT_MS = 40_000;

/** A slave of the ring. */
export interface TestSlave {
  /** `s1` and so on, in ring order. */
  readonly name: string;
  readonly id: SlaveId;
}

/** Where a process is to die. */
export interface PointOptions {
  readonly point?: string | undefined;
}

/**
 * A running cluster for a test. Slaves are named as everywhere: `s1`, `1` or the full ID. What has an effect resolves when the
 * ring shows it. Everything that it gave out is closed with it.
 */
export class TestCluster implements AsyncDisposable {
  /** What the cluster's recorded clients have done, in the order of the answers. */
  readonly history: Operation[] = [];
  /** Where clients connect, over `transport`. */
  readonly address: Address;
  /** The master's status port, over `transport`. */
  readonly statusAddress: Address;
  /** In ring order. */
  readonly slaves: readonly TestSlave[];
  readonly #deployment: Deployment;
  readonly #status: MasterStatus;
  readonly #clients = new Set<RingkvClient>();
  readonly #closed = new AbortController();
  #closing: Promise<void> | undefined;

  private constructor(deployment: Deployment) {
    const { supervisor } = deployment;
    this.#deployment = deployment;
    this.address = reachable(supervisor.master.client);
    this.statusAddress = reachable(supervisor.master.status);
    this.slaves = supervisor.slaves.map(({ name, id }) => ({ name, id }));
    const options = { ...this.statusAddress, transport: this.transport, requestTimeoutMs: PROCESS_TIMEOUT_MS };
    const { signal } = this.#closed;
    this.#status = new MasterStatus(() => StatusClient.connect({ ...options, signal }), signal);
  }

  /**
   * Starts what was deployed; resolves when all of the ring serves. What cannot be started is closed.
   * @throws RingkvError that says why
   */
  static async start(deployment: Deployment): Promise<TestCluster> {
    try {
      await deployment.supervisor.start();
    } catch (error) {
      await deployment.close();
      throw error;
    }
    const cluster = new TestCluster(deployment);
    try {
      await cluster.until((snapshot) => cluster.#isWhole(snapshot), { withinMs: WHOLE_MS });
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** What the cluster is reached over: TCP, or the network in memory. For clients that are made elsewhere. */
  get transport(): Transport {
    return this.#deployment.transport;
  }

  /**
   * A client of the cluster.
   * @throws RingkvError UNAVAILABLE while the master is down
   */
  async client(options: Omit<ClientOptions, "host" | "port" | "transport"> = {}): Promise<RingkvClient> {
    this.#closed.signal.throwIfAborted();
    const client = await RingkvClient.connect({ ...options, ...this.address, transport: this.transport });
    this.#clients.add(client);
    // Closed while it connected.
    if (this.#closing !== undefined) await client.close();
    return client;
  }

  /**
   * A client whose operations go into `history`.
   * @param name tells it from others there
   * @throws RingkvError UNAVAILABLE while the master is down
   */
  async recordedClient(
    name: string,
    options: Omit<ClientOptions, "host" | "port" | "transport"> = {},
  ): Promise<RecordedClient> {
    return new RecordedClient(name, await this.client(options), this.history);
  }

  /** The cluster as it is now. @throws RingkvError UNAVAILABLE, TIMEOUT */
  async snapshot(): Promise<Snapshot> {
    return this.#status.ask((status) => status.snapshot());
  }

  /**
   * Kills a slave's process (SIGKILL), and resolves when the ring has noticed. With a `point` it is killed when it gets there:
   * `before:STEP` or `after:STEP` of docs/two-phase-commit.md, such as `after:force-prepared`, with `#2` for the second
   * passing; then it resolves at once, when the slave knows. `master` may be killed at a point, too.
   * @throws RingkvError BAD_REQUEST for an unknown slave or point, or a slave that is down
   */
  async kill(slave: string, { point }: PointOptions = {}): Promise<void> {
    await this.#status.ask((status) => status.process("kill", slave, { point }));
  }

  /**
   * Starts a slave that is down; resolves when it is up again.
   * @param point where the new process is killed; if that is before it is up, it resolves then
   * @throws RingkvError BAD_REQUEST when it is not down
   */
  async start(slave: string, { point }: PointOptions = {}): Promise<void> {
    await this.#status.ask((status) => status.process("start", slave, { point }));
  }

  /** Stops a slave in good order if it is up, and starts it as {@link start} does. @throws RingkvError */
  async restart(slave: string, { point }: PointOptions = {}): Promise<void> {
    await this.#status.ask((status) => status.process("restart", slave, { point }));
  }

  /** Freezes a slave (SIGSTOP): it holds its connections and answers nothing. @throws RingkvError BAD_REQUEST */
  async pause(slave: string): Promise<void> {
    await this.#status.ask((status) => status.process("pause", slave));
  }

  /** Lets a frozen slave go on (SIGCONT). @throws RingkvError BAD_REQUEST when it is not frozen */
  async resume(slave: string): Promise<void> {
    await this.#status.ask((status) => status.process("resume", slave));
  }

  /**
   * Kills the master's process (SIGKILL); it is started again at once. Resolves when the new one serves: its epoch is newer,
   * and every slave whose process runs is up.
   * @throws RingkvError UNAVAILABLE when it is down already; TIMEOUT
   */
  async killMaster(): Promise<void> {
    const before = await this.snapshot();
    await this.#deployment.supervisor.killMaster();
    await this.until(({ info, ...now }) => info.epoch !== before.info.epoch && this.#isServing({ info, ...now }), {
      withinMs: MASTER_BACK_MS,
    });
  }

  /**
   * Has something go wrong between the master and a slave from now on, in place of what did; `none` ends it. Nothing else is
   * touched: the processes live, and hear of nothing.
   * @throws RingkvError BAD_REQUEST
   */
  async fault(slave: string, fault: LinkFault): Promise<void> {
    await this.#status.ask((status) => status.fault(slave, fault));
  }

  /**
   * Has the master hold every phase of every op (`on`), lets the oldest held one go (`next`), or all of them (`off`). What is
   * held is in every snapshot.
   * @throws RingkvError BAD_REQUEST when there is nothing to let go
   */
  async step(mode: StepMode): Promise<void> {
    await this.#status.ask((status) => status.step(mode));
  }

  /**
   * What happens, for as long as the loop goes on: snapshots, events, gaps, and how the connection to the master fares. It ends
   * with the cluster.
   */
  events(options: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<WatchItem, undefined> {
    const signals = [this.#closed.signal, ...(options.signal === undefined ? [] : [options.signal])];
    return watchStatus({ ...this.statusAddress, transport: this.transport, signal: AbortSignal.any(signals) });
  }

  /**
   * Waits until the cluster is as it should be; looks whenever the feed tells of something.
   *
   * @param withinMs default 10,000
   * @returns the first snapshot for which the condition holds
   * @throws RingkvError TIMEOUT that tells the last state in words; UNAVAILABLE when the cluster is closed meanwhile
   */
  until(
    condition: (snapshot: Snapshot) => boolean,
    { withinMs = UNTIL_MS }: { readonly withinMs?: number } = {},
  ): Promise<Snapshot> {
    return until({
      condition,
      withinMs,
      watch: (signal) => this.events({ signal }),
      snapshot: (signal) => this.#status.ask((status) => status.snapshot({ signal })),
      signal: this.#closed.signal,
    });
  }

  /** Checks the history so far, by values and by versions. */
  check(): HistoryCheck {
    return checkHistory(this.history);
  }

  /** Fails where the history so far is not linearizable. @throws AssertionError that describes what was found */
  assertLinearizable(): void {
    assertLinearizable(this.history);
  }

  /** Closes the clients, stops the daemons and removes temporary data. Any number of calls; nothing is left afterwards. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#closed.abort(new RingkvError("UNAVAILABLE", "The cluster was closed."));
    await Promise.all([...this.#clients].map((client) => client.close()));
    await this.#status.close();
    await this.#deployment.close();
  }

  #isWhole({ info, slaves }: Snapshot): boolean {
    return info.ringComplete && slaves.every(({ state, supervised }) => state === "up" && supervised);
  }

  /** Nothing more will come about by itself: who is not up is down, paused, or dying. */
  #isServing({ info, slaves }: Snapshot): boolean {
    const running = new Set(
      this.#deployment.supervisor.slaves.filter(({ state }) => state === "up").map(({ id }) => id),
    );
    return (
      info.ringComplete &&
      slaves.every(({ id, state, supervised }) => supervised && (state === "up" || !running.has(id)))
    );
  }
}
