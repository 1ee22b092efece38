import { z } from "zod";
import { ERROR_CODES, RingkvError } from "./errors.js";
import { type Epoch, type OpId, type SlaveId, parseEpoch, parseOpId, parseSlaveId } from "./ids.js";
import { LIMITS } from "./limits.js";
import { nestsDeeperThan } from "./nesting.js";
import { fitsUtf8 } from "./text.js";

/**
 * Every message of ringkv, once: the schemas here are the source of the types, of the validation at each boundary, and of
 * the field tables in docs/protocol.md (written by test/protocol/reference.test.ts, which also checks every example there).
 *
 * Unknown fields are ignored, unknown types refused. 64-bit numbers are decimal strings.
 */

// ---- fields ---------------------------------------------------------------------------------------------------------

/** A field that parses to a branded string, refused with BAD_REQUEST where `parse` gives nothing. */
function parsed<Value extends string>(what: string, parse: (text: string) => Value | undefined) {
  return z.string().transform((text, context): Value => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: `must be ${what}` });
    return z.NEVER;
  });
}

/** The same for a field that is taken as it stands: a check is cheaper than a transform, and nearly every message has one. */
function branded<Value extends string>(what: string, parse: (text: string) => Value | undefined) {
  return z.string().refine((text): text is Value => parse(text) !== undefined, `must be ${what}`);
}

const slaveId = parsed<SlaveId>("a 64-bit decimal", parseSlaveId);
const epoch = branded<Epoch>("a 64-bit unsigned decimal", parseEpoch);
const opId = branded<OpId>("an op ID, `epoch.seq`", parseOpId);

/** A check whose failure has an error code of its own. */
function coded(code: (typeof ERROR_CODES)[number], test: (text: string) => boolean) {
  return z.refine<string>(test, { params: { code }, abort: true });
}

const wellFormed = z.refine<string>((text) => text.isWellFormed(), {
  message: "must be valid Unicode (it has a lone surrogate)",
  abort: true,
});

const key = z.string().check(
  wellFormed,
  coded("KEY_EMPTY", (text) => text.length > 0),
  coded("KEY_TOO_LONG", (text) => fitsUtf8(text, LIMITS.keyBytesMax)),
);
const value = z.string().check(
  wellFormed,
  coded("VALUE_TOO_LONG", (text) => fitsUtf8(text, LIMITS.valueBytesMax)),
);
const keyPrefix = z.string().check(
  wellFormed,
  coded("KEY_TOO_LONG", (text) => fitsUtf8(text, LIMITS.keyBytesMax)),
);

const requestId = z.union([z.string().max(LIMITS.requestIdCharsMax).check(wellFormed), z.number().int()]);
const linkRequestId = z.number().int().nonnegative();
const count = z.number().int().nonnegative();
const port = z.number().int().min(1).max(65_535);
const errorCode = z.enum(ERROR_CODES);
const replicas = z.tuple([slaveId, slaveId]);
const hash = z.string().describe("the key's place on the ring, a 64-bit unsigned decimal");
const keyRange = {
  after: keyPrefix.default(""),
  limit: z.number().int().min(1).max(LIMITS.keysPageMax).default(LIMITS.keysPageMax),
};
const keysPage = { prefix: keyPrefix.default(""), ...keyRange };

/** A point at which a process dies, such as `after:force-prepared`; `#2` is its second passing. */
export const failpoint = z.string().regex(/^(?:before|after):[a-z-]{1,40}(?:#[1-9][0-9]{0,8})?$/, {
  message: "must be before:STEP or after:STEP, with #N for the Nth passing",
});

/**
 * What goes wrong between the master and a slave, by the master's own hooks. As on a real wire nothing is lost from the middle
 * of a connection: what is dropped is the rest of it, and it is cut when the fault ends.
 */
export const linkFault = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("none") }),
  z.object({
    kind: z.literal("delay").describe("the master hears everything that the slave sends on the link later, in order"),
    ms: z.number().int().min(1).max(60_000),
  }),
  z.object({
    kind: z.literal("drop").describe("a silent wire: nothing arrives any more, and no connection is closed"),
    from: z
      .enum(["prepare", "vote", "decision", "ack"])
      .optional()
      .describe("the message that is lost first; left out: from now on"),
  }),
  z.object({
    kind: z.literal("partition").describe("connections are cut, and new ones too, as soon as they are made"),
  }),
]);
export type LinkFault = z.output<typeof linkFault>;

/** What a slave's store holds, for comparing two copies. */
export const copy = z.object({
  key: z.string(),
  opId: opId.describe("the version"),
  digest: z.string().describe("xxHash64 of the value's UTF-8, 16 hex digits"),
});
export type Copy = z.output<typeof copy>;
const copiesPage = {
  copies: z.array(copy).describe("in the order of their keys' UTF-8 bytes"),
  more: z.boolean().describe("more follow: ask again with `after` set to the last key"),
};

// ---- client → master ------------------------------------------------------------------------------------------------

const clientId = { id: requestId.optional() };

export const getRequest = z.object({ type: z.literal("getreq"), ...clientId, key });
export const putRequest = z.object({ type: z.literal("putreq"), ...clientId, key, value });
export const delRequest = z.object({ type: z.literal("delreq"), ...clientId, key });
export const keysRequest = z.object({ type: z.literal("keysreq"), ...clientId, ...keysPage });
export const whereRequest = z.object({ type: z.literal("wherereq"), ...clientId, key });
export const pingRequest = z.object({ type: z.literal("ping"), ...clientId });
export const infoRequest = z.object({ type: z.literal("inforeq"), ...clientId });
export const authRequest = z.object({
  type: z.literal("auth"),
  ...clientId,
  token: z.string().max(LIMITS.tokenCharsMax).optional().describe("left out: by the certificate that was shown"),
});

export const clientRequest = z.discriminatedUnion("type", [
  authRequest,
  getRequest,
  putRequest,
  delRequest,
  keysRequest,
  whereRequest,
  pingRequest,
  infoRequest,
]);
export type ClientRequest = z.output<typeof clientRequest>;
export type ClientRequestInput = z.input<typeof clientRequest>;
export type RequestId = z.output<typeof requestId>;

const address = z.object({ host: z.string(), port });

export const clusterInfo = z.object({
  version: z.string().describe("version of the ringkv package"),
  pid: count.describe("the master's process, on its own machine"),
  epoch,
  hash: z.string(),
  client: address,
  registration: address,
  status: address,
  ringSize: count,
  ringComplete: z.boolean(),
  slaves: z.array(z.object({ id: slaveId, name: z.string(), state: z.string() })).describe("in ring order"),
});
export type ClusterInfo = z.output<typeof clusterInfo>;

/** Which sets of a cache are asked for. */
const cachePage = {
  from: count.default(0).describe("the first set that may be among them"),
  count: z.number().int().min(1).max(LIMITS.cachePageSetsMax).default(16).describe("sets told at most"),
};

/** What a cache is, and what is in some of its sets. */
const cacheState = {
  sets: count,
  ways: count.describe("entries of one set at most"),
  used: count.describe("entries in all its sets"),
  hits: count,
  misses: count,
  evictions: count.optional().describe("left out where it is not known"),
  contents: z
    .array(
      z.object({
        set: count,
        entries: z.array(z.object({ key: z.string(), referenced: z.boolean() })),
        omitted: count.optional().describe("entries at the back that did not fit the answer"),
      }),
    )
    .describe("sets that are not empty, in order; entries front to back: the front is looked at first for eviction"),
  more: z.boolean().describe("sets that are not empty follow: ask again `from` the one after the last"),
};

const failure = {
  code: errorCode.optional().describe("there on failure, and only then"),
  message: z.string().optional(),
  retriable: z.boolean().optional(),
};

export const clientResponse = z.object({
  type: z.literal("resp"),
  ...clientId,
  key: z.string().optional(),
  value: z.string().optional(),
  opId: opId.optional().describe("the version: of the write that was read, or made"),
  keys: z.array(z.string()).optional().describe("in the order of their UTF-8 bytes"),
  more: z.boolean().optional().describe("more keys follow: ask again with `after` set to the last one"),
  hash: hash.optional(),
  set: count.optional().describe("the key's cache set at the master"),
  replicas: replicas.optional().describe("the key's primary and its successor"),
  info: clusterInfo.optional(),
  ...failure,
});
export type ClientResponse = z.output<typeof clientResponse>;

// ---- slave → master, registration port ------------------------------------------------------------------------------

export const logLevel = z.enum(["debug", "info", "warn", "error"]);
export type LogLevel = z.output<typeof logLevel>;

export const registerRequest = z.object({
  type: z.literal("register"),
  slaveId,
  host: z
    .string()
    .max(255)
    .check(wellFormed)
    .optional()
    .describe("where the master reaches the slave; the seen address if left out"),
  port,
  storeId: z.string().min(1).max(64).check(wellFormed).describe("names the slave's store; a new disk has a new one"),
  epochSeen: epoch.describe("the newest epoch that the slave has accepted"),
  pid: count.optional().describe("the slave's process, on its own machine; for people"),
  failpoint: failpoint.optional().describe("the point at which this process will die; for people"),
});
export const heartbeat = z.object({
  type: z.literal("heartbeat"),
  keys: count.optional(),
  cacheHits: count.optional().describe("of the slave's own cache, since it started"),
  cacheMisses: count.optional(),
});
/** The last moment that a Date can be (ECMA-262, 21.4.1.1): a time beyond it would throw wherever it is shown. */
const TIME_MAX = 8.64e15;
export const logLine = z.object({
  type: z.literal("log"),
  time: z.number().min(-TIME_MAX).max(TIME_MAX).describe("ms since 1970, the slave's clock"),
  level: logLevel,
  text: z.string().max(LIMITS.logLineCharsMax).check(wellFormed),
});
export const registrationMessage = z.discriminatedUnion("type", [registerRequest, heartbeat, logLine]);
export type Heartbeat = z.output<typeof heartbeat>;
export type RegistrationMessage = z.output<typeof registrationMessage>;
export type RegisterRequest = z.output<typeof registerRequest>;

export const registerResponse = z.object({ type: z.literal("resp"), epoch: epoch.optional(), ...failure });
export type RegisterResponse = z.output<typeof registerResponse>;

// ---- master → slave, the slave's port -------------------------------------------------------------------------------

const masterId = z.string().regex(/^[\w-]{1,64}$/);

export const hello = z.object({
  type: z.literal("hello"),
  epoch,
  masterId: masterId.describe(
    "names this life of the master: of two that took the same epoch, a slave obeys the first",
  ),
  slaveId,
});
export const preparePut = z.object({ type: z.literal("putreq"), opId, key, value, replicas });
export const prepareDel = z.object({ type: z.literal("delreq"), opId, key, replicas });
export const commit = z.object({ type: z.literal("commit"), opId });
export const abort = z.object({ type: z.literal("abort"), opId });
export const forget = z.object({ type: z.literal("forget"), opId });
export const slaveGet = z.object({ type: z.literal("getreq"), id: linkRequestId, key });
export const slaveKeys = z.object({ type: z.literal("keysreq"), id: linkRequestId, ...keysPage });
export const slaveCache = z.object({ type: z.literal("cachereq"), id: linkRequestId, ...cachePage });
export const slaveCopies = z.object({ type: z.literal("copiesreq"), id: linkRequestId, ...keyRange });
export const slaveFailpoint = z.object({ type: z.literal("failpoint"), id: linkRequestId, point: failpoint });

export const toSlave = z.discriminatedUnion("type", [
  hello,
  preparePut,
  prepareDel,
  commit,
  abort,
  forget,
  slaveGet,
  slaveKeys,
  slaveCache,
  slaveCopies,
  slaveFailpoint,
]);
export type ToSlave = z.output<typeof toSlave>;
export type Prepare = Extract<ToSlave, { type: "putreq" | "delreq" }>;

// ---- slave → master, the slave's port -------------------------------------------------------------------------------

export const participantState = z.enum(["prepared", "committed", "aborted"]);
export type ParticipantState = z.output<typeof participantState>;

export const unresolved = z.object({
  type: z.literal("unresolved"),
  opId,
  kind: z.enum(["put", "del"]),
  key,
  replicas,
  state: participantState,
});
export const welcome = z.object({
  type: z.literal("welcome"),
  epoch,
  slaveId,
  storeId: z.string(),
  newest: opId.describe("the newest op that was ever prepared on this slave's disk, `0.0` for none"),
  keys: count,
});
export const refused = z.object({ type: z.literal("refused"), code: errorCode, message: z.string(), epochSeen: epoch });
export const ready = z.object({ type: z.literal("ready"), opId });
export const voteAbort = z.object({ type: z.literal("abort"), opId, code: errorCode, message: z.string() });
export const ack = z.object({ type: z.literal("ack"), opId });
export const slaveResponse = z.object({
  type: z.literal("resp"),
  id: linkRequestId,
  value: z.string().optional(),
  opId: opId.optional(),
  keys: z.array(z.string()).optional(),
  more: z.boolean().optional(),
  code: errorCode.optional(),
  message: z.string().optional(),
});
export const slaveCacheState = z.object({ type: z.literal("cache"), id: linkRequestId, ...cacheState });
export const slaveCopiesPage = z.object({ type: z.literal("copies"), id: linkRequestId, ...copiesPage });

export const fromSlave = z.discriminatedUnion("type", [
  unresolved,
  welcome,
  refused,
  ready,
  voteAbort,
  ack,
  slaveResponse,
  slaveCacheState,
  slaveCopiesPage,
]);
export type FromSlave = z.output<typeof fromSlave>;
export type Unresolved = z.output<typeof unresolved>;
export type Welcome = z.output<typeof welcome>;

// ---- status port: requests ------------------------------------------------------------------------------------------

const slaveName = z.string().min(1).max(32).check(wellFormed).describe("`s1`, `1` or the full ID");
const processVerb = z.enum(["kill", "start", "restart", "pause", "resume"]);
export type ProcessVerb = z.output<typeof processVerb>;

export const subscribe = z.object({ type: z.literal("subscribe") });
export const statusRequest = z.object({ type: z.literal("statusreq"), ...clientId });
const node = z.string().min(1).max(32).check(wellFormed);
export const cacheRequest = z.object({
  type: z.literal("cachereq"),
  ...clientId,
  node: node.describe("`master`, or a slave: `s1`, `1` or the full ID"),
  ...cachePage,
});
export const logsRequest = z.object({
  type: z.literal("logsreq"),
  ...clientId,
  node: node.optional().describe("as in `cachereq`; left out: all of them, merged"),
  limit: z.number().int().min(1).max(LIMITS.logLinesKept).default(200).describe("the newest lines, at most"),
});
export const processRequest = z.object({
  type: processVerb,
  ...clientId,
  slave: slaveName.describe("`s1`, `1` or the full ID; with `kill` also `master`"),
  point: failpoint
    .optional()
    .describe(
      "with `kill`: dies there and not at once; with `start` and `restart`: the new process does. The words of the step in any order and form",
    ),
});

/** Something of an op that the master holds back in step mode. */
export const heldStep = z.object({
  opId,
  phase: z.enum(["prepare", "vote", "decision", "ack"]),
  slaves: z.array(slaveId).describe("whose message it is"),
});
export type HeldStep = z.output<typeof heldStep>;

export const stepState = z.object({
  on: z.boolean(),
  held: z.array(heldStep).max(64).describe("the oldest first; `next` lets the first one go"),
});
export type StepState = z.output<typeof stepState>;

const stepMode = z.enum(["on", "off", "next"]);
export type StepMode = z.output<typeof stepMode>;

export const faultRequest = z.object({
  type: z.literal("fault"),
  ...clientId,
  slave: slaveName,
  fault: linkFault,
});
export const stepRequest = z.object({ type: z.literal("step"), ...clientId, mode: stepMode });

export const copiesRequest = z.object({
  type: z.literal("copiesreq"),
  ...clientId,
  slave: slaveName,
  ...keyRange,
});
export const supervise = z.object({ type: z.literal("supervise"), slaves: z.array(slaveId).max(LIMITS.slavesMax) });
export const processResult = z.object({ type: z.literal("resp"), id: linkRequestId, ...failure });

export const statusPortRequest = z.discriminatedUnion("type", [
  authRequest,
  subscribe,
  statusRequest,
  cacheRequest,
  logsRequest,
  processRequest,
  faultRequest,
  stepRequest,
  copiesRequest,
  supervise,
  processResult,
]);
export type StatusPortRequest = z.output<typeof statusPortRequest>;

// ---- status port: the feed ------------------------------------------------------------------------------------------

export const slaveState = z.enum(["joining", "up", "suspect", "down"]);
export type SlaveState = z.output<typeof slaveState>;

const voteMs = z.number().describe("ms from PREPARE to its vote: the median of its newest 128");

export const slaveStatus = z.object({
  id: slaveId,
  name: z.string(),
  state: slaveState,
  host: z.string().optional(),
  port: port.optional(),
  pid: count.optional().describe("its process, on its own machine; left out while it is down"),
  supervised: z.boolean(),
  paused: z.boolean().describe("its process was stopped (SIGSTOP) through this master, and not woken yet"),
  share: z.number().describe("the part of the hash space that it owns as primary, 0 to 1"),
  keys: count.describe("keys in its store, as it last told"),
  ops: count.describe("votes and reads that it has answered to this master"),
  voteMs: voteMs.optional(),
  cacheHits: count.describe("of its own cache, as it last told"),
  cacheMisses: count,
  failpoint: failpoint.optional().describe("the point at which its process will die"),
  fault: linkFault.optional().describe("what goes wrong between the master and it; left out for nothing"),
});
export type SlaveStatus = z.output<typeof slaveStatus>;

const updateKind = z.enum(["put", "del"]);

export const unresolvedOp = z.object({
  opId,
  kind: updateKind,
  key: z.string(),
  state: z.enum(["preparing", "in-doubt", "committed", "aborted"]),
  waitingFor: z.array(slaveId).describe("the replicas whose vote, report or ack is missing"),
});
export type UnresolvedOp = z.output<typeof unresolvedOp>;

const percentiles = z.object({ p50: z.number(), p99: z.number() }).describe("ms, of the last 1,024 requests");

/** How often the master refused or ended something to stay within its limits, since it started. */
export const refusals = z.object({
  full: count.describe("connections sent away because their port had no room"),
  introduction: count.describe("connections that did not say in time who they are"),
  line: count.describe("connections on which a line was begun and not ended in time"),
  idle: count.describe("clients that neither asked nor were answered for an hour"),
  unread: count.describe("connections that did not take what was queued for them"),
  memory: count.describe("connections that held most when all of their port held too much"),
  tooLong: count.describe("lines that were longer than a line may be"),
  malformed: count.describe("lines of clients that were no JSON object in valid UTF-8, or nested too deep"),
  key: count.describe("requests whose key was too long"),
  value: count.describe("requests whose value was too long"),
  lockQueue: count.describe("requests refused since as many waited for their key's cache set as may"),
  paused: count.describe("seconds in which a connection was not read, since it had as much under way as it may"),
  flood: count.describe("seconds in which a slave sent too many messages, and was read on in the next"),
  busy: count.describe("requests refused because the master had more under way than it can answer soon"),
  slowSlave: count.describe("updates refused because a replica did not take its messages"),
});
export type Refusals = z.output<typeof refusals>;

export const metrics = z.object({
  gets: count,
  puts: count,
  dels: count,
  errors: count,
  aborts: count,
  cacheHits: count,
  cacheMisses: count,
  evictions: count.describe("entries that had to leave the master's cache for others"),
  inFlight: count,
  unresolved: count,
  getMs: percentiles,
  updateMs: percentiles,
  refusals,
});
export type Metrics = z.output<typeof metrics>;

/** What changes of a slave all the time. */
export const slaveMetrics = z.object({
  id: slaveId,
  keys: count,
  ops: count,
  voteMs: voteMs.optional(),
  cacheHits: count,
  cacheMisses: count,
});
export type SlaveMetrics = z.output<typeof slaveMetrics>;

/** A line of the master's log or of a slave's. */
export const loggedLine = z.object({
  slave: slaveId.optional().describe("left out: the master's own line"),
  time: z.number(),
  level: logLevel,
  text: z.string(),
});
export type LoggedLine = z.output<typeof loggedLine>;

export const snapshot = z.object({
  type: z.literal("snapshot"),
  id: requestId.optional(),
  seq: count.describe("the events that follow start at seq + 1"),
  time: z.number().describe("ms since 1970, the master's clock"),
  info: clusterInfo,
  slaves: z.array(slaveStatus).describe("in ring order"),
  metrics,
  unresolved: z.array(unresolvedOp).describe("the oldest 256; `metrics` has the exact count"),
  logs: z.array(loggedLine).describe("the newest 100 of all, oldest first"),
  step: stepState,
  failpoint: failpoint.optional().describe("the point at which the master's process will die"),
});
export type Snapshot = z.output<typeof snapshot>;

const eventHead = {
  type: z.literal("event"),
  seq: count,
  time: z.number().describe("ms since 1970, the master's clock; of a log line, the clock of who wrote it"),
};

export const statusEvent = z.discriminatedUnion("event", [
  z.object({ ...eventHead, event: z.literal("slave"), slave: slaveStatus }),
  z.object({ ...eventHead, event: z.literal("ring"), complete: z.boolean(), slaves: z.array(slaveStatus) }),
  z.object({
    ...eventHead,
    event: z.literal("op"),
    opId,
    phase: z.enum(["begin", "in-doubt", "vote", "decision", "answered", "ack", "settled"]),
    ms: z.number().describe("ms since the op began, by the master's monotone clock"),
    kind: updateKind,
    key: z.string(),
    hash: hash.optional().describe("at `begin` and `in-doubt`: the key's place on the ring"),
    slave: slaveId.optional().describe("who voted or acked"),
    replicas: replicas.optional().describe("at `begin` and `in-doubt`: the two slaves that hold the key"),
    outcome: z.enum(["commit", "abort"]).optional().describe("the vote or the decision"),
    code: errorCode.optional().describe("at `answered`: why the client was refused; left out on success"),
  }),
  z.object({
    ...eventHead,
    event: z.literal("cache"),
    action: z.enum(["fill", "hit", "miss", "evict"]),
    set: count,
    key: z.string(),
    hash,
  }),
  z.object({
    ...eventHead,
    event: z.literal("log"),
    slave: slaveId.optional().describe("left out: the master's own line"),
    level: logLevel,
    text: z.string(),
  }),
  z.object({ ...eventHead, event: z.literal("step"), step: stepState }),
  z.object({ ...eventHead, event: z.literal("metrics"), metrics, slaves: z.array(slaveMetrics) }),
]);
export type StatusEvent = z.output<typeof statusEvent>;

export const gap = z.object({ type: z.literal("gap"), missed: count.describe("events dropped for this subscriber") });
export type Gap = z.output<typeof gap>;

export const processCommand = z.object({
  type: processVerb,
  id: linkRequestId,
  slaveId,
  point: failpoint.optional().describe("with `start` and `restart`: where the new process dies"),
});
export type ProcessCommand = z.output<typeof processCommand>;

export const failpointCommand = z.object({ type: z.literal("failpoint"), id: linkRequestId, point: failpoint });
export type FailpointCommand = z.output<typeof failpointCommand>;

export const cacheView = z.object({
  type: z.literal("cache"),
  ...clientId,
  node: z.string().describe("`master` or the slave's name, such as `s1`"),
  ...cacheState,
});
export type CacheView = z.output<typeof cacheView>;

export const logLines = z.object({
  type: z.literal("logs"),
  ...clientId,
  lines: z
    .array(loggedLine)
    .describe("oldest first; fewer than asked for where they would be more than 512 KiB of JSON"),
});
export type LogLines = z.output<typeof logLines>;

export const copiesView = z.object({
  type: z.literal("copies"),
  ...clientId,
  node: z.string().describe("the slave's name, such as `s1`"),
  ...copiesPage,
});
export type CopiesView = z.output<typeof copiesView>;

export const statusPortResponse = z.object({ type: z.literal("resp"), ...clientId, ...failure });

export const statusPortMessage = z.union([
  snapshot,
  statusEvent,
  gap,
  cacheView,
  logLines,
  copiesView,
  processCommand,
  failpointCommand,
  statusPortResponse,
]);
export type StatusPortMessage = z.output<typeof statusPortMessage>;

// ---- reading --------------------------------------------------------------------------------------------------------

/**
 * Reads one line as a message of `schema`.
 *
 * @throws RingkvError BAD_FRAME when it is no JSON object or nests too deep; BAD_REQUEST, or the code of the field's own rule, when it is
 *   none of the schema's messages. Its `requestId` is the line's `id`, so that the answer can carry it.
 */
export function decodeMessage<Schema extends z.ZodType>(schema: Schema, line: string): z.output<Schema> {
  const json = parseObject(line);
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const id = requestId.safeParse("id" in json ? json.id : undefined);
  throw new InvalidMessage(issue === undefined ? undefined : toError(issue, json), id.success ? id.data : undefined);
}

/** A message that its schema refused. */
export class InvalidMessage extends RingkvError {
  /** The `id` of the refused message, where it had a valid one. */
  readonly requestId: RequestId | undefined;

  constructor(error: RingkvError = new RingkvError("BAD_REQUEST"), id: RequestId | undefined) {
    super(error.code, error.message);
    this.requestId = id;
  }
}

function parseObject(line: string): object {
  if (nestsDeeperThan(line, LIMITS.nestingMax)) {
    throw new RingkvError("BAD_FRAME", `The line nests deeper than ${LIMITS.nestingMax}.`);
  }
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch (error) {
    throw new RingkvError("BAD_FRAME", "The line is not JSON.", { cause: error });
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new RingkvError("BAD_FRAME", "The line is not a JSON object.");
  }
  return json;
}

function toError(issue: z.core.$ZodIssue, json: object): RingkvError {
  if (issue.code === "custom" && isErrorCode(issue.params?.["code"])) return new RingkvError(issue.params["code"]);
  if (issue.code === "invalid_union" && issue.path.at(-1) === "type") {
    const type = "type" in json && typeof json.type === "string" ? JSON.stringify(json.type.slice(0, 64)) : "none";
    return new RingkvError("BAD_REQUEST", `Unknown message type: ${type}.`);
  }
  return new RingkvError("BAD_REQUEST", `Field \`${issue.path.join(".")}\`: ${issue.message}.`);
}

function isErrorCode(code: unknown): code is (typeof ERROR_CODES)[number] {
  return (ERROR_CODES as readonly unknown[]).includes(code);
}
