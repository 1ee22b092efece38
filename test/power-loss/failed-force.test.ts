import t from "tap";
import { Random } from "../random.js";
import { PairRing } from "./pair-ring.js";
import { whyNoStrace } from "./strace.js";
import { WritingClients } from "./writing-clients.js";

const KEYS = 32;
const UPDATES_AFTER = 300;
/** So large that no force in the range is one that makes a segment, and so small that its zeros do not swell the trace. */
const SEGMENT_BYTES = 4_194_304;
const FAILING_FORCE_MIN = 40;
const FAILING_FORCE_MAX = 160;
const random = new Random();
const skip = whyNoStrace();
if (skip !== undefined) t.comment(`SKIPPED, nothing was shown about failed forces: ${skip}`);

t.test(
  `a slave whose force fails once acknowledges nothing more, ends with STORAGE, and recovers (SEED=${random.seed})`,
  { skip: skip ?? false, timeout: 90_000 },
  async (t) => {
    const failing = FAILING_FORCE_MIN + random.below(FAILING_FORCE_MAX - FAILING_FORCE_MIN);
    const ring = await PairRing.start({ inject: `fdatasync:error=EIO:when=${failing}`, segmentBytes: SEGMENT_BYTES });
    t.teardown(() => ring.stop());
    const clients = new WritingClients(ring.client, random, KEYS);
    let hasEnded = false;
    void ring.examined.exited.then(() => (hasEnded = true));
    await clients.run(() => hasEnded);

    t.equal(await ring.examined.exited, 1, "it ends by itself, and not well");
    t.match(ring.examined.stderr, /STORAGE.*EIO/);
    const { votes, acks, forces, failedForces, violations } = await ring.audit();
    t.equal(failedForces, 1, `force ${failing} failed`);
    t.ok(votes > KEYS, `${votes} votes and ${acks} acks, ${forces} forces before`);
    t.strictSame(violations, [], "nothing was said that rests on what was not forced");

    const before = clients.acknowledged;
    await ring.restart();
    await clients.run(() => clients.acknowledged >= before + UPDATES_AFTER);
    t.comment(`${before} updates acknowledged before force ${failing} failed, ${clients.acknowledged - before} after`);
    t.strictSame(await clients.violations(), [], "every acknowledged write is there");
  },
);
