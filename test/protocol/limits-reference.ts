/** What docs/operations.md says of each limit; the limits themselves are in src/protocol/limits.ts. */
import type { ErrorCode } from "../../src/protocol/errors.js";
import type { Refusals } from "../../src/protocol/messages.js";
import { LIMITS } from "../../src/protocol/limits.js";

export interface LimitRow {
  readonly what: string;
  /** What happens beyond it. */
  readonly beyond: string;
  /** What the peer is told. */
  readonly code?: ErrorCode;
  /** Where the status feed counts it, in `metrics.refusals`. */
  readonly counter?: keyof Refusals;
}

export interface LimitGroup {
  readonly title: string;
  readonly rows: Readonly<Record<string, LimitRow>>;
}

const PAUSED = "it is not read further until there is less";
const CUT = "the page ends, and the next one follows on request";

export const LIMIT_GROUPS: readonly LimitGroup[] = [
  {
    title: "A message",
    rows: {
      frameBytesMax: {
        what: "a line from a client, a watcher or an admin",
        beyond: "skipped to its end without being kept",
        code: "FRAME_TOO_LARGE",
        counter: "tooLong",
      },
      linkFrameBytesMax: {
        what: "a line between ringkv's own processes",
        beyond: "the same; counted at the master's ports only",
        code: "FRAME_TOO_LARGE",
        counter: "tooLong",
      },
      nestingMax: {
        what: "objects and arrays inside one another",
        beyond: "refused before it is parsed",
        code: "BAD_FRAME",
        counter: "malformed",
      },
      keyBytesMax: { what: "a key, in UTF-8", beyond: "refused", code: "KEY_TOO_LONG", counter: "key" },
      valueBytesMax: { what: "a value, in UTF-8", beyond: "refused", code: "VALUE_TOO_LONG", counter: "value" },
      requestIdCharsMax: { what: "a request's `id`", beyond: "refused", code: "BAD_REQUEST" },
      tokenCharsMax: { what: "a token", beyond: "refused", code: "UNAUTHORIZED" },
    },
  },
  {
    title: "A connection",
    rows: {
      requestsInFlightMax: {
        what: "a client's requests under way; an admin's answers that are owed",
        beyond: "a client is not read further until there are fewer; an admin is refused",
        code: "OVERLOADED",
        counter: "paused",
      },
      requestsInFlightBytesMax: {
        what: "those requests and their answers",
        beyond: PAUSED,
        counter: "paused",
      },
      writeQueueBytesMax: {
        what: "answers that were not taken",
        beyond: PAUSED,
        counter: "paused",
      },
      subscriberQueueBytesMax: {
        what: "events that a watcher has not taken",
        beyond: "events are left out, and a `gap` says how many; whoever has shown no token is dropped",
      },
      lineWithinMs: {
        what: "from a line's first byte to its end",
        beyond: "told, and sent away",
        code: "TIMEOUT",
        counter: "line",
      },
      skippedChunkMs: {
        what: "for a chunk (64 KiB) of a line that is too long",
        beyond: "it is the time in which one is read, no more",
      },
      refusedCharsFree: {
        what: "a refused line for which its sender does not wait",
        beyond: "he is not read for a while",
        counter: "paused",
      },
      refusedCharsPerSecond: {
        what: "characters of a longer one, for a second of that while",
        beyond: "the while is as long as the line, at this rate",
      },
      introductionWithinMs: {
        what: "until a slave or a master has said who it is, or a client has shown its token",
        beyond: "told, and sent away; without a token as UNAUTHORIZED, with a line in the log",
        code: "TIMEOUT",
        counter: "introduction",
      },
      clientIdleMs: { what: "a client's silence", beyond: "its connection ends", counter: "idle" },
      clientUnreadMs: { what: "a client takes nothing of its answers", beyond: "dropped", counter: "unread" },
      watcherUnreadMs: { what: "the same of a watcher or an admin", beyond: "dropped", counter: "unread" },
      leaveWithinMs: { what: "who was sent away takes the last answers", beyond: "dropped" },
      registrationMessagesPerSecondMax: {
        what: "messages of a slave on its registration, a second",
        beyond: "read on in the next second",
        counter: "flood",
      },
    },
  },
  {
    title: "A port",
    rows: {
      clientConnectionsMax: {
        what: "connections of the client port",
        beyond: "the oldest that has said nothing makes room; else the newcomer is told, and sent away",
        code: "OVERLOADED",
        counter: "full",
      },
      statusConnectionsMax: {
        what: "connections of the status port",
        beyond: "the same",
        code: "OVERLOADED",
        counter: "full",
      },
      registrationConnectionsSpare: {
        what: "connections of the registration port beyond two for each slave",
        beyond: "the same",
        code: "OVERLOADED",
        counter: "full",
      },
      slaveConnectionsMax: {
        what: "connections of a slave's own port",
        beyond: "the same; not counted",
        code: "OVERLOADED",
      },
      leavingConnectionsMax: {
        what: "connections of a port that were sent away and are still there",
        beyond: "the oldest is dropped",
      },
      portBytesMax: {
        what: "begun lines and answers not taken, of all connections of a port",
        beyond: "who holds most is dropped",
        counter: "memory",
      },
      filesReserved: {
        what: "file descriptors that the client port leaves to the rest of the master",
        beyond: "the client port has fewer connections",
        code: "OVERLOADED",
        counter: "full",
      },
    },
  },
  {
    title: "The master",
    rows: {
      requestsUnderWayAtFirst: {
        what: "requests under way before the master knows its own speed",
        beyond: "refused at once",
        code: "OVERLOADED",
        counter: "busy",
      },
      requestsUnderWayMin: {
        what: "the same, however slow it finds itself to be",
        beyond: "refused at once",
        code: "OVERLOADED",
        counter: "busy",
      },
      requestsUnderWayMax: {
        what: "the same, however fast; reads go on up to twice of either, and without end where the cache answers",
        beyond: "refused at once",
        code: "OVERLOADED",
        counter: "busy",
      },
      updateBytesMax: {
        what: "all updates under way",
        beyond: "refused at once",
        code: "OVERLOADED",
        counter: "busy",
      },
      lockQueueMax: {
        what: "requests that wait for the lock of one cache set",
        beyond: "refused at once",
        code: "OVERLOADED",
        counter: "lockQueue",
      },
      linkQueueBytesMax: {
        what: "messages that a slave has not taken",
        beyond: "updates of its keys are refused",
        code: "OVERLOADED",
        counter: "slowSlave",
      },
      slavesMax: { what: "slaves of a ring", beyond: "no such ring is made" },
      cachedValueBytesMax: { what: "a value in a cache", beyond: "stored, but not cached" },
      keptAnswerCharsMax: { what: "a cached value's answer, kept as it is sent", beyond: "made anew for each read" },
    },
  },
  {
    title: "A slave",
    rows: {
      storeBacklogBytesMax: {
        what: "committed writes that its store has not taken",
        beyond: "it votes abort until the store has caught up",
        code: "OVERLOADED",
      },
      stepLinesPerIntervalMax: {
        what: "lines of a log about one kind of thing in 250 ms",
        beyond: "the rest is told as a number",
      },
    },
  },
  {
    title: "What is told",
    rows: {
      keysPageMax: { what: "keys of a page", beyond: "refused", code: "BAD_REQUEST" },
      keysPageBytesMax: { what: "the same, as JSON", beyond: CUT },
      copiesValueBytesMax: { what: "values read for a page of a slave's copies", beyond: CUT },
      cachePageSetsMax: { what: "sets of a page of a cache", beyond: "refused", code: "BAD_REQUEST" },
      cachePageBytesMax: { what: "keys of such a page, as JSON", beyond: CUT },
      tracedPerSecondMax: {
        what: "events of updates and of the cache, a second",
        beyond: "counted in the metrics only",
      },
      feedBatchCharsMax: { what: "events that wait for company", beyond: "they leave at once" },
      feedItemsMax: {
        what: "events that wait in the client library for its program",
        beyond: "left out, and a `gap` says how many",
      },
      clientCallsWaitingMax: {
        what: "calls that wait in the client library for a connection",
        beyond: "refused at once",
        code: "OVERLOADED",
      },
      logLinesKept: {
        what: "log lines kept of each process",
        beyond: "the oldest go; whoever asks for more is refused",
        code: "BAD_REQUEST",
      },
      logLineCharsMax: { what: "a log line", beyond: "cut" },
      logsBytesMax: { what: "log lines of an answer, as JSON", beyond: "the newest are told" },
      snapshotLogLines: { what: "log lines of a snapshot", beyond: "the newest are told" },
      snapshotLogsBytesMax: { what: "the same, as JSON", beyond: "the newest are told" },
      snapshotUnresolvedMax: { what: "unresolved updates of a snapshot", beyond: "the oldest are told" },
    },
  },
];

/** The generated part of docs/operations.md. */
export function renderLimits(): string {
  return LIMIT_GROUPS.flatMap(({ title, rows }) => [
    `| ${title} | limit | beyond it | code | counter |`,
    "|---|---:|---|---|---|",
    ...Object.entries(rows).map(([name, { what, beyond, code, counter }]) => {
      const told = counter === undefined ? "" : `\`${counter}\``;
      return `| ${what} | ${humanLimit(name)} | ${beyond} | ${code ?? ""} | ${told} |`;
    }),
    "",
  ]).join("\n");
}

/** A limit with its unit, which its name tells. */
export function humanLimit(name: string): string {
  const value = new Map<string, number>(Object.entries(LIMITS)).get(name) ?? Number.NaN;
  if (/Bytes/.test(name)) return bytes(value);
  if (name.endsWith("Ms")) return time(value);
  return name.includes("Chars") ? `${value.toLocaleString("en-US")} characters` : value.toLocaleString("en-US");
}

function bytes(value: number): string {
  for (const [unit, size] of [
    ["MiB", 1_048_576],
    ["KiB", 1_024],
  ] as const) {
    if (value >= size && value % size === 0) return `${(value / size).toLocaleString("en-US")} ${unit}`;
  }
  return `${value.toLocaleString("en-US")} B`;
}

function time(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds % 3_600 === 0) return `${seconds / 3_600} h`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}
