import { fileURLToPath } from "node:url";
import t from "tap";
import { Random } from "../random.js";
import { whyNoStrace } from "./strace.js";
import { WritingClients } from "./writing-clients.js";
import { PairRing } from "./pair-ring.js";

const UPDATES = 5_500;
const UPDATES_OF_DISHONEST = 300;
const VOTES_AND_ACKS_MIN = 10_000;
const KEYS = 64;
/** So that the audit sees segments end and checkpoints begin. */
const SEGMENT_BYTES = 262_144;
/** So that many updates run side by side, and share forces. */
const CACHE_SETS = 1_024;
const random = new Random();
const skip = whyNoStrace();
if (skip !== undefined) t.comment(`SKIPPED, nothing was shown about the order of forces and messages: ${skip}`);

t.test(
  `no vote and no ack of a slave leaves its socket before its record is forced, as strace sees it (SEED=${random.seed})`,
  { skip: skip ?? false, timeout: 120_000 },
  async (t) => {
    const ring = await PairRing.start({ segmentBytes: SEGMENT_BYTES, cacheSets: CACHE_SETS });
    t.teardown(() => ring.stop());
    const clients = new WritingClients(ring.client, random, KEYS);
    await clients.run(() => clients.acknowledged >= UPDATES);
    const { votes, acks, welcomes, forces, violations } = await ring.audit();
    t.comment(`${votes} votes, ${acks} acks and ${welcomes} welcomes audited against ${forces} forces`);
    t.ok(votes + acks >= VOTES_AND_ACKS_MIN, `${votes + acks} votes and acks`);
    t.ok(welcomes > 0, "the welcome was seen");
    t.strictSame(violations, []);
  },
);

t.test(
  "the audit catches a slave whose votes and acks leave before the force has ended",
  { skip: skip ?? false, timeout: 60_000 },
  async (t) => {
    const script = fileURLToPath(new URL("dishonest-slave.ts", import.meta.url));
    const ring = await PairRing.start({
      cacheSets: CACHE_SETS,
      slave: (id, data, { port }) => [
        ...process.execArgv,
        script,
        ...["forced-after-the-send", id, data, port.toString(), SEGMENT_BYTES.toString()],
      ],
    });
    t.teardown(() => ring.stop());
    const clients = new WritingClients(ring.client, random, KEYS);
    await clients.run(() => clients.acknowledged >= UPDATES_OF_DISHONEST);
    const { votes, acks, violations } = await ring.audit();
    t.comment(`${violations.length} violations in ${votes} votes and ${acks} acks`);
    t.match(violations.join("\n"), /ready [0-9.]+ before PREPARED was forced/);
    t.match(violations.join("\n"), /ack [0-9.]+ before its outcome was forced/);
  },
);
