import type { MasterCore } from "../../core/master.js";
import type { Failure } from "../../core/result.js";
import { ERRORS, RingkvError } from "../../protocol/errors.js";
import { idOfUpdate } from "../../protocol/hot-lines.js";
import { LIMITS } from "../../protocol/limits.js";
import type { ClientRequest, RequestId } from "../../protocol/messages.js";
import type { RefusalCounts } from "../ports/refusal-counts.js";
import type { RequestMeter } from "../status/request-meter.js";
import { type Answers, type Body, answerLine } from "./answers.js";
import type { Intake } from "./intake.js";
import type { LoadGate } from "./load-gate.js";

/**
 * What an answer at once needs of the master around it. Reads that the cache answers, and refusals while there is too much to do,
 * are told in the moment in which they are read, mostly with a line that is there already, and take no place among what is under way.
 */
export interface AtOnceHost {
  readonly core: MasterCore;
  readonly meter: RequestMeter;
  readonly gate: LoadGate;
  readonly refusals: RefusalCounts;
  /** True once the master has begun to stop: new requests are refused. */
  readonly stopping: boolean;
}

/**
 * Answers the plainest of all requests without reading it: `{"type":"getreq","key":"KEY"}` of a cached key that was told before and
 * that JSON writes as it is. What stands in KEY's place is that key and can be no other; false for every other line.
 */
export function tellKnown(host: AtOnceHost, line: string, answers: Answers): boolean {
  if (!line.startsWith(PLAIN_GET) || host.stopping || !answers.canTell(undefined)) return false;
  const startedMs = host.meter.hitBegins();
  const hit = host.core.hit(line.slice(PLAIN_GET.length, -PLAIN_GET_END.length));
  if (hit?.value.answer === undefined || !line.endsWith(PLAIN_GET_END)) return false;
  answers.tell(undefined, hit.value.answer);
  host.core.answeredWith(hit);
  host.meter.hitEnded(startedMs);
  return true;
}

const PLAIN_GET = '{"type":"getreq","key":"';
const PLAIN_GET_END = '"}';

/** Answers a read from the cache before anything is set up for it; false where it must take the long way. */
export function tellHit({ core, meter, stopping }: AtOnceHost, { key, id }: GetRequest, answers: Answers): boolean {
  if (stopping || !answers.canTell(id)) return false;
  const startedMs = meter.hitBegins();
  const hit = core.hit(key);
  if (hit === undefined) return false;
  const { value } = hit;
  const line = value.answer ?? answerLine({ key: hit.key, value: value.value, opId: value.opId });
  answers.tell(id, line);
  if (line.length <= LIMITS.keptAnswerCharsMax && isPlain(hit.key)) value.answer = line;
  core.answeredWith(hit);
  meter.hitEnded(startedMs);
  return true;
}

type GetRequest = Extract<ClientRequest, { type: "getreq" }>;

/** JSON writes this text as it is, between quotes. */
function isPlain(text: string): boolean {
  return JSON.stringify(text).length === text.length + 2;
}

/** While no update may begin, most are refused without being read; false for a line that must be. */
export function refuseUnread({ gate, refusals, stopping }: AtOnceHost, line: string, answers: Answers): boolean {
  if (stopping || !gate.isFull) return false;
  const id = idOfUpdate(line);
  if (id === undefined) return false;
  gate.refused();
  refusals.count("busy");
  answers.tell(id, BUSY_LINE);
  return true;
}

/** Refuses a request that was read. */
export function tellBusy(id: RequestId | undefined, intake: Intake, answers: Answers): void {
  if (answers.canTell(id)) answers.tell(id, BUSY_LINE);
  else {
    intake.begun(0);
    answers.slot(id, 0).fill(BUSY_LINE);
  }
}

/** Why a request failed, as its client is told. */
export function failureOf({ code, message }: Failure | RingkvError): Body {
  return { code, message, retriable: ERRORS[code].retriable };
}

/** The whole of such an answer. */
export function failureLine(failure: Failure | RingkvError): string {
  return answerLine(failureOf(failure));
}

/** Made once, since it is told most when there is least time. */
const BUSY_LINE = failureLine(
  new RingkvError("OVERLOADED", "The master has more under way than it can answer soon; nothing was begun."),
);
