import t from "tap";
import type { OpId, SlaveId } from "../../../src/protocol/ids.js";
import { VoteTimes } from "../../../src/server/status/vote-times.js";

const [S1, S2] = ["1", "2"] as [SlaveId, SlaveId];

t.test("a slave's median is of its newest 128 votes, from PREPARE on", (t) => {
  const votes = new VoteTimes();
  t.equal(votes.medianMs(S1), undefined);
  const vote = (n: number, ms: number) => {
    const opId = `1.${n}` as OpId;
    votes.began(opId, () => 1_000 * n);
    votes.voted(opId, S1, () => 1_000 * n + ms);
    votes.decided(opId);
  };
  for (let n = 0; n < 100; n++) vote(n, 500);
  t.equal(votes.medianMs(S1), 500);
  for (let n = 100; n < 228; n++) vote(n, 0.1234567);
  t.equal(votes.medianMs(S1), 0.123);
  t.equal(votes.medianMs(S2), undefined);
  t.end();
});

t.test("under load a few ops are timed and the clock is not read for the others", (t) => {
  const votes = new VoteTimes();
  let reads = 0;
  const readMs = () => ++reads;
  for (let n = 0; n < 1_000; n++) votes.began(`1.${n}` as OpId, readMs);
  for (let n = 0; n < 1_000; n++) votes.voted(`1.${n}` as OpId, S1, readMs);
  t.ok(reads > 0 && reads <= 64, `${reads} readings`);
  votes.decided("1.0" as OpId);
  votes.began("1.5000" as OpId, () => 0);
  votes.voted("1.5000" as OpId, S2, () => 7);
  t.equal(votes.medianMs(S2), 7, "a decided op makes room for another");
  t.end();
});

t.test("a vote after the decision does not count", (t) => {
  const votes = new VoteTimes();
  votes.began("1.1" as OpId, () => 0);
  votes.decided("1.1" as OpId);
  votes.voted("1.1" as OpId, S1, () => 9_000);
  t.equal(votes.medianMs(S1), undefined);
  t.end();
});
