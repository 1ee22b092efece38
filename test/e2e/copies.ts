import { readdirSync } from "node:fs";
import { join } from "node:path";
import { HASHES } from "../../src/core/hash.js";
import { Ring } from "../../src/core/ring.js";
import type { SlaveId } from "../../src/protocol/ids.js";
import { DiskStore } from "../../src/server/storage/disk-store.js";
import type { Cluster } from "./cluster.js";

/** Keys of one slave that are compared at most; a test that writes more would compare too little. */
const KEYS_MAX = 1_000;

/**
 * Compares the two copies of every key, value and version, read from the slaves' stores after the cluster has stopped.
 * @returns what differs, and keys that lie where they do not belong, for people
 */
export async function differentCopies(cluster: Cluster): Promise<readonly string[]> {
  const ids = cluster.ready.slaves.map(({ id }) => id);
  const ring = new Ring(ids);
  const contents = new Map<SlaveId, ReadonlyMap<string, string>>();
  for (const directory of readdirSync(cluster.data).filter((name) => name.startsWith("slave-"))) {
    contents.set(directory.slice("slave-".length) as SlaveId, await contentsOf(join(cluster.data, directory)));
  }
  const found: string[] = [];
  const keys = new Set([...contents.values()].flatMap((copy) => [...copy.keys()]));
  for (const key of keys) {
    const replicas = ring.replicasOf(HASHES.xxh64(key));
    const [first, second] = replicas.map((id) => contents.get(id)?.get(key));
    if (first !== second) found.push(`${key}: ${String(first)} and ${String(second)}`);
    for (const id of ids) {
      if (!replicas.includes(id) && contents.get(id)?.has(key) === true) found.push(`${key} lies on ${id} too`);
    }
  }
  return found;
}

async function contentsOf(directory: string): Promise<ReadonlyMap<string, string>> {
  const store = await DiskStore.open(directory);
  const { keys, more } = await store.keys({ prefix: "", after: "", limit: KEYS_MAX });
  if (more) throw new Error(`${directory} holds more than ${KEYS_MAX} keys`);
  const copy = new Map<string, string>();
  for (const key of keys) {
    const { value, opId } = store.get(key) ?? { value: "", opId: "" };
    copy.set(key, `${value} (${opId})`);
  }
  await store.close();
  return copy;
}
