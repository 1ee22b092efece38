import type { Plan } from "./plan.js";
import { simulate } from "./simulation.js";

/** What a plan was cut down to, and after how many runs. */
export interface Shrunk {
  readonly plan: Plan;
  readonly violations: readonly string[];
  readonly runs: number;
}

/**
 * Cuts a failing plan down: faults first, then clients and requests in ever smaller pieces (delta debugging, Zeller and
 * Hildebrandt 2002), then everything is made as plain as it gets. Each smaller plan that still fails takes the place of the
 * last, whatever it fails with.
 *
 * @param runsMax how many smaller plans are tried at most
 */
export async function shrink(failing: Plan, runsMax = 2_000): Promise<Shrunk> {
  let best: Shrunk = { plan: failing, violations: await violationsOf(failing), runs: 1 };
  if (best.violations.length === 0) throw new Error("a plan to be shrunk fails");
  const improve = async (candidate: Plan): Promise<boolean> => {
    if (best.runs >= runsMax) return false;
    const violations = await violationsOf(candidate);
    const runs = best.runs + 1;
    best = violations.length > 0 ? { plan: candidate, violations, runs } : { ...best, runs };
    return violations.length > 0;
  };
  for (let sizeBefore = Infinity; sizeOf(best.plan) < sizeBefore && best.runs < runsMax;) {
    sizeBefore = sizeOf(best.plan);
    await shrinkList(
      () => best.plan.faults,
      (faults) => improve({ ...best.plan, faults }),
    );
    for (let client = best.plan.clients.length - 1; client >= 0; client--) {
      await improve(withRequests(best.plan, client, []));
      await shrinkList(
        () => best.plan.clients[client] ?? [],
        (requests) => improve(withRequests(best.plan, client, requests)),
      );
    }
    for (const simpler of simplerOnes(best.plan)) await improve({ ...best.plan, ...simpler });
  }
  return best;
}

/** Leaves out pieces of a list, halves first, single items last, for as long as `improve` takes what is left. */
async function shrinkList<Item>(
  list: () => readonly Item[],
  improve: (shorter: readonly Item[]) => Promise<boolean>,
): Promise<void> {
  for (let piece = Math.ceil(list().length / 2); piece >= 1; piece = piece === 1 ? 0 : Math.ceil(piece / 2)) {
    for (let at = 0; at < list().length;) {
      const items = list();
      const isTaken = await improve([...items.slice(0, at), ...items.slice(at + piece)]);
      if (!isTaken) at += piece;
    }
  }
}

function withRequests(plan: Plan, client: number, requests: Plan["clients"][number]): Plan {
  return { ...plan, clients: plan.clients.map((present, index) => (index === client ? requests : present)) };
}

/** One thing each that a plain run would have. */
function simplerOnes(plan: Plan): readonly Partial<Plan>[] {
  const used = new Set(plan.clients.flat().map(({ key }) => key));
  return [
    { keys: plan.keys.filter((key) => used.has(key)) },
    // Faults name clients by their places: where that matters, the plan without them fails no more, or fails otherwise.
    { clients: plan.clients.filter((requests) => requests.length > 0) },
    { network: { minMs: 0.05, typicalMs: 0.2, slowPart: 0, slowMs: 0 } },
    { disks: { typicalMs: 0.2, slowPart: 0, slowMs: 0 } },
    { valueChars: 0 },
    { segmentBytes: 16_384 },
    { serial: false },
    { masterCache: { sets: 8, ways: 4 } },
    { slaveCache: { sets: 8, ways: 4 } },
    ...(plan.faults.some((fault) => "slave" in fault || "target" in fault) ? [] : [{ slaves: 2 }]),
  ].filter((simpler) => JSON.stringify({ ...plan, ...simpler }) !== JSON.stringify(plan));
}

function sizeOf(plan: Plan): number {
  return JSON.stringify(plan).length;
}

async function violationsOf(plan: Plan): Promise<readonly string[]> {
  return (await simulate(plan)).violations;
}
