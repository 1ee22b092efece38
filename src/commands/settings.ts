import { availableParallelism } from "node:os";
import type { Distribution, Mix } from "../bench/load/workload.js";
import type { Setting } from "../config.js";
import { type SlaveId, parseSlaveId } from "../protocol/ids.js";
import { DEFAULTS, LIMITS } from "../protocol/limits.js";
import { THEME_NAMES } from "../tui/screen/theme.js";

/**
 * The settings of all commands. A setting means the same wherever it appears, so one table holds them all; this module
 * stays free of heavy imports, for `--help` reads it.
 */

interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** Where a daemon listens. */
export const LISTEN = {
  host: text("address to listen on", DEFAULTS.host),
};

export const MASTER_PORTS = {
  clientPort: port("port for clients (0: any free one)", DEFAULTS.clientPort),
  registrationPort: port("port where slaves register", DEFAULTS.registrationPort),
  statusPort: port("port for status and admin requests", DEFAULTS.statusPort),
};

export const CACHE = {
  cacheSets: whole("sets of the cache", DEFAULTS.cacheSets, { min: 1, max: 1_048_576 }),
  cacheWays: whole("entries in each set", DEFAULTS.cacheWays, { min: 1, max: 1_024 }),
};

const SLAVES = whole("slaves in the ring", DEFAULTS.slaves, { min: 2, max: LIMITS.slavesMax });

export const PROTOCOL = {
  prepareTimeoutMs: whole("a vote that takes longer counts as an abort, in ms", DEFAULTS.prepareTimeoutMs, {
    min: 1,
    max: 600_000,
  }),
  readTimeoutMs: whole("a read that takes a slave longer goes to the other replica, in ms", DEFAULTS.readTimeoutMs, {
    min: 1,
    max: 600_000,
  }),
  heartbeatIntervalMs: whole("a slave's heartbeat, in ms", DEFAULTS.heartbeatIntervalMs, { min: 10, max: 600_000 }),
  heartbeatTimeoutMs: whole("a slave that is silent for longer counts as down, in ms", DEFAULTS.heartbeatTimeoutMs, {
    min: 10,
    max: 600_000,
  }),
  hash: choice("hash function of the ring", ["xxh64", "poly31"]),
  serial: flag("run one update at a time, as the course's coordinator does"),
};

/** How a client speaks with a master, and shows who it is. */
export const SECURITY = {
  tls: optional(
    "speak TLS: directory with ca.crt, and admin or client .crt and .key (`ringkv certs` makes it)",
    nonEmpty,
    "a path",
  ),
  tokenFile: optional("file with the token to show; RINGKV_CLIENT_TOKEN holds one itself", nonEmpty, "a path"),
};

/** How a daemon is protected. */
const PROTECTION = {
  tls: optional(
    "speak TLS only: directory with ca.crt, and the daemon's own .crt and .key (`ringkv certs` makes it)",
    nonEmpty,
    "a path",
  ),
  insecure: flag("listen where other machines reach it, though anybody may then do anything"),
};

/** What a master asks for. */
export const MASTER_TOKENS = {
  clientTokenFile: optional("file with the token that clients show; or RINGKV_CLIENT_TOKEN", nonEmpty, "a path"),
  adminTokenFile: optional(
    "file with the token that the status port asks for; or RINGKV_ADMIN_TOKEN",
    nonEmpty,
    "a path",
  ),
};

export const CONNECT = {
  connect: hostAndPort("the master's client address", `${DEFAULTS.host}:${DEFAULTS.clientPort.toString()}`),
  ...SECURITY,
};

/** How the REPL answers. */
export const REPL = {
  ...CONNECT,
  eval: optional("run these statements (one a line, or with ; between) and leave", nonEmpty, "statements"),
  json: flag("answer each statement with one JSON object a line"),
  raw: flag("values as they are, without colour and times, on a terminal too"),
};

export const JSON_OUTPUT = { json: flag("print JSON") };

/** The orphan guard: set by the supervisor for the daemons it starts. */
export const SUPERVISED = { supervised: { ...flag("stop when standard input ends"), hidden: true as const } };

export const MASTER = {
  ...LISTEN,
  ...MASTER_PORTS,
  slaves: SLAVES,
  ...PROTOCOL,
  ...CACHE,
  data: text("data directory of the master", "./.ringkv/master"),
  ...MASTER_TOKENS,
  ...PROTECTION,
  ...SUPERVISED,
};

/** Size of a log segment, and how much log is worth a checkpoint at most; small ones let tests see many of both. */
const SEGMENT_BYTES = {
  ...whole("bytes of a segment of the slave's log", DEFAULTS.segmentBytes, { min: 8_192, max: 1_073_741_824 }),
  hidden: true as const,
};

export const SLAVE = {
  id: optional("the slave's 64-bit ID: its place on the ring", parseSlaveId, "a 64-bit decimal"),
  master: hostAndPort("the master's registration address", `${DEFAULTS.host}:${DEFAULTS.registrationPort.toString()}`),
  ...LISTEN,
  advertise: optional("host under which the master reaches this slave", nonEmpty, "a host name or address"),
  data: optional("data directory of this slave", nonEmpty, "a path"),
  ...CACHE,
  heartbeatIntervalMs: PROTOCOL.heartbeatIntervalMs,
  ...PROTECTION,
  segmentBytes: SEGMENT_BYTES,
  ...SUPERVISED,
};

/** How the monitor looks. */
export const SCREEN = {
  theme: choice("colours of the monitor", THEME_NAMES),
  ascii: flag("no character of the monitor beyond ASCII"),
};

export const MONITOR = {
  ...CONNECT,
  ...SCREEN,
  once: flag("print one frame as plain text and leave"),
  ...JSON_OUTPUT,
};

export const UP = {
  /** Undefined when it was not said: the data directory knows, or the default is right. */
  slaves: { ...SLAVES, fallback: undefined } satisfies Setting<number | undefined>,
  ids: optional("the slaves' IDs, separated by commas, instead of an even spread", idList, "64-bit decimals"),
  data: text("data directory of the whole cluster", "./.ringkv"),
  plain: flag("a line prompt on a terminal instead of the monitor"),
  ...SCREEN,
  headless: flag("no prompt: print one JSON line when ready, run until SIGTERM or SIGINT"),
  restart: flag("start a slave again when its process dies"),
  ...LISTEN,
  ...MASTER_PORTS,
  ...MASTER_TOKENS,
  ...PROTECTION,
  ...PROTOCOL,
  ...CACHE,
};

export const CERTS = {
  slaves: UP.slaves,
  ids: UP.ids,
  hosts: optional(
    "names and addresses of the master besides localhost, with commas",
    hostList,
    "host names or addresses",
  ),
  days: whole("how long the certificates hold, in days", 365, { min: 1, max: 3_650 }),
};

export const BENCH = {
  connect: {
    ...CONNECT.connect,
    describe: "the master's client address; the cluster runs on this machine if its processes are to be told",
  },
  ...SECURITY,
  up: flag("start a temporary cluster if none listens there"),
  slaves: numbers("start a temporary cluster with so many slaves; one for each number", undefined, {
    min: 2,
    max: LIMITS.slavesMax,
  }),
  mix: words<Mix>(
    "puts, gets, or YCSB's mixes a (half puts), b (5 % puts), c (gets)",
    ["put", "get", "a", "b", "c"],
    ["put", "get"],
  ),
  clients: numbers("connections to measure with", [1, 64], { min: 1, max: 4_096 }),
  depth: numbers("requests in flight on each connection", [1], { min: 1, max: LIMITS.requestsInFlightMax }),
  rate: optional(
    "requests a second, whatever is answered (open loop); each answer makes room for the next if left out",
    wholeNumberUpTo(10_000_000),
    "a whole number",
  ),
  valueBytes: numbers("bytes of a value", [100], { min: 0, max: LIMITS.valueBytesMax }),
  keys: numbers("keys that the load is spread over", [10_000], { min: 1, max: 10_000_000 }),
  distribution: words<Distribution>("how keys are chosen", ["uniform", "zipfian"], ["uniform"]),
  seconds: decimal("how long each load is measured, in s", 2, { min: 0.1, max: 3_600 }),
  warmupSeconds: decimal("how long each load runs before that, in s", 0.5, { min: 0, max: 3_600 }),
  rounds: whole("how often each load is measured, in turns with the others", 3, { min: 1, max: 1_000 }),
  generators: whole("processes that make the load", Math.max(1, Math.min(4, availableParallelism() >> 2)), {
    min: 1,
    max: 64,
  }),
  compareTls: flag("measure temporary clusters with and without TLS between all parties in turns, and tell the ratio"),
  overload: flag("find the peak, offer 1, 2 and 4 times as much, and tell how much of it is still answered well"),
  profile: flag("one more round, for CPU profiles of a temporary cluster and of the load"),
  plot: flag("draw the cost of an operation by slaves and by keys"),
  out: text("folder for profiles and plots", "./.ringkv/bench"),
  ...JSON_OUTPUT,
};

/** How a scenario file is run. */
export const RUN = {
  connect: optional("run against this cluster, instead of one of its own for each file", parseHostAndPort, "HOST:PORT"),
  ...SECURITY,
  inProcess: flag("run the cluster's daemons in this process, in memory: fast, and nothing to see in `ps`"),
  reporter: optional(
    "tap, spec (for people) or json; spec on a terminal, tap into a pipe if left out",
    (value) => (["tap", "spec", "json"] as const).find((name) => name === value),
    "tap, spec or json",
  ),
  seed: optional(
    "seed of the random numbers in `repeat`; a new one if left out",
    wholeNumberUpTo(2_147_483_647),
    "a whole number",
  ),
  timeoutSeconds: whole("a file that takes longer has failed, in s", 120, { min: 1, max: 86_400 }),
  bail: flag("stop a file at its first failure, and the run at the first file that failed"),
};

export const CHECK = {
  key: optional("check this key alone", nonEmpty, "a key"),
  timeline: optional("where the timeline goes, instead of beside the history", nonEmpty, "a path"),
  ...JSON_OUTPUT,
};

/** The names of all settings, for config files. */
export const SETTING_NAMES: ReadonlySet<string> = new Set(
  [MASTER, SLAVE, UP, REPL, MONITOR, BENCH, CHECK, RUN, CERTS].flatMap((settings) => Object.keys(settings)),
);

function nonEmpty(value: string): string | undefined {
  return value === "" ? undefined : value;
}

function wholeNumberUpTo(max: number): (value: string) => number | undefined {
  return (value) => (/^[0-9]{1,15}$/.test(value) && Number(value) <= max ? Number(value) : undefined);
}

function text(describe: string, fallback: string): Setting<string> {
  return { describe, fallback, fallbackText: fallback, parse: nonEmpty, expected: "given" };
}

function optional<Value>(
  describe: string,
  parse: (value: string) => Value | undefined,
  expected: string,
): Setting<Value | undefined> {
  return { describe, fallback: undefined, parse, expected };
}

function whole(describe: string, fallback: number, range: { readonly min: number; readonly max: number }) {
  const parse = (value: string) => {
    const number = /^[0-9]{1,15}$/.test(value) ? Number(value) : Number.NaN;
    return number >= range.min && number <= range.max ? number : undefined;
  };
  const expected = `a whole number, ${range.min.toString()} to ${range.max.toString()}`;
  return { describe, fallback, fallbackText: fallback.toString(), parse, expected } satisfies Setting<number>;
}

function port(describe: string, fallback: number): Setting<number> {
  return { ...whole(describe, fallback, { min: 0, max: 65_535 }), expected: "a port, 0 to 65535" };
}

function flag(describe: string): Setting<boolean> {
  const values: Readonly<Record<string, boolean>> = { true: true, "1": true, false: false, "0": false };
  return { describe, isSwitch: true, fallback: false, parse: (value) => values[value], expected: "true or false" };
}

function choice<Value extends string>(describe: string, values: readonly [Value, ...Value[]]): Setting<Value> {
  return {
    describe: `${describe}: ${values.join(" or ")}`,
    fallback: values[0],
    fallbackText: values[0],
    parse: (value) => values.find((candidate) => candidate === value),
    expected: values.join(" or "),
  };
}

function hostAndPort(describe: string, fallbackText: string): Setting<HostAndPort> {
  const fallback = parseHostAndPort(fallbackText);
  if (fallback === undefined) throw new TypeError(`${fallbackText} is no address`);
  return { describe, fallback, fallbackText, parse: parseHostAndPort, expected: "HOST:PORT" };
}

/** Reads `host:port` or `[v6 address]:port`. */
function parseHostAndPort(value: string): HostAndPort | undefined {
  const [, v6, host, digits = ""] = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]\s]+)):([0-9]{1,5})$/.exec(value) ?? [];
  const number = Number(digits);
  return digits !== "" && number >= 1 && number <= 65_535 ? { host: v6 ?? host ?? "", port: number } : undefined;
}

/** One number, or several with commas; each once. */
function numbers<Fallback extends readonly number[] | undefined>(
  describe: string,
  fallback: Fallback,
  range: { readonly min: number; readonly max: number },
): Setting<readonly number[] | Fallback> {
  const { parse, expected } = whole(describe, 1, range);
  return { ...list(describe, fallback, parse), expected: `${expected}, or several with commas` };
}

function words<Word extends string>(
  describe: string,
  known: readonly Word[],
  fallback: readonly Word[],
): Setting<readonly Word[]> {
  const setting = list(describe, fallback, (value) => known.find((word) => word === value));
  return { ...setting, expected: `of ${known.join(", ")}, or several with commas` };
}

function list<Value, Fallback extends readonly Value[] | undefined>(
  describe: string,
  fallback: Fallback,
  parse: (text: string) => Value | undefined,
) {
  return {
    describe: `${describe}; several with commas`,
    fallback,
    ...(fallback !== undefined && { fallbackText: fallback.join() }),
    parse: (value: string): readonly Value[] | undefined => {
      const values = [...new Set(value.split(",").map((part) => parse(part.trim())))];
      return values.every((one) => one !== undefined) ? values : undefined;
    },
  };
}

function decimal(describe: string, fallback: number, { min, max }: { readonly min: number; readonly max: number }) {
  const parse = (value: string) => {
    const number = /^[0-9]{1,9}(?:\.[0-9]{1,6})?$/.test(value) ? Number(value) : Number.NaN;
    return number >= min && number <= max ? number : undefined;
  };
  return { describe, fallback, fallbackText: fallback.toString(), parse, expected: `a number, ${min} to ${max}` };
}

function idList(value: string): readonly SlaveId[] | undefined {
  const ids = value.split(",").map((id) => parseSlaveId(id.trim()));
  return ids.every((id) => id !== undefined) ? ids : undefined;
}

/** Nothing but what names and addresses are made of, for they are written into a request for a certificate. */
function hostList(value: string): readonly string[] | undefined {
  const hosts = value.split(",").map((host) => host.trim());
  return hosts.every((host) => /^(?:[\w*](?:[\w.-]{0,251}\w)?|[0-9a-fA-F:.]{2,45})$/.test(host)) ? hosts : undefined;
}
