import { z } from "zod";
import { ERRORS } from "../../src/protocol/errors.js";
import * as messages from "../../src/protocol/messages.js";
import { RefusalCounts } from "../../src/server/ports/refusal-counts.js";

/** One message in docs/protocol.md: the fields come from its schema, the rest is told here. */
export interface MessageReference {
  readonly schema: z.ZodType;
  readonly says: string;
  readonly example: string;
}

export interface ChannelReference {
  readonly title: string;
  readonly intro: string;
  /** The union that the receiver decodes with: every member of it must be told below. */
  readonly union: z.ZodType;
  readonly messages: readonly MessageReference[];
}

const S1 = "4611686018427387903";
const S2 = "9223372036854775807";

const status = {
  id: S1,
  name: "s1",
  state: "up",
  host: "127.0.0.1",
  port: 40123,
  supervised: true,
  paused: false,
  share: 0.25,
  keys: 12,
  ops: 31,
  voteMs: 0.42,
  cacheHits: 20,
  cacheMisses: 3,
};
const metrics = {
  gets: 10,
  puts: 4,
  dels: 0,
  errors: 0,
  aborts: 0,
  cacheHits: 8,
  cacheMisses: 2,
  evictions: 0,
  inFlight: 0,
  unresolved: 0,
  getMs: { p50: 0.1, p99: 0.4 },
  updateMs: { p50: 0.8, p99: 2.1 },
  refusals: new RefusalCounts().figures,
};
const slaveMetrics = { id: S1, keys: 12, ops: 31, voteMs: 0.42, cacheHits: 20, cacheMisses: 3 };
const cache = {
  sets: 4096,
  ways: 4,
  used: 1,
  hits: 8,
  misses: 2,
  evictions: 0,
  contents: [
    {
      set: 3991,
      entries: [{ key: "city", referenced: true }],
    },
  ],
  more: false,
};
const copies = {
  copies: [{ key: "city", opId: "3.17", digest: "e87a0fec4a9d2ff9" }],
  more: false,
};
const info = {
  version: "0.1.0",
  pid: 4711,
  epoch: "3",
  hash: "xxh64",
  client: { host: "127.0.0.1", port: 8080 },
  registration: { host: "127.0.0.1", port: 9090 },
  status: { host: "127.0.0.1", port: 8081 },
  ringSize: 4,
  ringComplete: true,
  slaves: [{ id: S1, name: "s1", state: "up" }],
};
const line = (message: object) => JSON.stringify(message);
const event = (body: object) => line({ type: "event", seq: 42, time: 1780000000000, ...body });
const eventSchema = (name: messages.StatusEvent["event"]) => {
  const found = messages.statusEvent.options.find((option) => option.shape.event.value === name);
  if (found === undefined) throw new Error(`no event ${name}`);
  return found;
};

export const CHANNELS: readonly ChannelReference[] = [
  {
    title: "Client → master, client port (8080)",
    intro:
      "Requests with an `id` may be answered out of order, those without are answered in the order sent. Requests of one connection on one key take effect in the order sent. Every answer is a `resp`.",
    union: messages.clientRequest,
    messages: [
      {
        schema: messages.authRequest,
        says: "The first message, or none: shows a token, or, without one, asks whether one is let in. Needed where the master asks for tokens and no certificate lets in; until then everything else is answered with UNAUTHORIZED. A wrong token ends the connection. Answered with the message `Welcome`, also where nobody asks.",
        example: line({ type: "auth", id: 0, token: "8f2c…" }),
      },
      {
        schema: messages.getRequest,
        says: "Reads a key. Answered with `value` and `opId`, the version of the write that was read, or with KEY_NOT_FOUND.",
        example: line({ type: "getreq", id: 1, key: "city" }),
      },
      {
        schema: messages.putRequest,
        says: "Writes a key. Success means: forced on the disks of both replicas.",
        example: line({ type: "putreq", id: 2, key: "city", value: "Paris" }),
      },
      {
        schema: messages.delRequest,
        says: "Deletes a key; KEY_NOT_FOUND when it does not exist.",
        example: line({ type: "delreq", id: 3, key: "city" }),
      },
      {
        schema: messages.keysRequest,
        says: "Lists keys in the order of their UTF-8 bytes, a page at a time: while `more` is true, ask again with `after` set to the last key. It is a listing, not a snapshot.",
        example: line({ type: "keysreq", id: 4, prefix: "user:", after: "", limit: 100 }),
      },
      {
        schema: messages.whereRequest,
        says: "Tells a key's hash, its cache set at the master and its two replicas, whether the key exists or not.",
        example: line({ type: "wherereq", id: 5, key: "city" }),
      },
      {
        schema: messages.pingRequest,
        says: "Answered with the message `pong`.",
        example: line({ type: "ping", id: 6 }),
      },
      {
        schema: messages.infoRequest,
        says: "Answered with `info`: version, epoch, ring, and the addresses of all three ports, so that one address is enough for a tool.",
        example: line({ type: "inforeq", id: 7 }),
      },
    ],
  },
  {
    title: "Master → client, client port",
    intro: "",
    union: messages.clientResponse,
    messages: [
      {
        schema: messages.clientResponse,
        says: "The answer to any request. A failure has `code` (see the table of error codes), a `message` for people, and `retriable`: the request certainly had no effect and may succeed later.",
        example: line({ type: "resp", id: 1, key: "city", value: "Paris", opId: "3.17" }),
      },
    ],
  },
  {
    title: "Slave → master, registration port (9090)",
    intro:
      "A slave opens one connection, registers, and keeps it for its heartbeats and log lines. When it closes, the slave counts as down. The master then connects to the slave's own port.",
    union: messages.registrationMessage,
    messages: [
      {
        schema: messages.registerRequest,
        says: "The first message. Refused with DUPLICATE_ID, RING_FULL, UNAUTHORIZED (over TLS: the certificate is for another slave) or STORAGE (the ring knows another store under this ID, or a newer epoch for it: the disk is an old copy).",
        example: line({ type: "register", slaveId: S1, port: 40123, storeId: "V1StGXR8Z5jdHi6B", epochSeen: "2" }),
      },
      {
        schema: messages.heartbeat,
        says: "Sent every 500 ms; after 3 missed ones the slave is suspect, after 3 s of silence it is down.",
        example: line({ type: "heartbeat", keys: 12, cacheHits: 20, cacheMisses: 3 }),
      },
      {
        schema: messages.logLine,
        says: "A line of the slave's log, for the status feed.",
        example: line({ type: "log", time: 1780000000000, level: "info", text: "registered with the master" }),
      },
    ],
  },
  {
    title: "Master → slave, registration port",
    intro: "",
    union: messages.registerResponse,
    messages: [
      {
        schema: messages.registerResponse,
        says: "The answer to `register`. A second one, always with a `code`, may follow when the slave's report is in: STORAGE for an old copy of its disk.",
        example: line({ type: "resp", epoch: "3", message: `Successfully registered ${S1}@127.0.0.1:40123` }),
      },
    ],
  },
  {
    title: "Master → slave, the slave's port",
    intro:
      "One connection, opened by the master and kept. Each direction is first in, first out, and the protocol relies on it. A slave obeys one master connection at a time: the newest with an accepted `hello`.",
    union: messages.toSlave,
    messages: [
      {
        schema: messages.hello,
        says: "The first message. The slave forces the epoch to its log, then answers with one `unresolved` for each of its open ops and with `welcome`; or with `refused`.",
        example: line({ type: "hello", epoch: "3", masterId: "Uakgb_J5m9g-0JDMbcJqL", slaveId: S1 }),
      },
      {
        schema: messages.preparePut,
        says: "PREPARE of a put. Answered by `ready`, after the record PREPARED is forced, or by `abort`.",
        example: line({ type: "putreq", opId: "3.17", key: "city", value: "Paris", replicas: [S1, S2] }),
      },
      {
        schema: messages.prepareDel,
        says: "PREPARE of a del.",
        example: line({ type: "delreq", opId: "3.18", key: "city", replicas: [S1, S2] }),
      },
      {
        schema: messages.commit,
        says: "The decision. The write is applied at once; `ack` follows when COMMITTED is on disk.",
        example: line({ type: "commit", opId: "3.17" }),
      },
      {
        schema: messages.abort,
        says: "The decision. `ack` follows when ABORTED is on disk, or at once when the slave has no record of the op.",
        example: line({ type: "abort", opId: "3.18" }),
      },
      {
        schema: messages.forget,
        says: "Both replicas have acknowledged: the slave need not remember the outcome any more. Not answered.",
        example: line({ type: "forget", opId: "3.17" }),
      },
      {
        schema: messages.slaveGet,
        says: "Reads a key; answered by `resp` with the same `id`.",
        example: line({ type: "getreq", id: 0, key: "city" }),
      },
      {
        schema: messages.slaveKeys,
        says: "Lists keys of this slave's store.",
        example: line({ type: "keysreq", id: 1, prefix: "", after: "", limit: 1000 }),
      },
      {
        schema: messages.slaveCache,
        says: "Reads a page of the slave's own cache; answered by `cache` with the same `id`.",
        example: line({ type: "cachereq", id: 2, from: 0, count: 16 }),
      },
      {
        schema: messages.slaveCopies,
        says: "Lists what is in the slave's store, with versions and digests; answered by `copies` with the same `id`.",
        example: line({ type: "copiesreq", id: 3, after: "", limit: 1000 }),
      },
      {
        schema: messages.slaveFailpoint,
        says: "The slave is to die at this point. Answered by `resp` with the same `id` when it is armed, or with BAD_REQUEST.",
        example: line({ type: "failpoint", id: 4, point: "after:force-prepared" }),
      },
    ],
  },
  {
    title: "Slave → master, the slave's port",
    intro: "",
    union: messages.fromSlave,
    messages: [
      {
        schema: messages.unresolved,
        says: "Part of the report: one op that is not settled everywhere, with what this slave's disk says about it.",
        example: line({
          type: "unresolved",
          opId: "2.9",
          kind: "put",
          key: "city",
          replicas: [S1, S2],
          state: "prepared",
        }),
      },
      {
        schema: messages.welcome,
        says: "The end of the report: the epoch is on disk, and no older master is obeyed any more.",
        example: line({
          type: "welcome",
          epoch: "3",
          slaveId: S1,
          storeId: "V1StGXR8Z5jdHi6B",
          newest: "2.9",
          keys: 12,
        }),
      },
      {
        schema: messages.refused,
        says: "The hello is refused, with STALE_EPOCH (the slave has accepted a newer epoch, or another master of this one) or since another slave was meant, or with UNAUTHORIZED since the peer has shown no master's certificate; the connection closes.",
        example: line({ type: "refused", code: "STALE_EPOCH", message: "Epoch 2 is older than 3.", epochSeen: "3" }),
      },
      {
        schema: messages.ready,
        says: "The vote yes: PREPARED is forced.",
        example: line({ type: "ready", opId: "3.17" }),
      },
      {
        schema: messages.voteAbort,
        says: "The vote no: this slave has no record of the op and never will.",
        example: line({ type: "abort", opId: "3.18", code: "KEY_NOT_FOUND", message: "Key does not exist" }),
      },
      {
        schema: messages.ack,
        says: "The decision is on this slave's disk.",
        example: line({ type: "ack", opId: "3.17" }),
      },
      {
        schema: messages.slaveResponse,
        says: "The answer to `getreq`, `keysreq` or `failpoint`, and to any question that failed.",
        example: line({ type: "resp", id: 0, value: "Paris", opId: "3.17" }),
      },
      {
        schema: messages.slaveCacheState,
        says: "The answer to `cachereq`. Values are not told.",
        example: line({ type: "cache", id: 2, ...cache }),
      },
      {
        schema: messages.slaveCopiesPage,
        says: "The answer to `copiesreq`.",
        example: line({ type: "copies", id: 3, ...copies }),
      },
    ],
  },
  {
    title: "Watcher, admin, supervisor → master, status port (8081)",
    intro: "A supervisor (inside `ringkv up`) is a client of this port too; it executes what admins ask for.",
    union: messages.statusPortRequest,
    messages: [
      {
        schema: messages.authRequest,
        says: "As on the client port; this port takes the admin's token.",
        example: line({ type: "auth", id: 0, token: "8f2c…" }),
      },
      {
        schema: messages.subscribe,
        says: "Answered with one `snapshot`, then with every `event` from there on.",
        example: line({ type: "subscribe" }),
      },
      {
        schema: messages.statusRequest,
        says: "Answered with one `snapshot`.",
        example: line({ type: "statusreq", id: 1 }),
      },
      {
        schema: messages.cacheRequest,
        says: "Answered with one `cache`: the first `count` sets of the node's cache that are not empty, from set `from` on. BAD_REQUEST for an unknown node; REPLICA_DOWN when the slave is down, TIMEOUT when it does not answer in time.",
        example: line({ type: "cachereq", id: 3, node: "s1", from: 0, count: 16 }),
      },
      {
        schema: messages.logsRequest,
        says: "Answered with one `logs`. The master keeps the newest 2,000 lines of each node.",
        example: line({ type: "logsreq", id: 4, node: "s1", limit: 200 }),
      },
      {
        schema: messages.processRequest,
        says: "`kill` (a real SIGKILL), `start`, `restart`, `pause` (SIGSTOP) or `resume` (SIGCONT) a slave. Answered by `resp` when it has happened and the ring has noticed; NOT_SUPERVISED when no supervisor keeps it. With a `point`: see [Faults on command](#faults-on-command). The master can be killed, too.",
        example: line({ type: "kill", id: 2, slave: "s1" }),
      },
      {
        schema: messages.faultRequest,
        says: "From now on this goes wrong between the master and the slave, in place of what did; `none` ends it. Answered by `resp` at once.",
        example: line({ type: "fault", id: 5, slave: "s1", fault: { kind: "drop", from: "vote" } }),
      },
      {
        schema: messages.stepRequest,
        says: "Step mode: `on` holds every phase of every op at the master, `next` lets the oldest held one go, `off` all of them. Answered by `resp`, whose message tells what went and what is held; BAD_REQUEST when `next` finds nothing.",
        example: line({ type: "step", id: 6, mode: "next" }),
      },
      {
        schema: messages.copiesRequest,
        says: "Answered with one `copies`: what is in the slave's store, in the order of the keys; while `more` is true, ask again with `after` set to the last key. BAD_REQUEST for an unknown slave; REPLICA_DOWN when it is down, TIMEOUT when it does not answer in time.",
        example: line({ type: "copiesreq", id: 7, slave: "s1", after: "", limit: 1000 }),
      },
      {
        schema: messages.supervise,
        says: "This connection is the supervisor of these slaves.",
        example: line({ type: "supervise", slaves: [S1, S2] }),
      },
      {
        schema: messages.processResult,
        says: "The supervisor's answer to a process command.",
        example: line({ type: "resp", id: 0, message: "s1 killed" }),
      },
    ],
  },
  {
    title: "Master → watcher, admin, supervisor, status port",
    intro:
      "Events are numbered by `seq` without holes. Under load only some ops and cache accesses are told, each op with all its phases or none; the counters in `metrics` stay exact.",
    union: messages.statusPortMessage,
    messages: [
      {
        schema: messages.snapshot,
        says: "Everything at one moment.",
        example: line({
          type: "snapshot",
          seq: 41,
          time: 1780000000000,
          info,
          slaves: [status],
          metrics,
          unresolved: [{ opId: "3.17", kind: "put", key: "city", state: "committed", waitingFor: [S2] }],
          logs: [{ slave: S1, time: 1780000000000, level: "info", text: "registered with the master" }],
          step: { on: false, held: [] },
        }),
      },
      {
        schema: eventSchema("slave"),
        says: "A slave's state changed, or what goes wrong with it on purpose.",
        example: event({ event: "slave", slave: status }),
      },
      {
        schema: eventSchema("ring"),
        says: "The ring is complete.",
        example: event({ event: "ring", complete: true, slaves: [status] }),
      },
      {
        schema: eventSchema("op"),
        says: "A phase of an update. `in-doubt` instead of `begin`: a new master has taken it over from an older epoch, and a replica must report before it is decided. `answered`: the client was told; on a commit that is at the decision, on an abort when its truth is certain, and of an op that was taken over no client is told.",
        example: event({
          event: "op",
          opId: "3.17",
          phase: "vote",
          ms: 0.612,
          kind: "put",
          key: "city",
          slave: S1,
          outcome: "commit",
        }),
      },
      {
        schema: eventSchema("cache"),
        says: "An access to the master's cache.",
        example: event({ event: "cache", action: "fill", set: 3991, key: "city", hash: "1486215111341481879" }),
      },
      {
        schema: eventSchema("log"),
        says: "A line of a slave's log, or of the master's own.",
        example: event({ event: "log", slave: S1, level: "info", text: "registered with the master" }),
      },
      {
        schema: eventSchema("step"),
        says: "Step mode was switched, or something is held now, or is not any more.",
        example: event({
          event: "step",
          step: { on: true, held: [{ opId: "3.17", phase: "prepare", slaves: [S1, S2] }] },
        }),
      },
      {
        schema: eventSchema("metrics"),
        says: "The counters, every 250 ms while someone watches, and what changes of the slaves all the time.",
        example: event({ event: "metrics", metrics, slaves: [slaveMetrics] }),
      },
      {
        schema: messages.gap,
        says: "This subscriber did not read fast enough, and this many events were not sent to it.",
        example: line({ type: "gap", missed: 120 }),
      },
      {
        schema: messages.cacheView,
        says: "The answer to `cachereq`. Values are not told.",
        example: line({ type: "cache", id: 3, node: "s1", ...cache }),
      },
      {
        schema: messages.logLines,
        says: "The answer to `logsreq`.",
        example: line({
          type: "logs",
          id: 4,
          lines: [
            { slave: S1, time: 1780000000000, level: "info", text: 'PREPARE 3.17 put "city" (5 bytes): vote yes' },
          ],
        }),
      },
      {
        schema: messages.copiesView,
        says: "The answer to `copiesreq`.",
        example: line({ type: "copies", id: 7, node: "s1", ...copies }),
      },
      {
        schema: messages.processCommand,
        says: "To a supervisor: do this to a slave, and answer with a `resp` of the same `id`.",
        example: line({ type: "kill", id: 0, slaveId: S1 }),
      },
      {
        schema: messages.failpointCommand,
        says: "To a supervisor: the next master dies at this point; answer with a `resp` of the same `id`.",
        example: line({ type: "failpoint", id: 1, point: "before:save-epoch" }),
      },
      {
        schema: messages.statusPortResponse,
        says: "The answer to `kill` and the like, `fault` and `step`, or to a line that was refused.",
        example: line({ type: "resp", id: 2, message: "s1 killed" }),
      },
    ],
  },
];

/** The generated part of docs/protocol.md. */
export function renderReference(): string {
  return [...CHANNELS.flatMap(renderChannel), ...renderErrors()].join("\n");
}

function renderChannel({ title, intro, messages }: ChannelReference): string[] {
  const body = messages.flatMap(({ schema, says, example }) => [
    `### ${headingOf(schema)}`,
    "",
    says,
    "",
    ...renderFields(schema),
    "```json",
    example,
    "```",
    "",
  ]);
  return [`## ${title}`, "", ...(intro === "" ? [] : [intro, ""]), ...body];
}

interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as JsonSchema;
}

function headingOf(schema: z.ZodType): string {
  const { type, event } = jsonSchemaOf(schema).properties ?? {};
  const names = type?.const === undefined ? (type?.enum ?? []) : [type.const];
  return `${names.map((name) => `\`${String(name)}\``).join(", ")}${event === undefined ? "" : ` \`${String(event.const)}\``}`;
}

function renderFields(schema: z.ZodType): string[] {
  const { properties = {}, required = [] } = jsonSchemaOf(schema);
  const rows = Object.entries(properties)
    .filter(([name]) => name !== "type" && name !== "event")
    .map(([name, field]) => {
      const presence = required.includes(name) ? "" : field.default === undefined ? "optional" : "";
      const fallback = field.default === undefined ? "" : `default ${JSON.stringify(field.default)}`;
      const notes = [presence, fallback, field.description ?? ""].filter((note) => note !== "").join("; ");
      return `| \`${name}\` | ${typeOf(field)} | ${notes} |`;
    });
  return rows.length === 0 ? [] : ["| field | type | notes |", "|---|---|---|", ...rows, ""];
}

function typeOf(field: JsonSchema): string {
  if (field.const !== undefined) return `\`${JSON.stringify(field.const)}\``;
  if (field.enum !== undefined) {
    const codes = field.enum.length > 8;
    return codes ? "error code" : field.enum.map((value) => `\`${String(value)}\``).join(" ");
  }
  if (field.anyOf !== undefined) return field.anyOf.map(typeOf).join(" or ");
  if (field.type === "array") return field.items === undefined ? "array" : `array of ${typeOf(field.items)}`;
  if (field.type === "object" && field.properties !== undefined) {
    return `object { ${Object.keys(field.properties).join(", ")} }`;
  }
  return field.type ?? "any";
}

function renderErrors(): string[] {
  const rows = Object.entries(ERRORS).map(
    ([code, { retriable, meaning }]) => `| ${code} | ${retriable ? "yes" : "no"} | ${meaning} |`,
  );
  return ["## Error codes", "", "| code | retriable | meaning |", "|---|---|---|", ...rows, ""];
}
