import t from "tap";
import { StatusClient } from "../../src/client/status-client.js";
import type { FeedItem } from "../../src/client/feed.js";
import { RingkvError } from "../../src/protocol/errors.js";
import type { StatusEvent } from "../../src/protocol/messages.js";
import { runCli } from "../cli/run-cli.js";
import { startCluster } from "./cluster.js";

/** No time-out may decide before the processes that are frozen here do. */
const PATIENT = ["--prepare-timeout-ms", "60000", "--heartbeat-timeout-ms", "60000"];

t.test(
  "an update whose master dies before the second vote is in doubt, told as that everywhere, and settles when the replica is back",
  async (t) => {
    const { client, status, ready } = await startCluster(t, { slaves: 2, flags: PATIENT });
    const connect = ["--connect", `${ready.client.host}:${ready.client.port}`];
    const before = status.subscribe();
    await before.next();
    await client.put("k", "old");
    await nextOpEvent(before, "settled");
    // Asked of every slave, behind the `forget`: when it is answered, nobody will report this put again.
    for await (const key of client.keys()) t.equal(key, "k");
    const [voter, absent] = ready.slaves;
    if (voter === undefined || absent === undefined) throw new Error("there are two slaves");

    process.kill(absent.pid, "SIGSTOP");
    const put = client.put("k", "new").then(
      () => "done",
      (error: unknown) => (error instanceof RingkvError ? error.code : error),
    );
    const vote = await nextOpEvent(before, "vote");
    t.equal(vote.slave, voter.id);
    // Frozen, so that the next master is watched before anyone reports to it.
    process.kill(voter.pid, "SIGSTOP");
    process.kill(ready.master.pid, "SIGKILL");
    t.equal(await put, "OUTCOME_UNKNOWN");
    const { epoch, pid } = await client.info();
    t.not(pid, ready.master.pid);
    t.equal(epoch, "2");

    await using successor = await StatusClient.connect(ready.status);
    const feed = successor.subscribe();
    await feed.next();
    process.kill(voter.pid, "SIGCONT");
    const inDoubt = await nextOpEvent(feed, "in-doubt");
    const { opId } = vote;
    t.match(inDoubt, { opId, kind: "put", key: "k" });
    t.strictSame(new Set(inDoubt.replicas), new Set([voter.id, absent.id]));

    await t.rejects(client.get("k"), { code: "IN_DOUBT", retriable: true });
    await t.rejects(client.put("k", "newer"), { code: "IN_DOUBT", retriable: true });
    await t.rejects(client.del("k"), { code: "IN_DOUBT", retriable: true });
    const told = new RegExp(`${opId} put k: in-doubt, waits for ${absent.name}\n`);
    t.match(await runCli(["status", ...connect]), { code: 0, out: told });
    t.match(await runCli(["repl", ...connect], "status\n"), { code: 0, out: told });
    t.match(JSON.parse((await runCli(["status", "--json", ...connect])).out), {
      unresolved: [{ opId, kind: "put", key: "k", state: "in-doubt", waitingFor: [absent.id] }],
    });

    process.kill(absent.pid, "SIGCONT");
    const decision = await nextOpEvent(feed, "decision");
    t.equal(decision.opId, opId);
    t.equal((await nextOpEvent(feed, "settled")).opId, opId);
    t.strictSame((await successor.snapshot()).unresolved, []);
    t.equal((await client.get("k"))?.value, decision.outcome === "commit" ? "new" : "old");
    await client.put("k", "newer");
    t.equal((await client.get("k"))?.value, "newer");
  },
);

type OpEvent = Extract<StatusEvent, { event: "op" }>;

/** Waits for the next event of an update in this phase. */
async function nextOpEvent(feed: AsyncIterator<FeedItem>, phase: OpEvent["phase"]): Promise<OpEvent> {
  for (let next = await feed.next(); next.done !== true; next = await feed.next()) {
    const item = next.value;
    if (item.type === "event" && item.event === "op" && item.phase === phase) return item;
  }
  throw new Error(`the feed ended before ${phase}`);
}
