import fc from "fast-check";
import t from "tap";
import type { LinkFault } from "../../../src/protocol/messages.js";
import { FakeConnection } from "../fake-connection.js";
import { FaultyLinks, KINDS_FROM_SLAVE, KINDS_TO_SLAVE, S1, S2 } from "./faulty-link.js";

t.test("without a fault every message passes at once", (t) => {
  const link = new FaultyLinks().open(S1);
  for (const kind of KINDS_TO_SLAVE) link.send(kind);
  for (const kind of KINDS_FROM_SLAVE) link.say(kind);
  t.strictSame(
    [link.arrived, link.heard],
    [
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3],
    ],
  );
  t.end();
});

t.test("a delay holds up what comes from the slave and nothing that goes to it, and its end lets it through", (t) => {
  const { faults, ...links } = made();
  const link = links.open(S1);
  t.match(faults.set(S1, { kind: "delay", ms: 60_000 }), "hears s1 60000 ms later");
  link.send("putreq");
  link.say("ready");
  link.say("resp");
  t.strictSame([link.arrived, link.heard], [[0], []]);
  faults.set(S1, { kind: "none" });
  t.strictSame(link.heard, [0, 1]);
  t.notOk(link.isCut, "nothing was lost");
  t.end();
});

t.test("a drop is silent in both directions from now on, and its end cuts the connection", (t) => {
  const { faults, ...links } = made();
  const link = links.open(S1);
  link.send("putreq");
  faults.set(S1, { kind: "drop" });
  link.send("commit");
  link.say("ready");
  t.strictSame([link.arrived, link.heard], [[0], []]);
  t.notOk(link.isCut, "a silent wire closes nothing");
  faults.set(S1, { kind: "none" });
  t.ok(link.isCut);
  link.say("ack");
  t.strictSame(link.heard, [], "and nothing is heard of it any more");
  t.end();
});

const STARTS = [
  { from: "prepare", to: "putreq" },
  { from: "decision", to: "commit" },
  { from: "decision", to: "abort" },
  { from: "vote", say: "ready" },
  { from: "vote", say: "abort" },
  { from: "ack", say: "ack" },
] as const;
for (const start of STARTS) {
  const first = "to" in start ? start.to : start.say;
  t.test(`a drop from ${start.from} on begins with the next ${first}, which is lost`, (t) => {
    const { faults, log, ...links } = made();
    const link = links.open(S1);
    const other = links.open(S2);
    faults.set(S1, { kind: "drop", from: start.from });
    link.send("getreq");
    link.say("resp");
    t.notOk(faults.isSilent(S1));
    if ("to" in start) link.send(start.to);
    else link.say(start.say);
    link.send("getreq");
    link.say("resp");
    t.strictSame([link.arrived, link.heard], [[0], [0]]);
    t.ok(faults.isSilent(S1));
    t.match(log.at(-1), `silent from the ${start.from} of 1.1 on`);
    other.send("putreq");
    t.strictSame(other.arrived, [0], "another slave has nothing of it");
    t.end();
  });
}

t.test("a drop that has not begun is ended without a cut", (t) => {
  const { faults, ...links } = made();
  const link = links.open(S1);
  faults.set(S1, { kind: "drop", from: "ack" });
  link.send("putreq");
  faults.set(S1, { kind: "none" });
  link.send("commit");
  t.strictSame([link.arrived, link.isCut], [[0, 1], false]);
  t.end();
});

t.test("a partition cuts the link", (t) => {
  const { faults, ...links } = made();
  const link = links.open(S1);
  faults.set(S1, { kind: "partition" });
  t.ok(link.isCut);
  t.end();
});

t.test("registrations are heard, cut by a partition, and left without an answer by a silence until it ends", (t) => {
  const { faults } = made();
  const registration = new FakeConnection();
  t.ok(faults.admits(S1, registration));
  faults.set(S1, { kind: "partition" });
  t.notOk(faults.admits(S1, registration));
  t.ok(registration.isDestroyed);
  t.ok(faults.admits(S2, registration), "it is s1 that is cut off");

  faults.set(S1, { kind: "drop" });
  const unheard = new FakeConnection();
  t.notOk(faults.admits(S1, unheard));
  const given = new FakeConnection();
  faults.leave(S1, given, () => given.destroy());
  t.strictSame([unheard.isDestroyed, given.isDestroyed], [false, false], "a silent wire closes nothing");
  faults.set(S1, { kind: "none" });
  t.strictSame([unheard.isDestroyed, given.isDestroyed], [true, true]);
  faults.leave(S1, registration, () => t.pass("without a fault it is left at once"));
  t.end();
});

t.test("a fault outlives its connection, is told once for each change, and `none` without one says so", (t) => {
  const { faults, changed, ...links } = made();
  t.equal(faults.set(S1, { kind: "none" }), "s1 has no fault");
  t.strictSame(changed, []);
  links.open(S1);
  faults.set(S1, { kind: "drop" });
  t.strictSame(faults.of(S1), { kind: "drop" });
  links.links.get(S1)?.cut();
  const again = links.open(S1);
  again.send("putreq");
  t.strictSame(again.arrived, []);
  t.equal(faults.set(S1, { kind: "none" }), "the drop of s1 has ended");
  t.strictSame([changed, faults.of(S1)], [[S1, S1], undefined]);
  t.end();
});

const fault: fc.Arbitrary<LinkFault> = fc.oneof(
  fc.constant<LinkFault>({ kind: "none" }),
  fc.constant<LinkFault>({ kind: "partition" }),
  fc.constant<LinkFault>({ kind: "delay", ms: 60_000 }),
  fc
    .constantFrom(undefined, "prepare", "vote", "decision", "ack")
    .map((from): LinkFault => (from === undefined ? { kind: "drop" } : { kind: "drop", from: from as "vote" })),
);
const slave = fc.constantFrom(S1, S2);
const happening = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constant("send" as const), slave, kind: fc.constantFrom(...KINDS_TO_SLAVE) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ what: fc.constant("say" as const), slave, kind: fc.constantFrom(...KINDS_FROM_SLAVE) }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constant("fault" as const), slave, fault }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant("reconnect" as const), slave }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant("step" as const), mode: fc.constantFrom("on", "off", "next", "next") }),
  },
);

t.test("whatever faults and steps do, each connection carries a prefix of what was sent, in both directions", (t) => {
  let whole = 0;
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 80 }), (happenings) => {
      const { faults, stepMode, ...links } = made();
      for (const id of [S1, S2]) links.open(id);
      const everyLink = [...links.links.values()];
      for (const happens of happenings) {
        switch (happens.what) {
          case "send":
            links.links.get(happens.slave)?.send(happens.kind);
            break;
          case "say":
            links.links.get(happens.slave)?.say(happens.kind);
            break;
          case "fault":
            faults.set(happens.slave, happens.fault);
            break;
          case "reconnect":
            if (links.links.get(happens.slave)?.isCut === true) everyLink.push(links.open(happens.slave));
            break;
          case "step":
            if (happens.mode !== "next" || stepMode.state.held.length > 0) stepMode.run(happens.mode);
        }
        for (const link of everyLink) link.wasSilent ||= link.gate.isSilent;
        if (!everyLink.every((link) => isPrefix(link.arrived) && isPrefix(link.heard))) return false;
      }
      for (const id of [S1, S2]) faults.set(id, { kind: "none" });
      stepMode.run("off");
      return everyLink.every((link) => {
        if (link.isCut) return true;
        whole += 1;
        // What a silence has swallowed something of may carry nothing again.
        return !link.wasSilent && link.arrived.length === link.sent && link.heard.length === link.said;
      });
    }),
    { numRuns: 1_000 },
  );
  t.ok(whole > 100, "and connections without a loss were among them");
  t.end();
});

function isPrefix(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => number === index);
}

/** Links whose parts may be taken out of it. */
function made() {
  const links = new FaultyLinks();
  const { faults, stepMode, log, changed } = links;
  return { faults, stepMode, log, changed, links: links.links, open: links.open.bind(links) };
}
