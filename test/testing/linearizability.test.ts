import fc from "fast-check";
import t from "tap";
import type { Operation } from "../../src/testing/history.js";
import { type Verdict, checkLinearizability } from "../../src/testing/linearizability.js";
import { checkVersions, describeViolation } from "../../src/testing/version-check.js";
import { isLinearizable } from "./brute-force.js";
import { at } from "./hand-made.js";
import {
  REPEATED,
  mutatedReads,
  randomHistories,
  repeatingHistories,
  serializedHistories,
} from "./history-arbitraries.js";
import { shownByOperation } from "./shown-by-operation.js";

const GOOD: Record<string, readonly Operation[]> = {
  "nothing at all": [],
  "a read before every write": [at(0, 1).notFound(), at(2, 3).put("a", 1), at(4, 5).get("a", 1)],
  "versions that make no sense": [at(0, 1).put("a", 9), at(2, 3).put("b", 9), at(4, 5).get("b", 1), at(6, 7).del(1)],
  "a read that overlaps a write and sees the old value": [
    at(0, 1).put("a", 1),
    at(2, 9).put("b", 2),
    at(3, 4).get("a", 1),
    at(5, 6).get("b", 2),
  ],
  "concurrent puts, of which the reads show the order": [
    at(0, 9).put("a", 1),
    at(0, 9).put("b", 2),
    at(0, 9).put("c", 3),
    at(1, 2).get("b", 2),
    at(3, 4).get("c", 3),
    at(10, 11).get("a", 1),
  ],
  "a put that nobody ever sees": [at(0, 9).put("a", 1), at(1, 8).put("b", 2), at(10, 11).get("a", 1)],
  "one value, written twice and deleted between": [
    at(0, 1).put("a", 1),
    at(2, 3).del(2),
    at(4, 5).notFound(),
    at(6, 7).put("a", 3),
    at(8, 9).get("a", 3),
  ],
  "an old value that is there again, because an unknown put of it takes effect late": [
    at(0, 1).putUnknown("a"),
    at(2, 3).get("a", 1),
    at(2, 3).putUnknown("a"),
    at(4, 5).put("b", 2),
    at(6, 7).get("a", 3),
  ],
  "two deletes, and a put between that only they show": [
    at(0, 1).put("a", 1),
    at(2, 9).del(2),
    at(2, 9).del(4),
    at(2, 9).put("b", 3),
    at(10, 11).notFound(),
  ],
  "a delete of what only an unknown put can have written": [at(0, 1).putUnknown("a"), at(2, 3).del(2)],
  "an unknown delete that takes effect late": [
    at(0, 1).put("a", 1),
    at(2, 3).delUnknown(),
    at(4, 5).get("a", 1),
    at(6, 7).notFound(),
    at(8, 9).put("b", 2),
    at(10, 11).get("b", 2),
  ],
  "updates of unknown outcome that never take effect": [
    at(0, 1).put("a", 1),
    at(2, 3).putUnknown("b"),
    at(2, 3).delUnknown(),
    at(4, 5).get("a", 1),
  ],
  "a return and a call at the same instant, in either order": [
    at(0, 1).put("a", 1),
    at(2, 3).put("b", 2),
    at(3, 4).get("a", 1),
  ],
  "a put whose reads all wait, and which is yet not done at once, for a later delete needs it": [
    at(0, 1).delUnknown(),
    at(3, 5).put("a", 1),
    at(5, 6).notFound(),
    at(5, 5).put("a", 2),
    at(6, 10).put("c", 3),
    at(9, 11).get("c", 3),
    at(9, 9).notFound(),
    at(12, 17).del(4),
  ],
  "a state that two ways lead to, of which the one that changed it later leaves less to explain": [
    at(0, 0).put("a", 1),
    at(0, 1).put("a", 2),
    at(1, 2).put("b", 3),
    at(1, 2).delUnknown(),
    at(2, 2).get("a", 2),
    at(3, 4).put("b", 4),
    at(3, 3).get("a", 2),
  ],
  "failures, which have no effect": [at(0, 1).putFailed("a"), at(2, 3).notFound(), at(4, 5).getFailed()],
};

const BAD: Record<string, { readonly history: readonly Operation[]; readonly reason: string }> = {
  "a lost update": {
    history: [at(0, 1).put("a", 1), at(2, 3).put("b", 2), at(4, 5).get("a", 1)],
    reason: 'a read gives "a", but until it returned the key can only have held "b"',
  },
  "a stale read after another client's read": {
    history: [at(0, 1).put("a", 1), at(2, 20).put("b", 2), at(3, 4).get("b", 2), at(5, 6).get("a", 1)],
    reason: 'a read gives "a", but until it returned the key can only have held "b"',
  },
  "an update that vanished": {
    history: [at(0, 1).put("a", 1), at(2, 3).notFound()],
    reason: 'not found, but until it returned the key can only have held "a"',
  },
  "a read of what nobody wrote": {
    history: [at(2, 3).get("a", 1)],
    reason: 'a read gives "a", but until it returned the key can only have held nothing',
  },
  "a read of a failed write": {
    history: [at(0, 1).put("b", 1), at(2, 3).putFailed("a"), at(4, 5).get("a", 1)],
    reason: 'a read gives "a", but until it returned the key can only have held "b"',
  },
  "a read from the future": {
    history: [at(0, 1).get("a", 1), at(2, 3).put("a", 1)],
    reason: 'a read gives "a", but until it returned the key can only have held nothing',
  },
  "two deletes of one value": {
    history: [at(0, 1).put("a", 1), at(2, 3).del(2), at(4, 5).del(3)],
    reason: "a del had something to delete, but until it returned the key can only have held nothing",
  },
  "a value that came back after its delete": {
    history: [at(0, 1).put("a", 1), at(2, 3).del(2), at(4, 5).get("a", 1)],
    reason: 'a read gives "a", but until it returned the key can only have held nothing',
  },
  "one unknown put that takes effect twice": {
    history: [
      at(0, 1).putUnknown("a"),
      at(2, 3).get("a", 1),
      at(4, 5).put("b", 2),
      at(6, 7).get("b", 2),
      at(8, 9).get("a", 3),
    ],
    reason: 'a read gives "a", but until it returned the key can only have held "b"',
  },
  "an unknown put that is seen before it is called": {
    history: [at(0, 1).get("a", 1), at(2, 3).putUnknown("a")],
    reason: 'a read gives "a", but until it returned the key can only have held nothing',
  },
  "one unknown delete that takes effect twice": {
    history: [
      at(0, 1).put("a", 1),
      at(2, 3).delUnknown(),
      at(4, 5).notFound(),
      at(6, 7).put("b", 2),
      at(8, 9).notFound(),
    ],
    reason: 'not found, but until it returned the key can only have held "b"',
  },
  "two reads that show two concurrent puts in both orders": {
    history: [
      at(0, 20).put("a", 1),
      at(0, 20).put("b", 2),
      at(1, 2).get("a", 1),
      at(3, 4).get("b", 2),
      at(5, 6).get("a", 1),
    ],
    reason: 'a read gives "a", but until it returned the key can only have held "b"',
  },
};

for (const [name, history] of Object.entries(GOOD)) {
  t.test(`accepts ${name}`, (t) => {
    t.equal(textOf(checkLinearizability(history)), "linearizable");
    t.ok(isLinearizable(history, "by values alone"), "the brute force agrees");
    t.end();
  });
}

for (const [name, { history, reason }] of Object.entries(BAD)) {
  t.test(`refuses ${name}`, (t) => {
    t.match(checkLinearizability(history), { type: "violation", key: "k", reason });
    t.notOk(isLinearizable(history, "by values alone"), "the brute force agrees");
    t.end();
  });
}

t.test("tells the operation that nothing explains, and the ones around it in the order of their calls", (t) => {
  const stale = at(40, 45).get("v3", 1);
  const overlapping = at(41, 60).putUnknown("late");
  const concurrent = at(39, 50).put("w", 99);
  const before = Array.from({ length: 10 }, (_, n) => at(2 * n, 2 * n + 1).put(`v${n}`, n));
  const later = at(61, 62).get("w", 99);
  const verdict = checkLinearizability([later, stale, ...before, overlapping, concurrent]);
  t.match(verdict, { type: "violation", operation: stale });
  t.strictSame(verdict.type === "violation" && verdict.operations, [
    before[3],
    ...before.slice(5),
    concurrent,
    stale,
    overlapping,
  ]);
  t.end();
});

t.test("the values that the key can have held include those of updates under way and of unknown outcome", (t) => {
  const history = [
    at(0, 1).put("a", 1),
    at(0, 1).putUnknown("b"),
    at(2, 9).put("c", 2),
    at(2, 9).del(3),
    at(3, 4).get("x", 1),
  ];
  t.match(checkLinearizability(history), {
    reason: 'a read gives "x", but until it returned the key can only have held "a" or "b" or "c" or nothing',
  });
  t.end();
});

t.test("checks keys apart from each other and tells which one is wrong", (t) => {
  const bad = [at(0, 1).put("a", 1), at(2, 3).notFound()].map((operation) => ({ ...operation, key: "other" }));
  t.equal(checkLinearizability([at(0, 1).put("a", 1), ...bad]).type, "violation");
  t.match(checkLinearizability([at(0, 1).put("a", 1), ...bad]), { key: "other" });
  t.end();
});

t.test("a search that is given up is told as such, and a violation of another key beats it", (t) => {
  const history = [at(0, 9).put("a", 1), at(0, 9).put("b", 2), at(1, 8).get("a", 1), at(2, 3).get("b", 1)];
  const given = checkLinearizability(history, { effortMax: 1 });
  t.match(given, { type: "budget-exceeded", key: "k", reason: /gave up after 1 configurations/ });
  const wrong = { ...at(0, 1).get("x", 1), key: "other" };
  t.match(checkLinearizability([...history, wrong], { effortMax: 1 }), { type: "violation", key: "other" });
  t.end();
});

t.test("refuses an operation that returned before it was called", (t) => {
  t.throws(() => checkLinearizability([at(2, 1).put("a", 1)]), { code: "BAD_REQUEST" });
  t.end();
});

t.test("agrees with the brute force over all orders on small random histories, whatever their values", (t) => {
  for (const [name, histories, numRuns] of [
    ["values that repeat", repeatingHistories(), 40_000],
    ["each put its own value", randomHistories(), 10_000],
  ] as const) {
    const verdicts = { good: 0, bad: 0 };
    fc.assert(
      fc.property(histories, (history) => {
        const isGood = isLinearizable(history, "by values alone");
        verdicts[isGood ? "good" : "bad"] += 1;
        return (checkLinearizability(history).type === "linearizable") === isGood;
      }),
      { numRuns, ...shownByOperation() },
    );
    t.ok(verdicts.good > 1_000 && verdicts.bad > 1_000, `${name}: ${verdicts.good} good and ${verdicts.bad} bad ones`);
  }
  t.end();
});

t.test("names the first operation, by its return, that what returned before it does not allow", (t) => {
  fc.assert(
    fc.property(repeatingHistories(), (history) => {
      const verdict = checkLinearizability(history);
      if (verdict.type !== "violation") return true;
      const { operation } = verdict;
      const before = leftPending(history, operation);
      return isLinearizable(before, "by values alone") && !isLinearizable([...before, operation], "by values alone");
    }),
    { numRuns: 10_000, ...shownByOperation() },
  );
  t.end();
});

t.test("accepts every history that was made from a serial order, unknown and failed updates included", (t) => {
  for (const histories of [serializedHistories(60), serializedHistories(60, REPEATED)]) {
    fc.assert(
      fc.property(histories, (history) => checkLinearizability(history).type === "linearizable"),
      { numRuns: 500, ...shownByOperation() },
    );
  }
  t.end();
});

t.test("catches every read that was changed to what it cannot have seen", (t) => {
  for (const histories of [mutatedReads(60), mutatedReads(40, REPEATED)]) {
    fc.assert(
      fc.property(histories, (history) => checkLinearizability(history).type === "violation"),
      { numRuns: 2_000, ...shownByOperation() },
    );
  }
  t.end();
});

// The other way round nothing follows: versions can be wrong where the values are right.
t.test("accepts what the version check accepts, where the puts of unknown outcome have different values", (t) => {
  let accepted = 0;
  fc.assert(
    fc.property(randomHistories(), (history) => {
      if (checkVersions(history).length > 0) return true;
      accepted += 1;
      return checkLinearizability(history).type === "linearizable";
    }),
    { numRuns: 20_000, ...shownByOperation() },
  );
  t.ok(accepted > 1_000, `${accepted} were accepted`);
  t.end();
});

t.test("64 clients that put and get at once are little work, for a put that nobody sees needs no place", (t) => {
  const history = Array.from({ length: 20 }, (_, round) => {
    const puts = Array.from({ length: 64 }, (_, n) => at(10 * round, 10 * round + 9).put(`${round}.${n}`, n));
    const gets = Array.from({ length: 64 }, (_, n) => at(10 * round, 10 * round + 9).get(`${round}.${n}`, n));
    return [...puts, ...gets];
  }).flat();
  const verdict = checkLinearizability(history);
  t.equal(textOf(verdict), "linearizable");
  t.ok(verdict.type === "linearizable" && verdict.effort < 1_000 * history.length);
  t.end();
});

t.test("checks 200,000 operations of one key within seconds", (t) => {
  const history = Array.from({ length: 100_000 }, (_, n) => [
    at(3 * n, 3 * n + 2).put(`v${n.toString()}`, n + 1),
    at(3 * n + 1, 3 * n + 2.5).get(`v${n.toString()}`, n + 1),
  ]).flat();
  const begun = performance.now();
  t.equal(textOf(checkLinearizability(history)), "linearizable");
  const elapsedMs = performance.now() - begun;
  t.comment(`${history.length} operations in ${elapsedMs.toFixed(0)} ms`);
  t.ok(elapsedMs < 10_000);
  t.end();
});

/** The history up to an operation's return, without it: of what has not returned then, the outcome is unknown. */
function leftPending(history: readonly Operation[], last: Operation): readonly Operation[] {
  const byReturn = history
    .filter(({ outcome }) => outcome.type !== "failed" && outcome.type !== "unknown")
    .sort((left, right) => left.calledMs - right.calledMs)
    .sort((left, right) => left.returnedMs - right.returnedMs);
  const pending = byReturn.slice(byReturn.indexOf(last));
  return history.flatMap((operation): Operation[] => {
    if (operation === last || operation.calledMs > last.returnedMs) return [];
    if (!pending.includes(operation) || operation.outcome.type === "unknown") return [operation];
    if (operation.kind === "get" || operation.outcome.type === "not-found") return [];
    return [{ ...operation, outcome: { type: "unknown", code: "OUTCOME_UNKNOWN" } }];
  });
}

function textOf(verdict: Verdict): string {
  return verdict.type === "linearizable" ? verdict.type : describeViolation(verdict);
}
