import t from "tap";
import { findPoint } from "../../src/server/failpoint-names.js";
import { MASTER_POINTS, MASTER_STEPS, SLAVE_POINTS, SLAVE_STEPS, canonicalPoint } from "../../src/server/failpoints.js";

const ROLES = [
  { steps: SLAVE_STEPS, points: SLAVE_POINTS },
  { steps: MASTER_STEPS, points: MASTER_POINTS },
];

/** How people say the first word of a step: as an order, or as done. */
const DONE: Readonly<Record<string, readonly string[]>> = {
  replay: ["replayed", "replays"],
  append: ["appended", "appending"],
  force: ["forced", "forcing", "forces"],
  send: ["sent", "sending", "sends"],
  apply: ["applied", "applying", "applies"],
  save: ["saved", "saving"],
  answer: ["answered", "answers"],
};

/** How people say the second one. */
const SAID: Readonly<Record<string, readonly string[]>> = {
  prepare: ["prepared"],
  prepared: ["prepare"],
  commit: ["committed", "commits"],
  committed: ["commit"],
  abort: ["aborted", "aborting"],
  aborted: ["abort"],
  forget: ["forgotten", "forgot"],
  forgotten: ["forget", "forgot", "forgetting"],
  ack: ["acked", "acks"],
};

t.test("every step is found by its words in either order and any of their forms, and never another one", (t) => {
  for (const { steps, points } of ROLES) {
    for (const step of steps) {
      const [verb = "", object] = step.split("-");
      const verbs = [verb, ...(DONE[verb] ?? [])];
      const objects = object === undefined ? [undefined] : [object, ...(SAID[object] ?? [])];
      const ways = verbs.flatMap((one) =>
        objects.flatMap((other) => (other === undefined ? [one] : [`${one}-${other}`, `${other}-${one}`])),
      );
      for (const way of ways) {
        t.strictSame(findPoint<string>(points, `after:${way}`), { point: `after:${step}`, passing: 1 }, way);
      }
    }
  }
  t.end();
});

t.test("the ways of the manual are found", (t) => {
  t.equal(canonicalPoint(SLAVE_POINTS, "after:prepare-forced"), "after:force-prepared");
  t.equal(canonicalPoint(SLAVE_POINTS, "before:ready-sent#3"), "before:send-ready#3");
  t.equal(canonicalPoint(SLAVE_POINTS, "after:applied"), "after:apply");
  t.equal(canonicalPoint(SLAVE_POINTS, "before:committed-appended#1"), "before:append-committed");
  t.equal(canonicalPoint(MASTER_POINTS, "before:epoch-saved"), "before:save-epoch");
  t.end();
});

t.test("no other words are taken, nor one word for two, nor a step without its side", (t) => {
  const nonsense = ["after:send", "after:ready", "after:send-ready-ready", "send-ready", "after:", "after:send ready"];
  for (const spec of nonsense) t.equal(findPoint(SLAVE_POINTS, spec), undefined, spec);
  t.end();
});
