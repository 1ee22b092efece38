import type { SlaveId } from "../../src/protocol/ids.js";
import type { OpId } from "../../src/protocol/ids.js";
import { RingkvError } from "../../src/protocol/errors.js";
import type { CacheView, LoggedLine, Snapshot } from "../../src/protocol/messages.js";
import { FakeCluster } from "../repl/fake-cluster.js";

/** Sequences that act on terminals, logs and pages where they are let. */
export const HOSTILE = [
  "\u001b[2J\u001b[H",
  "\u001b]0;title\u0007",
  "\u001bP+q544e\u001b\\",
  "\u009b31m",
  "\r overwritten",
  "\u0000\u0008\u007f",
  "two\nlines",
  "\u2028\u2029",
  "\u202eright to left\u2066",
  "\ud800",
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "</style></title>",
  "ok 1 - forged\nnot ok 2 # SKIP",
].join("|");

/** A cluster where every text that someone else has chosen is hostile. */
export class HostileCluster extends FakeCluster {
  constructor() {
    super();
    this.data.set(HOSTILE, HOSTILE);
    this.data.set("city", HOSTILE);
    this.stale.add("city");
  }

  override async snapshot(): Promise<Snapshot> {
    return hostileSnapshot(await super.snapshot());
  }

  override logs(): ReturnType<FakeCluster["logs"]> {
    return Promise.resolve([...HOSTILE_LINES]);
  }

  override async cache(...[node, options]: Parameters<FakeCluster["cache"]>): Promise<CacheView> {
    const view = await super.cache(node, options);
    return {
      ...view,
      contents: view.contents.map((set) => ({ ...set, entries: [{ key: HOSTILE, referenced: true }, ...set.entries] })),
    };
  }

  override process(): Promise<string> {
    return Promise.reject(new RingkvError("STORAGE", HOSTILE));
  }

  override fault(): Promise<string> {
    return Promise.resolve(HOSTILE);
  }

  override step(): Promise<string> {
    return Promise.resolve(HOSTILE);
  }
}

const HOSTILE_LINES: readonly LoggedLine[] = [
  { time: 0, level: "info", text: HOSTILE },
  { time: 8.64e15, slave: "10" as SlaveId, level: "error", text: HOSTILE },
];

/** The same cluster, with other people's words in it. */
export function hostileSnapshot(snapshot: Snapshot): Snapshot {
  return {
    ...snapshot,
    info: { ...snapshot.info, version: HOSTILE, hash: HOSTILE, client: { host: HOSTILE, port: 1 } },
    slaves: snapshot.slaves.map((slave) => ({ ...slave, host: HOSTILE })),
    logs: [...HOSTILE_LINES],
    unresolved: [{ opId: "1.9" as OpId, kind: "put", key: HOSTILE, state: "in-doubt", waitingFor: ["20" as SlaveId] }],
  };
}
