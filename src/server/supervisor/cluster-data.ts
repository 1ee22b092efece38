import { resolve } from "node:path";
import { RingkvError } from "../../protocol/errors.js";
import type { SlaveId } from "../../protocol/ids.js";
import { DEFAULTS } from "../../protocol/limits.js";
import { ClusterFile } from "../storage/cluster-file.js";
import { DataDirectory } from "../storage/data-directory.js";
import { evenlySpreadIds, inRingOrder } from "./ring-ids.js";

/** What a caller asks of the ring; what is left out, the data directory or the default decides. */
export interface RingWish {
  /** The data directory of the whole cluster. */
  readonly data: string;
  readonly slaves: number | undefined;
  readonly ids: readonly SlaveId[] | undefined;
}

/** A cluster's data directory, which is ours until `close`. */
export interface ClusterData {
  /** Absolute. */
  readonly path: string;
  /** The ring's members in ring order. */
  readonly slaves: readonly SlaveId[];
  close(): void;
}

/**
 * Takes a cluster's data directory and settles the ring: the one that is there, or a new one, which is kept from now on.
 * A ring never changes afterwards, because the keys are where it put them.
 *
 * @throws RingkvError STORAGE when another process holds the directory; BAD_REQUEST when the wish contradicts itself or the
 *   ring that is there; DUPLICATE_ID
 */
export async function openClusterData(wish: RingWish): Promise<ClusterData> {
  const wished = wishedRing(wish);
  const path = resolve(wish.data);
  const directory = DataDirectory.open(path, "supervisor");
  try {
    const file = await ClusterFile.open(path);
    const slaves = file.found?.slaves ?? wished.ids ?? evenlySpreadIds(wished.count ?? DEFAULTS.slaves);
    if (!agrees(slaves, wished)) throw contradiction(path, slaves, wish);
    if (file.found === undefined) await file.save({ slaves });
    return {
      path,
      slaves,
      close() {
        directory.close();
      },
    };
  } catch (error) {
    directory.close();
    throw error;
  }
}

interface Wished {
  readonly count: number | undefined;
  /** In ring order. */
  readonly ids: readonly SlaveId[] | undefined;
}

function wishedRing({ slaves, ids }: RingWish): Wished {
  if (ids !== undefined && slaves !== undefined && slaves !== ids.length) {
    const message = `--ids names ${ids.length.toString()} slaves and --slaves says ${slaves.toString()}`;
    throw new RingkvError("BAD_REQUEST", message);
  }
  return { count: slaves, ids: ids && inRingOrder(ids) };
}

/** A count alone agrees with any ring of that size: its IDs were chosen when it was made. */
function agrees(ring: readonly SlaveId[], { count, ids }: Wished): boolean {
  return ids === undefined ? count === undefined || count === ring.length : ids.join() === ring.join();
}

function contradiction(path: string, there: readonly SlaveId[], wish: RingWish): RingkvError {
  const asked = wish.ids === undefined ? `--slaves ${String(wish.slaves)}` : `--ids ${wish.ids.join()}`;
  return new RingkvError(
    "BAD_REQUEST",
    `${path} holds a ring of ${there.length.toString()} slaves (${there.join(", ")}), which ${asked} contradicts; ` +
      "leave that out to open the ring, or name another --data",
  );
}
