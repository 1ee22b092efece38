import { LOCK_QUEUE_FULL } from "../../core/master.js";
import type { Failure } from "../../core/result.js";
import { RingkvError } from "../../protocol/errors.js";
import { encodeSuccess } from "../../protocol/hot-encoding.js";
import { scanClientRequest } from "../../protocol/hot-lines.js";
import { LIMITS } from "../../protocol/limits.js";
import {
  type ClientRequest,
  type ClusterInfo,
  InvalidMessage,
  clientRequest,
  decodeMessage,
} from "../../protocol/messages.js";
import { ownCopy } from "../../protocol/text.js";
import type { Connection, ConnectionHandlers } from "../../transport/transport.js";
import type { MasterFailpoints } from "../failpoints.js";
import type { RefusalCounts } from "../ports/refusal-counts.js";
import { Answers, type Body, type Slot, answerLine } from "./answers.js";
import { type AtOnceHost, failureLine, failureOf, refuseUnread, tellBusy, tellHit, tellKnown } from "./at-once.js";
import { type Frame, Intake } from "./intake.js";
import type { LoadGate } from "./load-gate.js";

/** What the client port needs of the master around it. */
export interface ClientPortHost extends AtOnceHost {
  readonly failpoints: MasterFailpoints;
  readonly view: { info(): ClusterInfo };
}

/**
 * Serves one client. Requests with an `id` are answered as soon as they are done, those without in the order they came; a
 * refused line is answered like a request. A client with too much under way is not read further until it has less.
 */
export function serveClient(host: ClientPortHost, connection: Connection): ConnectionHandlers {
  const intake: Intake = new Intake(connection, (frame) => take(host, intake, answers, frame));
  const answers = new Answers(connection, (bytes) => intake.done(bytes));
  return {
    onFrames: (frames) => intake.push(frames),
    onDrain: () => intake.regulate(),
    onEnd: () => intake.end(),
    onClose() {
      intake.close();
      answers.close();
    },
  };
}

function take(host: ClientPortHost, intake: Intake, answers: Answers, frame: Frame): void {
  if (typeof frame === "string" && (tellKnown(host, frame, answers) || refuseUnread(host, frame, answers))) return;
  let request: ClientRequest;
  try {
    if (typeof frame !== "string") throw frame;
    request = scanClientRequest(frame) ?? decodeMessage(clientRequest, frame);
  } catch (error) {
    if (!(error instanceof RingkvError)) throw error;
    host.refusals.countLine(error);
    if (typeof frame === "string") intake.refused(frame.length);
    intake.begun(0);
    answers.slot(error instanceof InvalidMessage ? error.requestId : undefined, 0).fill(failureLine(error));
    return;
  }
  if (request.type === "getreq" && tellHit(host, request, answers)) return;
  const bytes = bytesOf(request, frame.length, intake);
  if (!host.stopping && !isAdmitted(host.gate, request, bytes)) {
    host.refusals.count("busy");
    tellBusy(request.id, intake, answers);
    return;
  }
  intake.begun(bytes);
  const slot = answers.slot(request.id, bytes);
  if (host.stopping) slot.fill(failureLine(new RingkvError("SHUTTING_DOWN")));
  else handle(host, request, { slot, answers, intake, bytes });
}

/** Whether there is room for a request now; an update that is admitted has begun for the gate. */
function isAdmitted(gate: LoadGate, request: ClientRequest, bytes: number): boolean {
  switch (request.type) {
    case "getreq":
      return gate.admitsRead;
    case "putreq":
    case "delreq":
      return gate.beginUpdate(bytes);
    default:
      return true;
  }
}

/** What a request costs while it is under way, with its answer; of those that are answered at once, the queue tells. */
function bytesOf(request: ClientRequest, lineLength: number, intake: Intake): number {
  switch (request.type) {
    case "getreq":
      return intake.readBytes;
    case "putreq":
    case "delreq":
      return lineLength;
    case "keysreq":
      return LIMITS.keysPageBytesMax;
    default:
      return 0;
  }
}

/** One request on its way. */
interface Visit {
  readonly slot: Slot;
  readonly answers: Answers;
  readonly intake: Intake;
  readonly bytes: number;
}

function handle(host: ClientPortHost, request: ClientRequest, { slot, answers, intake, bytes }: Visit): void {
  const { core, meter, failpoints, gate, refusals } = host;
  switch (request.type) {
    case "getreq": {
      const done = meter.start("get");
      const key = ownCopy(request.key);
      core.get(key, (result) => {
        done(result);
        if (result.ok) intake.wasRead(result.value.length);
        if (result.ok) slot.fill(answerLine({ key, value: result.value, opId: result.opId }));
        else slot.fill(answerLine({ key, ...toldFailure(refusals, result) }));
      });
      return;
    }
    case "putreq":
    case "delreq": {
      const kind = request.type === "putreq" ? "put" : "del";
      const value = request.type === "putreq" ? request.value : undefined;
      const done = meter.start(kind);
      core.update({ kind, key: request.key, value }, (result) => {
        done(result);
        gate.updateEnded(bytes);
        failpoints.armed?.before("answer");
        slot.fill(result.ok ? encodeSuccess(result.opId) : answerLine(toldFailure(refusals, result)));
        failpoints.armed?.after("answer", answers);
      });
      return;
    }
    case "keysreq":
      core.keys(request, (result) =>
        slot.fill(result.ok ? answerLine({ keys: result.keys, more: result.more }) : failureLine(result)),
      );
      return;
    case "wherereq": {
      const place = core.locate(request.key);
      if (place === undefined) slot.fill(failureLine(new RingkvError("RING_INCOMPLETE")));
      else {
        const { hash, set, replicas } = place;
        slot.fill(answerLine({ key: request.key, hash: hash.toString(), set, replicas: [...replicas] }));
      }
      return;
    }
    case "auth":
      slot.fill(failureLine(new RingkvError("BAD_REQUEST", "`auth` is the first message of a connection, or none.")));
      return;
    case "ping":
      slot.fill(answerLine({ message: "pong" }));
      return;
    case "inforeq":
      slot.fill(answerLine({ info: host.view.info() }));
  }
}

function toldFailure(refusals: RefusalCounts, result: Failure): Body {
  if (result === LOCK_QUEUE_FULL) refusals.count("lockQueue");
  return failureOf(result);
}
