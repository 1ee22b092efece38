import fc from "fast-check";
import t from "tap";
import type { Operation } from "../../src/testing/history.js";
import { checkVersions, describeViolation } from "../../src/testing/version-check.js";
import { isLinearizable } from "./brute-force.js";
import { at } from "./hand-made.js";
import { mutatedReads, randomHistories, serializedHistories } from "./history-arbitraries.js";
import { shownByOperation } from "./shown-by-operation.js";

const GOOD: Record<string, readonly Operation[]> = {
  "nothing at all": [],
  "a read before every write": [at(0, 1).notFound(), at(2, 3).put("a", 1), at(4, 5).get("a", 1)],
  "concurrent writes in the order of their versions": [
    at(0, 10).put("a", 2),
    at(1, 9).put("b", 1),
    at(11, 12).get("a", 2),
  ],
  "a read that overlaps a write and sees the old value": [
    at(0, 1).put("a", 1),
    at(2, 9).put("b", 2),
    at(3, 4).get("a", 1),
    at(5, 6).get("b", 2),
  ],
  "a delete, then nothing": [at(0, 1).put("a", 1), at(2, 3).del(2), at(4, 5).notFound(), at(6, 7).delNotFound()],
  "a read that overlaps a delete and a put finds nothing": [
    at(0, 1).put("a", 1),
    at(2, 9).del(2),
    at(2, 9).put("b", 3),
    at(3, 8).notFound(),
    at(10, 11).get("b", 3),
  ],
  "an unknown put that takes effect late": [
    at(0, 1).putUnknown("a"),
    at(2, 3).put("b", 1),
    at(4, 5).get("b", 1),
    at(6, 7).get("a", 2),
  ],
  "an unknown put that never takes effect": [at(0, 1).putUnknown("a"), at(2, 3).put("b", 1), at(4, 5).get("b", 1)],
  "an unknown put whose older version shows in a read before the newer one": [
    at(0, 1).putUnknown("a"),
    at(2, 9).put("b", 2),
    at(3, 4).get("a", 1),
    at(10, 11).get("b", 2),
  ],
  "an unknown put that only a delete shows": [at(0, 1).putUnknown("a"), at(2, 3).del(1), at(4, 5).notFound()],
  "an unknown delete that takes effect late": [
    at(0, 1).put("a", 1),
    at(2, 3).delUnknown(),
    at(4, 5).get("a", 1),
    at(6, 7).notFound(),
    at(8, 9).put("b", 2),
    at(10, 11).get("b", 2),
  ],
  "an unknown delete that never takes effect": [at(0, 1).put("a", 1), at(2, 3).delUnknown(), at(4, 5).get("a", 1)],
  "one unknown delete that explains many answers in a row": [
    at(0, 1).put("a", 1),
    at(2, 3).delUnknown(),
    at(4, 5).notFound(),
    at(6, 7).delNotFound(),
    at(8, 9).notFound(),
  ],
  "an unknown delete inside a row of concurrent writes": [
    at(0, 1).put("a", 1),
    at(2, 3).delUnknown(),
    at(4, 20).put("b", 2),
    at(5, 10).notFound(),
    at(6, 7).get("a", 1),
    at(11, 12).get("b", 2),
  ],
  failures: [at(0, 1).putFailed("a"), at(2, 3).notFound(), at(4, 5).getFailed()],
  "keys that have nothing to do with each other": [
    at(0, 1).put("a", 5),
    { ...at(2, 3).put("b", 1), key: "other" },
    at(4, 5).get("a", 5),
  ],
};

const BAD: Record<string, { readonly history: readonly Operation[]; readonly reason: RegExp }> = {
  "a lost update": {
    history: [at(0, 1).put("a", 1), at(2, 3).put("b", 2), at(4, 5).get("a", 1)],
    reason: /later read gives an older version/,
  },
  "an update that vanished": {
    history: [at(0, 1).put("a", 1), at(2, 3).notFound()],
    reason: /nothing that fits has deleted the key/,
  },
  "a stale read after another client's read": {
    history: [at(0, 1).put("a", 1), at(2, 20).put("b", 2), at(3, 4).get("b", 2), at(5, 6).get("a", 1)],
    reason: /later read gives an older version/,
  },
  "reads of an unknown put going backwards": {
    history: [
      at(0, 1).put("a", 1),
      at(2, 3).putUnknown("b"),
      at(4, 5).get("a", 1),
      at(6, 7).get("b", 2),
      at(8, 9).get("a", 1),
    ],
    reason: /later read gives an older version/,
  },
  "a read of a failed write": {
    history: [at(0, 1).putFailed("a"), at(2, 3).get("a", 1)],
    reason: /certainly failed/,
  },
  "a read of what nobody wrote": { history: [at(2, 3).get("a", 1)], reason: /nobody wrote/ },
  "a read from the future": {
    history: [at(0, 1).get("a", 1), at(2, 3).put("a", 1)],
    reason: /written only after it/,
  },
  "a read of another write's value": {
    history: [at(0, 1).put("a", 1), at(2, 3).put("b", 2), at(4, 5).get("a", 2)],
    reason: /did not write/,
  },
  "two values under one version": {
    history: [at(0, 1).putUnknown("a"), at(0, 1).putUnknown("b"), at(2, 3).get("a", 1), at(4, 5).get("b", 1)],
    reason: /different values as one version/,
  },
  "two writes with one version": {
    history: [at(0, 1).put("a", 1), at(2, 3).put("b", 1)],
    reason: /same version/,
  },
  "one unknown put seen under two versions": {
    history: [at(0, 1).putUnknown("a"), at(2, 3).get("a", 1), at(4, 5).get("a", 2)],
    reason: /no put of it made/,
  },
  "versions against the order of time": {
    history: [at(0, 1).put("a", 2), at(2, 3).put("b", 1)],
    reason: /later write has an older version/,
  },
  "a value that came back after its delete": {
    history: [at(0, 1).put("a", 1), at(2, 3).del(2), at(4, 5).get("a", 1)],
    reason: /later read gives an older version/,
  },
  "a value that came back after an answer that it is not there": {
    history: [at(0, 1).put("a", 1), at(2, 3).delUnknown(), at(4, 5).notFound(), at(6, 7).get("a", 1)],
    reason: /not found, though a later read still saw a value/,
  },
  "a put that an unknown delete undoes twice": {
    history: [
      at(0, 1).put("a", 1),
      at(2, 3).delUnknown(),
      at(4, 5).notFound(),
      at(6, 7).put("b", 2),
      at(8, 9).notFound(),
    ],
    reason: /nothing that fits has deleted the key/,
  },
  "an unknown delete that comes too late to explain": {
    history: [at(0, 1).put("a", 1), at(2, 3).notFound(), at(4, 5).delUnknown()],
    reason: /nothing that fits has deleted the key/,
  },
  "two deletes of one value": {
    history: [at(0, 1).put("a", 1), at(2, 3).del(2), at(4, 5).del(3)],
    reason: /deleted what did not exist/,
  },
};

for (const [name, history] of Object.entries(GOOD)) {
  t.test(`accepts ${name}`, (t) => {
    t.strictSame(checkVersions(history).map(describeViolation), []);
    const ofOneKey = history.filter(({ key }) => key === "k");
    t.ok(isLinearizable(ofOneKey), "the brute force agrees");
    t.end();
  });
}

for (const [name, { history, reason }] of Object.entries(BAD)) {
  t.test(`refuses ${name}`, (t) => {
    const violations = checkVersions(history);
    t.equal(violations.length, 1);
    t.match(violations[0]?.reason, reason);
    t.notOk(isLinearizable(history), "the brute force agrees");
    t.end();
  });
}

t.test("gives the violations of every key, with the operations that contradict each other", (t) => {
  const bad = [at(0, 1).put("a", 1), at(2, 3).notFound()];
  const violations = checkVersions([...bad, ...bad.map((operation) => ({ ...operation, key: "other" }))]);
  t.strictSame(
    violations.map(({ key }) => key),
    ["k", "other"],
  );
  t.equal(
    describeViolation(violations[0] ?? { key: "", reason: "", operations: [] }),
    'k: not found, and nothing that fits has deleted the key\n  c get k → not found [2.000, 3.000]\n  c put k="a" → done (1.1) [0.000, 1.000]',
  );
  t.end();
});

t.test("agrees with the brute force over all orders on small random histories", (t) => {
  const verdicts = { good: 0, bad: 0 };
  fc.assert(
    fc.property(randomHistories(), (history) => {
      const isGood = isLinearizable(history);
      verdicts[isGood ? "good" : "bad"] += 1;
      return (checkVersions(history).length === 0) === isGood;
    }),
    { numRuns: 20_000, ...shownByOperation() },
  );
  t.ok(verdicts.good > 1_000 && verdicts.bad > 1_000, `${verdicts.good} good and ${verdicts.bad} bad ones`);
  t.end();
});

t.test("accepts every history that was made from a serial order, unknown and failed updates included", (t) => {
  fc.assert(
    fc.property(serializedHistories(200), (history) => checkVersions(history).length === 0),
    { numRuns: 500, ...shownByOperation() },
  );
  t.end();
});

t.test("catches every read that was changed to what it cannot have seen", (t) => {
  fc.assert(
    fc.property(mutatedReads(60), (history) => checkVersions(history).length === 1),
    { numRuns: 2_000, ...shownByOperation() },
  );
  t.end();
});

t.test("checks 200,000 operations of one key within seconds", (t) => {
  const history = Array.from({ length: 100_000 }, (_, n) => [
    at(3 * n, 3 * n + 2).put(`v${n.toString()}`, n + 1),
    at(3 * n + 1, 3 * n + 2.5).get(`v${n.toString()}`, n + 1),
  ]).flat();
  const begun = performance.now();
  t.strictSame(checkVersions(history), []);
  const elapsedMs = performance.now() - begun;
  t.comment(`${history.length} operations in ${elapsedMs.toFixed(0)} ms`);
  t.ok(elapsedMs < 10_000);
  t.end();
});
