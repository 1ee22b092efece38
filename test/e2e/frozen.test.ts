import t from "tap";
import { RingkvClient } from "../../src/client/client.js";
import type { FeedItem } from "../../src/client/feed.js";
import { type Operation, describeOperation } from "../../src/testing/history.js";
import { RecordedClient } from "../../src/testing/recorded-client.js";
import { checkVersions, describeViolation } from "../../src/testing/version-check.js";
import { startCluster } from "./cluster.js";
import { differentCopies } from "./copies.js";

const HEARTBEAT_MS = 100;
/** Three heartbeats missed: a slave is suspect long before it is down. */
const DOWN_AFTER_MS = 2_000;
/** So small a cache that reads go to the slaves. */
const CACHE_SETS = 16;
const FLAGS = [
  ...["--heartbeat-interval-ms", HEARTBEAT_MS.toString(), "--heartbeat-timeout-ms", DOWN_AFTER_MS.toString()],
  ...["--cache-sets", CACHE_SETS.toString(), "--cache-ways", "1"],
];
const KEYS = 200;
const READERS = 4;
/** A read that waits for a silent slave's time-out instead of leaving it when it is suspect takes a second. */
const READS_WHILE_SUSPECT_MIN = 10 * READERS;

t.test(
  "a frozen slave's keys are read from the other replica at once, and what it says when it thaws counts for nothing",
  async (t) => {
    const cluster = await startCluster(t, { flags: FLAGS });
    const { client, status, ready } = cluster;
    const history: Operation[] = [];
    const writer = new RecordedClient("writer", client, history);
    const frozen = ready.slaves[1];
    if (frozen === undefined) throw new Error("there are four slaves");
    const places = [];
    for (let n = 0; n < KEYS; n++) {
      const key = `k${n}`;
      await writer.put(key, "before");
      places.push({ key, ...(await client.where(key)) });
    }
    const own = places.filter(({ replicas }) => replicas[0] === frozen.id);
    const [written] = own;
    if (written === undefined) throw new Error("a slave of four owns some of 200 keys");
    // A read of a key whose cache set is locked by the update in flight waits for that update, as it must.
    const read = own.filter(({ set }) => set !== written.set).map(({ key }) => key);

    let isReading = true;
    const readers = Array.from({ length: READERS }, async (_, index) => {
      const reader = new RecordedClient(`reader ${index}`, await RingkvClient.connect(ready.client), history);
      for (let n = index; isReading; n++) await reader.get(read[n % read.length] ?? "");
      await reader.close();
    });

    const feed = status.subscribe();
    const frozenMs = performance.now();
    process.kill(frozen.pid, "SIGSTOP");
    const inFlight = writer.put(written.key, "in flight");
    await stateReached(feed, frozen.id, "suspect");
    const suspectMs = performance.now();
    await stateReached(feed, frozen.id, "down");
    const downMs = performance.now();
    const { outcome } = await inFlight;
    t.match(outcome, { type: /failed|unknown/, code: /ABORTED|OUTCOME_UNKNOWN/ }, "no success without the second vote");
    for (const { key } of own.slice(0, 10)) {
      t.match((await writer.put(key, "while it is down")).outcome, { type: "failed", code: "REPLICA_DOWN" });
    }
    t.ok(performance.now() - downMs < DOWN_AFTER_MS, "updates fail fast");
    t.equal((await writer.get(written.key)).outcome.type, "found");

    process.kill(frozen.pid, "SIGCONT");
    await stateReached(feed, frozen.id, "up");
    for (const { key } of own)
      t.match((await writer.put(key, "after")).outcome, { type: "done" }, `${key} is writable`);
    isReading = false;
    await Promise.all(readers);

    const reads = history.filter(({ kind, returnedMs }) => kind === "get" && returnedMs > frozenMs);
    t.strictSame(
      reads.filter(({ outcome }) => outcome.type !== "found").map(describeOperation),
      [],
      "every read was answered",
    );
    const whileSuspect = reads.filter(({ calledMs, returnedMs }) => calledMs > suspectMs && returnedMs < downMs);
    const longestMs = Math.max(...reads.map(({ calledMs, returnedMs }) => returnedMs - calledMs));
    t.comment(
      `suspect after ${(suspectMs - frozenMs).toFixed(0)} ms, down after ${(downMs - frozenMs).toFixed(0)} ms; ` +
        `${whileSuspect.length} reads meanwhile; the longest read of all took ${longestMs.toFixed(0)} ms; in flight: ${outcome.type}`,
    );
    t.ok(
      whileSuspect.length >= READS_WHILE_SUSPECT_MIN,
      `${whileSuspect.length} reads were answered while it was suspect`,
    );

    t.strictSame(checkVersions(history).map(describeViolation), [], "the history is linearizable");
    await cluster.stop();
    t.strictSame(await differentCopies(cluster), [], "both copies of every key are equal");
  },
);

t.test("a frozen master loses no slave and no request: all goes on when it thaws", async (t) => {
  const cluster = await startCluster(t, { flags: FLAGS });
  const { client, status, ready } = cluster;
  const history: Operation[] = [];
  const patient = new RecordedClient("patient", client, history);
  const impatient = new RecordedClient(
    "impatient",
    await RingkvClient.connect({ ...ready.client, requestTimeoutMs: HEARTBEAT_MS }),
    history,
  );
  await patient.put("k", "before");
  await impatient.put("other", "before");
  const feed = status.subscribe();
  await feed.next();

  process.kill(ready.master.pid, "SIGSTOP");
  const waiting = [patient.put("k", "while frozen"), patient.get("k"), patient.put("new", "while frozen")];
  t.match((await impatient.put("other", "while frozen")).outcome, { type: "unknown", code: "OUTCOME_UNKNOWN" });
  t.match((await impatient.get("other")).outcome, { type: "failed", code: /TIMEOUT|UNAVAILABLE/ });
  // Longer than what makes a slave count as down.
  await new Promise((resolve) => setTimeout(resolve, 1.5 * DOWN_AFTER_MS));
  process.kill(ready.master.pid, "SIGCONT");

  const answered = await Promise.all(waiting);
  t.strictSame(
    answered.map(({ outcome }) => outcome.type),
    ["done", "found", "done"],
    "what waited was served",
  );
  t.match((await impatient.put("other", "after")).outcome, { type: "done" }, "a client that had given up goes on");
  t.match((await patient.put("k", "after")).outcome, { type: "done" });
  const { seq, slaves } = await status.snapshot();
  t.strictSame(
    slaves.map(({ state, pid }) => ({ state, pid })),
    ready.slaves.map(({ pid }) => ({ state: "up", pid })),
  );
  t.strictSame(await statesUntil(feed, seq), [], "no slave was called suspect or down");
  t.strictSame(checkVersions(history).map(describeViolation), [], "the history is linearizable");
  await impatient.close();
});

/** Waits until the feed tells that the slave is in this state. */
async function stateReached(feed: AsyncIterator<FeedItem>, id: string, state: string): Promise<void> {
  for (let next = await feed.next(); next.done !== true; next = await feed.next()) {
    const item = next.value;
    if (item.type === "event" && item.event === "slave" && item.slave.id === id && item.slave.state === state) return;
  }
  throw new Error(`the feed ended before ${id} was ${state}`);
}

/** The changes of slaves' states that the feed tells up to this event. */
async function statesUntil(feed: AsyncIterator<FeedItem>, seq: number): Promise<readonly string[]> {
  const states: string[] = [];
  for (let next = await feed.next(); next.done !== true; next = await feed.next()) {
    const item = next.value;
    if (item.type !== "event") continue;
    if (item.event === "slave") states.push(`${item.slave.name} ${item.slave.state}`);
    if (item.seq >= seq) break;
  }
  return states;
}
