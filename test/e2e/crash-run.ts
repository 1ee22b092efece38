import type { Test } from "tap";
import { RingkvError } from "../../src/protocol/errors.js";
import type { Point, Side } from "../../src/server/failpoints.js";
import { CrashCluster, type ProcessName } from "./crash-cluster.js";
import { type Crash, KINDS, type Kind, type Outcome, SCENARIOS, type Scenario } from "./crash-points.js";

const OLD_VALUE = "old";
const NEW_VALUE = "new";

/** An update whose successor is frozen is told of after two of these at most; the frozen one is suspect only after 1.5 s. */
const SILENCE_FLAGS = ["--prepare-timeout-ms", "400"];

/** Who dies, and where an update is left open for its restart to find. */
const VICTIMS = {
  slave: { name: "primary", opensAt: "before:send-ack" },
  master: { name: "master", opensAt: "before:send-commit" },
} as const satisfies Record<string, { readonly name: ProcessName; readonly opensAt: string }>;
type Role = keyof typeof VICTIMS;

interface CrashRun {
  readonly point: string;
  readonly kind: Kind;
  readonly key: string;
  readonly outcomes: readonly Outcome[];
  /** What the key held before the update. */
  readonly initial: string | undefined;
}

/**
 * Kills a real process at each of these points, during a PUT and during a DEL, and checks what the table says: what the
 * client was told, what the key holds when everything is up again, that both copies are equal and no op is left open.
 *
 * @param isWanted the scenarios to play in this file, so that files can share the work; default all
 */
export function testCrashPoints<Step extends string>(
  t: Test,
  role: Role,
  points: readonly Point<Step>[],
  crashes: Readonly<Record<Step, Crash>>,
  isWanted: (scenario: Scenario) => boolean = () => true,
): void {
  const rows = points.map((point) => {
    const [side, step] = point.split(":") as [Side, Step];
    return { point, crash: crashes[step], side };
  });
  for (const scenario of (Object.keys(SCENARIOS) as Scenario[]).filter(isWanted)) {
    const reached = rows.filter(({ crash }) => crash.scenario === scenario);
    if (reached.length === 0) continue;
    t.test(`a ${role} dies in ${SCENARIOS[scenario]}`, async (t) => {
      const cluster = await CrashCluster.start(t, scenario === "silence" ? SILENCE_FLAGS : []);
      const finals = new Map<string, string | undefined>();
      for (const { point, crash, side } of reached) {
        for (const kind of KINDS) {
          const outcomes = crash[side][kind];
          const key = cluster.key(`${point} ${kind}`);
          const initial = scenario === "refusal" && kind === "del" ? undefined : OLD_VALUE;
          await t.test(`${point}, ${kind}: ${outcomes.map(({ told }) => told).join(" or ")}`, async (t) => {
            finals.set(key, await crashOnce(t, cluster, role, scenario, { point, kind, key, outcomes, initial }));
          });
        }
      }
      await checkDisks(t, cluster, finals);
    });
  }
}

/** @returns what the key holds at the end */
async function crashOnce(
  t: Test,
  cluster: CrashCluster,
  role: Role,
  scenario: Scenario,
  run: CrashRun,
): Promise<string | undefined> {
  const { key, kind, point, initial, outcomes } = run;
  const { name: victim } = VICTIMS[role];
  if (initial !== undefined) await cluster.client.put(key, initial);
  await cluster.settled();
  await cluster.stop(victim);

  const told = await SCENES[scenario](t, cluster, role, run);
  t.equal(await cluster.death(victim), "SIGKILL", `the ${role} died at ${point}`);
  const outcome = outcomes.find((candidate) => candidate.told === told);
  t.not(outcome, undefined, `the client was told ${told}`);
  const expected = outcome?.tookEffect === true ? (kind === "put" ? NEW_VALUE : undefined) : initial;

  if (role === "slave" && scenario === "update") {
    t.equal((await cluster.client.get(key))?.value, expected, "reads are right while the replica is down");
  }
  await cluster.serve(victim);
  await cluster.settled();
  const value = (await cluster.client.get(key))?.value;
  t.equal(value, expected, "the key holds what was told");
  await cluster.client.put(`${key} next`, NEW_VALUE);
  await cluster.client.del(`${key} next`);
  return value;
}

/** Each scene begins with the victim stopped, arms it, and ends when the client was told; the victim dies on the way. */
const SCENES: Record<Scenario, (t: Test, cluster: CrashCluster, role: Role, run: CrashRun) => Promise<string>> = {
  async update(_, cluster, role, { point, kind, key }) {
    await cluster.serve(VICTIMS[role].name, point);
    await cluster.settled();
    return tellOf(update(cluster, kind, key));
  },

  async restart(t, cluster, role, { point, kind, key }) {
    const { name, opensAt } = VICTIMS[role];
    await cluster.serve(name, opensAt);
    await cluster.settled();
    const told = await tellOf(update(cluster, kind, key));
    t.equal(await cluster.death(name), "SIGKILL", `the ${role} left the update open at ${opensAt}`);
    cluster.start(name, point);
    return told;
  },

  async silence(_, cluster, role, { point, kind, key }) {
    await cluster.serve(VICTIMS[role].name, point);
    await cluster.settled();
    cluster.freeze("successor");
    const told = await tellOf(update(cluster, kind, key));
    await cluster.death(VICTIMS[role].name);
    cluster.thaw("successor");
    return told;
  },

  async refusal(_, cluster, role, { point, kind, key }) {
    await cluster.serve(VICTIMS[role].name, point);
    await cluster.settled();
    if (kind === "del") return tellOf(update(cluster, "del", key));
    const [told] = await Promise.all([
      tellOf(update(cluster, "put", key)),
      tellOf(update(cluster, "del", cluster.key(`${key} missing`))),
    ]);
    return told;
  },
};

function update(cluster: CrashCluster, kind: Kind, key: string): Promise<unknown> {
  return kind === "put" ? cluster.client.put(key, NEW_VALUE) : cluster.client.del(key);
}

/** What a client was told of an update: Success or a code. */
async function tellOf(update: Promise<unknown>): Promise<string> {
  try {
    await update;
    return "Success";
  } catch (error) {
    if (!(error instanceof RingkvError)) throw error;
    return error.code;
  }
}

async function checkDisks(
  t: Test,
  cluster: CrashCluster,
  finals: ReadonlyMap<string, string | undefined>,
): Promise<void> {
  await cluster.settled();
  const { primary, successor } = await cluster.disks();
  const expected = [...finals].filter(([, value]) => value !== undefined);
  const values = [...primary.values].map(([key, { value }]) => [key, value]);
  t.strictSame(values.sort(), expected.sort(), "the primary's disk holds what was read, and nothing else");
  t.strictSame([...successor.values], [...primary.values], "the successor's disk holds the same values and versions");
  t.strictSame([primary.openOps, successor.openOps], [[], []], "neither log holds an open op");
}
