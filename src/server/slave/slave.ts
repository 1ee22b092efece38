import { HASHES } from "../../core/hash.js";
import { readCopies } from "../../core/copies-page.js";
import { cutToFrame } from "../../core/keys-page.js";
import { SlaveCore } from "../../core/slave.js";
import type { LogRecord, PreparedRecord } from "../../core/log-record.js";
import type { Store } from "../../core/store.js";
import { type ErrorCode, RingkvError } from "../../protocol/errors.js";
import type { SlaveId } from "../../protocol/ids.js";
import { encodeFromSlave } from "../../protocol/hot-encoding.js";
import { scanToSlave } from "../../protocol/hot-lines.js";
import { LIMITS } from "../../protocol/limits.js";
import { type FromSlave, type LogLevel, decodeMessage, toSlave } from "../../protocol/messages.js";
import { MASTER_URI } from "../../protocol/roles.js";
import { isAnyOf } from "../../transport/peer-identity.js";
import type { Address, Connection, ConnectionHandlers, Transport } from "../../transport/transport.js";
import { describePeer } from "../access/refusals.js";
import { turnAway } from "../access/turn-away.js";
import { type SlaveFailpoints, logStep, slaveSend } from "../failpoints.js";
import type { Log } from "../log.js";
import type { Guest } from "../ports/guest.js";
import { Port } from "../ports/port.js";
import type { PortLimits } from "../ports/port-options.js";
import { Checkpoints } from "./checkpoints.js";
import { Registration } from "./registration.js";
import { StepLines } from "./step-lines.js";
import { StoreWithFailpoints } from "./store-with-failpoints.js";

/** The log as a slave uses it; SlaveLog in server/storage is the real one. */
export interface ForcedLog {
  append(record: LogRecord, urgency: "force" | "ride"): number;
  hasRoomFor(record: PreparedRecord): boolean;
  /** Bytes that the next start would have to read. */
  readonly bytesSinceCheckpoint: number;
  checkpoint(carriedOver: () => readonly LogRecord[], forceStore: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** The store as a slave uses it; DiskStore in server/storage is the real one. */
export interface SlaveStore extends Store {
  readonly storeId: string;
  /** Bytes applied and not yet taken by the library below. */
  readonly backlogBytes: number;
  checkpoint(): Promise<void>;
  close(): Promise<void>;
}

/** What a slave is made of; everything that touches the outside is handed in. */
export interface SlaveParts {
  readonly id: SlaveId;
  readonly store: SlaveStore;
  /** This life's own; what it dies by ends this slave and nothing else. */
  readonly failpoints: SlaveFailpoints;
  readonly openLog: (handlers: {
    readonly onDurable: (lsn: number) => void;
    readonly onFailure: (error: RingkvError) => void;
    readonly aroundForce: (side: "before" | "after", group: readonly { readonly record: LogRecord }[]) => void;
  }) => Promise<{ readonly log: ForcedLog; readonly records: Iterable<LogRecord> }>;
  readonly transport: Transport;
  readonly host: string;
  /** Where the master reaches this slave, if not at the address that it sees. */
  readonly advertise: string | undefined;
  readonly master: Address;
  readonly cacheSets: number;
  readonly cacheWays: number;
  readonly heartbeatIntervalMs: number;
  /** A checkpoint is due when the next start would read more of the log than this. */
  readonly checkpointBytes: number;
  readonly log: Log;
  /** It must stop at once: its disk failed, or the master refuses it for good. */
  readonly onFatal: (error: RingkvError) => void;
}

/**
 * A slave around its core: the log and the store below, the port that the master connects to, and the registration above.
 */
export class Slave {
  /** Where the master connects to. */
  readonly address: Address;
  /** Resolves when the master has taken the first registration. */
  readonly registered: Promise<void>;
  readonly core: SlaveCore;
  readonly #parts: SlaveParts;
  readonly #log: ForcedLog;
  readonly #port: Port;
  readonly #registration: Registration;
  readonly #steps: StepLines;

  private constructor(pieces: SlavePieces) {
    this.#parts = pieces.parts;
    this.core = pieces.core;
    this.#log = pieces.log;
    this.#port = pieces.port;
    this.#steps = pieces.steps;
    this.address = pieces.port.address;
    let isRegistered = (): void => undefined;
    this.registered = new Promise((resolve) => {
      isRegistered = resolve;
    });
    this.#registration = this.#register(isRegistered);
  }

  /**
   * Recovers from the log, opens the port and begins to register.
   * @throws RingkvError STORAGE when the log is damaged; the system's error when the port cannot be had
   */
  static async start(parts: SlaveParts): Promise<Slave> {
    const holder: { onDurable: (lsn: number) => void; registration: Registration | undefined } = {
      onDurable: () => undefined,
      registration: undefined,
    };
    const tell = (level: LogLevel, text: string) => holder.registration?.ship(level, text);
    const { failpoints } = parts;
    const { log, records } = await parts.openLog({
      onDurable: (lsn) => holder.onDurable(lsn),
      onFailure: parts.onFatal,
      aroundForce: (side, group) => failpoints.aroundForce(side, group),
    });
    const store = new StoreWithFailpoints(parts.store, failpoints);
    const steps = new StepLines({
      find: (opId) => core.participant.find(opId),
      isHeard: () => holder.registration?.isHeard === true,
      tell,
    });
    const core: SlaveCore = new SlaveCore(
      {
        identity: { slaveId: parts.id, storeId: parts.store.storeId },
        store,
        hash: HASHES.xxh64,
        cacheSets: parts.cacheSets,
        cacheWays: parts.cacheWays,
      },
      records,
      {
        append(record, urgency) {
          failpoints.armed?.before(logStep("append", record));
          const lsn = log.append(record, urgency);
          failpoints.armed?.after(logStep("append", record));
          return lsn;
        },
        refusalOf: (record) => refusalOf(log, parts.store, record),
      },
      steps,
    );
    const checkpoints = new Checkpoints({
      log,
      carriedOver: () => core.participant.carriedOver,
      forceStore: () => parts.store.checkpoint(),
      dueBytes: parts.checkpointBytes,
      tell,
      onFailure: (text) => {
        parts.log("error", text);
        tell("error", text);
      },
    });
    store.isReplaying = false;
    holder.onDurable = (lsn) => {
      core.durable(lsn);
      checkpoints.takeIfDue();
    };

    const port = await Port.open(
      {
        ...parts,
        name: "slave's port",
        port: 0,
        limits: SLAVE_PORT_LIMITS,
        onRefusal: () => undefined,
        log: (level, text) => {
          parts.log(level, text);
          tell(level, text);
        },
      },
      (connection, guest) =>
        isMaster(connection) ? serveMaster(parts, core, connection, guest) : refuseMaster(parts, core, connection),
    );
    const slave = new Slave({ parts, core, log, port, steps });
    holder.registration = slave.#registration;
    return slave;
  }

  /** Leaves the ring, then closes the log and the store with all that was appended and applied. */
  async stop(): Promise<void> {
    this.#steps.close();
    this.#registration.stop();
    await this.#port.close();
    this.#port.dropConnections();
    await this.#log.close();
    await this.#parts.store.close();
  }

  #register(isRegistered: () => void): Registration {
    const { id, advertise, store, master, log, transport, heartbeatIntervalMs, onFatal, failpoints } = this.#parts;
    let recovered: string | undefined = `recovered: ${this.core.participant.openOps.length} ops open`;
    const registration = new Registration({
      transport,
      master,
      heartbeatIntervalMs,
      figures: () => {
        const { hits, misses } = this.core.cacheFigures;
        return { keys: store.size, cacheHits: hits, cacheMisses: misses };
      },
      log,
      onRegistered: () => {
        // No master could hear of it before.
        if (recovered !== undefined) registration.ship("info", recovered);
        recovered = undefined;
        const text = `registered with the master at ${master.host}:${master.port}; ${store.size} keys`;
        log("info", text);
        registration.ship("info", text);
        isRegistered();
      },
      onRefused: onFatal,
      request: () => ({
        slaveId: id,
        ...(advertise !== undefined && { host: advertise }),
        port: this.address.port,
        storeId: store.storeId,
        epochSeen: this.core.participant.epochSeen,
        pid: process.pid,
        ...(failpoints.armed !== undefined && { failpoint: failpoints.armed.spec }),
      }),
    });
    return registration;
  }
}

interface SlavePieces {
  readonly parts: SlaveParts;
  readonly core: SlaveCore;
  readonly log: ForcedLog;
  readonly port: Port;
  readonly steps: StepLines;
}

/** A master says hello at once. Its link is never idle for long, and it reads whatever it asked for. */
const SLAVE_PORT_LIMITS: PortLimits = {
  connectionsMax: LIMITS.slaveConnectionsMax,
  frameBytesMax: LIMITS.linkFrameBytesMax,
  introductionWithinMs: LIMITS.introductionWithinMs,
  unreadMs: LIMITS.clientUnreadMs,
};

/** Why an op cannot be prepared now, or undefined when it can. */
function refusalOf(
  log: ForcedLog,
  store: SlaveStore,
  record: PreparedRecord,
): readonly [ErrorCode, string] | undefined {
  if (!log.hasRoomFor(record)) return ["STORAGE", "The slave's disk has no room for this update."];
  if (store.backlogBytes > LIMITS.storeBacklogBytesMax) return ["OVERLOADED", "The slave's store cannot keep up."];
  return undefined;
}

/** Serves one connection of the slave's port. Whoever does not speak as a master does loses it. */
function serveMaster(parts: SlaveParts, core: SlaveCore, connection: Connection, guest: Guest): ConnectionHandlers {
  const session = core.openSession({
    send(message) {
      if (message.type === "welcome") guest.enter();
      parts.failpoints.armed?.before(slaveSend(message));
      // No client waits for an ack, but that of an abort, and there a moment more does not count.
      if (message.type === "ack") connection.sendLineLater(encodeFromSlave(message));
      else connection.sendLine(encodeFromSlave(message));
      parts.failpoints.armed?.after(slaveSend(message), connection);
    },
    close: () => connection.end(),
    listKeys: ({ id, prefix, after, limit }) =>
      answer(connection, id, async () => {
        const page = cutToFrame(await parts.store.keys({ prefix, after, limit }));
        return { type: "resp", id, ...page };
      }),
    listCopies: ({ id, after, limit }) =>
      answer(connection, id, async () => {
        const page = readCopies(parts.store, await parts.store.keys({ prefix: "", after, limit }));
        return { type: "copies", id, ...page };
      }),
    arm: ({ id, point }) =>
      void answer(connection, id, () => {
        parts.failpoints.arm(point);
        return Promise.resolve({ type: "resp", id });
      }),
  });
  return {
    onFrames(frames) {
      try {
        for (const frame of frames) {
          if (typeof frame !== "string") throw frame;
          session.receive(scanToSlave(frame) ?? decodeMessage(toSlave, frame));
        }
      } catch (error) {
        if (!(error instanceof RingkvError)) throw error;
        parts.log("warn", `${connection.peer.host}:${connection.peer.port} dropped: ${error.code} ${error.message}`);
        connection.destroy();
      }
    },
    onClose: () => session.close(),
  };
}

/** Where there are certificates, a master's shows that it is one; its epoch is looked at later. */
function isMaster({ identity }: Connection): boolean {
  return identity === undefined || isAnyOf(identity, [MASTER_URI]);
}

/** Turns away whoever reaches the slave's port without a master's certificate. */
function refuseMaster(parts: SlaveParts, core: SlaveCore, connection: Connection): ConnectionHandlers {
  parts.log("warn", `${describePeer(connection)} was refused at the slave's port`);
  const message = `This slave takes a certificate for ${MASTER_URI} only.`;
  const { epochSeen } = core.participant;
  return turnAway(connection, { type: "refused", code: "UNAUTHORIZED", message, epochSeen });
}

/** Sends what was asked for, or why it cannot be had. */
async function answer(connection: Connection, id: number, make: () => Promise<FromSlave>): Promise<void> {
  try {
    connection.send(await make());
  } catch (error) {
    if (!(error instanceof RingkvError)) throw error;
    connection.send({ type: "resp", id, code: error.code, message: error.message });
  }
}
