import type { Versioned } from "../../src/core/store.js";
import type { Epoch, OpId, SlaveId } from "../../src/protocol/ids.js";
import { LIMITS } from "../../src/protocol/limits.js";
import type { RegisterRequest, ToSlave, Unresolved } from "../../src/protocol/messages.js";
import { MasterFailpoints, killOwnProcess } from "../../src/server/failpoints.js";
import { LinkFaults } from "../../src/server/master/link-faults.js";
import { type LinkMessage, SlaveLink } from "../../src/server/master/slave-link.js";
import { StepMode } from "../../src/server/master/step-mode.js";
import { tcpTransport } from "../../src/transport/tcp.js";
import { deferred } from "../transport/recorder.js";

const LISTING = 0;
/** The test is one master, also where it links to a copy of the slave's disk in an epoch of its own. */
const MASTER_ID = "power-loss";

/** A slave that has welcomed us as its master: the real link, and what a master asks first. */
export class AdmittedSlave {
  readonly epoch: Epoch;
  readonly registration: RegisterRequest;
  readonly report: readonly Unresolved[];
  /** Rejects when the link is gone. */
  readonly lost: Promise<never>;
  /** Who hears the everyday messages. */
  onMessage: (message: LinkMessage) => void = () => undefined;
  readonly #link: SlaveLink;

  private constructor(
    link: SlaveLink,
    known: Pick<AdmittedSlave, "epoch" | "registration" | "report" | "lost">,
    hook: { onMessage: (message: LinkMessage) => void },
  ) {
    this.#link = link;
    this.epoch = known.epoch;
    this.registration = known.registration;
    this.report = known.report;
    this.lost = known.lost;
    hook.onMessage = (message) => this.onMessage(message);
  }

  /** Links to a slave that has registered; rejects when it refuses. */
  static async admit(registration: RegisterRequest, epoch: Epoch): Promise<AdmittedSlave> {
    const reported = deferred<readonly Unresolved[]>();
    let lose: (reason: Error) => void = () => undefined;
    const lost = new Promise<never>((_, reject) => (lose = reject));
    lost.catch(() => undefined);
    const hook: Pick<AdmittedSlave, "onMessage"> = { onMessage: () => undefined };
    const { slaveId, storeId, port } = registration;
    const link = await SlaveLink.open(
      {
        transport: tcpTransport,
        address: { host: "127.0.0.1", port },
        epoch,
        masterId: MASTER_ID,
        slaveId,
        storeId,
        failpoints: new MasterFailpoints(killOwnProcess),
        faults: faultless(),
      },
      {
        onReport: (_, report) => reported.resolve(report),
        onMessage: (message) => hook.onMessage(message),
        onFenced: () => undefined,
        onClose: (reason) => lose(new Error(`the link is gone: ${reason}`)),
      },
    );
    const report = await Promise.race([reported.promise, lost]);
    return new AdmittedSlave(link, { epoch, registration, report, lost }, hook);
  }

  send(message: ToSlave): void {
    this.#link.send(message);
  }

  /** Drops the link. */
  leave(): void {
    this.#link.close("the test is through with it");
  }

  /** Decides all that was reported, and waits for the acks. */
  async resolve(decisionOf: (opId: OpId) => "commit" | "abort"): Promise<void> {
    const waiting = new Set(this.report.map(({ opId }) => opId));
    if (waiting.size === 0) return;
    const done = deferred<undefined>();
    this.onMessage = (message) => {
      if (message.type === "ack") waiting.delete(message.opId);
      if (waiting.size === 0) done.resolve(undefined);
    };
    for (const { opId } of this.report) this.send({ type: decisionOf(opId), opId });
    await Promise.race([done.promise, this.lost]);
  }

  /** Reads these keys, and all others that the slave lists. */
  async readAll(keys: Iterable<string>): Promise<Map<string, Versioned>> {
    const read = new Map<string, Versioned>();
    const asked: string[] = [];
    const done = deferred<undefined>();
    let answers = 0;
    const ask = (key: string) => {
      asked.push(key);
      this.send({ type: "getreq", id: asked.length, key });
    };
    this.onMessage = (message) => {
      if (message.type !== "resp") return;
      answers += 1;
      if (message.id === LISTING) for (const key of message.keys ?? []) if (!asked.includes(key)) ask(key);
      const key = asked[message.id - 1];
      const { value, opId } = message;
      if (key !== undefined && value !== undefined && opId !== undefined) read.set(key, { value, opId });
      if (answers > asked.length) done.resolve(undefined);
    };
    for (const key of keys) ask(key);
    this.send({ type: "keysreq", id: LISTING, prefix: "", after: "", limit: LIMITS.keysPageMax });
    await Promise.race([done.promise, this.lost]);
    return read;
  }
}

/** Nothing goes wrong on the link, but what the test itself does. */
function faultless(): LinkFaults {
  const nothing = () => undefined;
  const nameOf = (slave: SlaveId) => slave;
  const stepMode = new StepMode({ find: nothing, nameOf, onChange: nothing });
  return new LinkFaults({ stepMode, nameOf, log: nothing, cut: nothing, onChange: nothing });
}
