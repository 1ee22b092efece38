import type { Copy, Snapshot } from "../protocol/messages.js";
import type { Cluster } from "./cluster.js";
import { pause } from "./pause.js";

/** A key whose two copies differ. */
export interface Difference {
  readonly key: string;
  /** Undefined where the slave has no such key. */
  readonly left: Copy | undefined;
  readonly right: Copy | undefined;
}

/** Two slaves' copies of the keys that both hold. */
export interface Comparison {
  /** Keys whose replicas the two slaves are. */
  readonly shared: number;
  readonly differences: readonly Difference[];
}

/** A difference that stands after this time, in ms, is no update on its way. */
const SETTLE_MS = 250;
const LOOKS_MAX = 4;

/** Compares the two copies of every key that lives on both slaves. What differs only while an update is under way is no difference. */
export async function compareCopies(
  cluster: Cluster,
  left: Snapshot["slaves"][number],
  right: Snapshot["slaves"][number],
  signal: AbortSignal,
): Promise<Comparison> {
  const placed = new Map<string, boolean>();
  const isShared = async (key: string) => {
    const known = placed.get(key);
    if (known !== undefined) return known;
    const { replicas } = await cluster.where(key, { signal });
    const shared = replicas.includes(left.id) && replicas.includes(right.id);
    placed.set(key, shared);
    return shared;
  };
  for (let look = 1; ; look += 1) {
    const [ofLeft, ofRight] = await Promise.all([
      allCopies(cluster, left.name, signal),
      allCopies(cluster, right.name, signal),
    ]);
    const keys = [...new Set([...ofLeft.keys(), ...ofRight.keys()])];
    const differing: Difference[] = [];
    let shared = 0;
    for (const key of keys) {
      const [one, other] = [ofLeft.get(key), ofRight.get(key)];
      const isSame = one !== undefined && one.opId === other?.opId && one.digest === other.digest;
      // A key that both hold with one version lives on both: only the others need asking.
      if (isSame) shared += 1;
      else if (await isShared(key)) {
        shared += 1;
        differing.push({ key, left: one, right: other });
      }
    }
    if (differing.length === 0 || look === LOOKS_MAX) return { shared, differences: differing };
    await pause(SETTLE_MS, signal);
  }
}

async function allCopies(cluster: Cluster, slave: string, signal: AbortSignal): Promise<ReadonlyMap<string, Copy>> {
  const found = new Map<string, Copy>();
  let after = "";
  for (;;) {
    const { copies, more } = await cluster.copies(slave, { after, signal });
    for (const copy of copies) found.set(copy.key, copy);
    after = copies.at(-1)?.key ?? after;
    if (!more || copies.length === 0) return found;
  }
}
