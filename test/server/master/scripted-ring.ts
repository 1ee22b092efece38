import { EPOCH_NONE, type Epoch, OP_NONE, type OpId, type SlaveId } from "../../../src/protocol/ids.js";
import { type FromSlave, type ToSlave, decodeMessage, toSlave } from "../../../src/protocol/messages.js";
import type { RingkvError } from "../../../src/protocol/errors.js";
import { MasterFailpoints, killOwnProcess } from "../../../src/server/failpoints.js";
import { Master } from "../../../src/server/master/master.js";
import type { MasterRecord } from "../../../src/server/master/ring-record.js";
import { MemoryTransport } from "../../../src/transport/memory.js";
import { FakeConnection } from "../fake-connection.js";

/** A slave as a test plays it: what its disk has seen, and how it answers a hello. */
export interface ScriptedSlave {
  readonly id: string;
  readonly epochSeen?: string;
  /** What its welcome tells. */
  readonly newest?: string;
  /** It obeys another master, of this epoch. */
  readonly refusesIn?: string;
  /** How it answers anything else. */
  readonly answer?: (message: ToSlave) => FromSlave | undefined;
  /** Where its process will die. */
  readonly failpoint?: string;
}

export type Save = (record: MasterRecord) => Promise<void>;

/** The shipped master of two slaves in epoch 5, over a network in memory, with slaves that a test plays. */
export class ScriptedRing {
  readonly master: Master;
  readonly saved: MasterRecord[] = [];
  readonly fatal: RingkvError[] = [];
  readonly log: string[] = [];
  readonly #transport = new MemoryTransport();

  /** @param save how a record is written; at once and without fail if left out */
  constructor(members: MasterRecord["members"], save: Save = () => Promise.resolve()) {
    this.master = new Master({
      slaves: 2,
      cacheSets: 4,
      cacheWays: 2,
      prepareTimeoutMs: 2_000,
      readTimeoutMs: 1_000,
      heartbeatIntervalMs: 500,
      heartbeatTimeoutMs: 3_000,
      hash: "xxh64",
      serial: false,
      record: { epoch: "5" as Epoch, members },
      masterId: "scripted",
      save: (record) => {
        this.saved.push(record);
        return save(record);
      },
      failpoints: new MasterFailpoints(killOwnProcess),
      transport: this.#transport,
      log: (_, text) => this.log.push(text),
      version: "0.0.0",
      onFatal: (error) => this.fatal.push(error),
    });
  }

  /** The slave registers and the master connects to it. @throws RingkvError when the registration is refused */
  async register(slave: ScriptedSlave): Promise<FakeConnection> {
    const { id, epochSeen = EPOCH_NONE, failpoint } = slave;
    const storeId = storeOf(id);
    const slaveId = id as SlaveId;
    const listener = await this.#transport.listen(
      { host: "127.0.0.1", port: 0, frameBytesMax: 1_024 },
      (connection) => ({
        onFrames(frames) {
          for (const frame of frames) {
            const message = decodeMessage(toSlave, typeof frame === "string" ? frame : "");
            const answer = message.type === "hello" ? answerOf(slave, message.epoch) : slave.answer?.(message);
            if (answer !== undefined) connection.send(answer);
          }
        },
        onClose: () => undefined,
      }),
    );
    const { port } = listener.address;
    const registration = new FakeConnection();
    this.master.register(
      { type: "register", slaveId, port, storeId, epochSeen: epochSeen as Epoch, host: "127.0.0.1", failpoint },
      registration,
    );
    await this.master.link(slaveId, registration);
    return registration;
  }

  isLinked(id: string): boolean {
    return this.master.core.isLinked(id as SlaveId);
  }
}

/** Resolves as soon as the condition holds; it is asked again after every turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

/** A member as the record has it. */
export function member(id: string, epoch: string): MasterRecord["members"][number] {
  return { slaveId: id as SlaveId, storeId: storeOf(id), epoch: epoch as Epoch };
}

function answerOf({ id, newest = OP_NONE, refusesIn }: ScriptedSlave, epoch: Epoch): FromSlave {
  return refusesIn === undefined
    ? { type: "welcome", epoch, slaveId: id as SlaveId, storeId: storeOf(id), newest: newest as OpId, keys: 0 }
    : { type: "refused", code: "STALE_EPOCH", message: "another master", epochSeen: refusesIn as Epoch };
}

function storeOf(id: string): string {
  return `store of ${id}`;
}
