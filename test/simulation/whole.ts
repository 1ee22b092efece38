import type { MasterCore } from "../../src/core/master.js";
import type { SlaveId } from "../../src/protocol/ids.js";
import type { Plan } from "./plan.js";
import type { SlaveMachine } from "./slave-machine.js";

/** What is not back to normal: empty when every slave is ready and nothing is open anywhere. */
export function unhealed(master: MasterCore | undefined, slaves: readonly SlaveMachine[]): string[] {
  if (master === undefined) return ["the master is down"];
  const found: string[] = [];
  if (master.ring === undefined) found.push("the ring is not complete");
  for (const { id, host, daemon: slave } of slaves) {
    const open = slave?.core.participant.openOps.length ?? 0;
    if (slave === undefined) found.push(`${host} is down`);
    else if (!master.isLinked(id)) found.push(`${host} is not linked`);
    if (open > 0) found.push(`${host} holds ${open} open ops`);
  }
  if (master.openCount > 0) found.push(`the master holds ${master.openCount} open ops`);
  return found;
}

/** Where copies, or a cache and the copies, differ; to be asked of a cluster that is whole. */
export function unequal(master: MasterCore | undefined, slaves: readonly SlaveMachine[], plan: Plan): string[] {
  const found: string[] = [];
  for (const key of plan.keys) {
    const replicas: readonly SlaveId[] = master?.locate(key)?.replicas ?? [];
    const copies = replicas.map((id) => {
      const machine = slaves.find((slave) => slave.id === id);
      return asText(machine?.store?.get(key));
    });
    if (copies[0] !== copies[1]) found.push(`${key}: the copies differ: ${copies.map(String).join(" and ")}`);
    const cached = master === undefined ? undefined : cachedIn(master, plan.masterCache.sets, key);
    if (cached !== undefined && cached !== copies[0]) {
      found.push(`${key}: the master's cache says ${cached}, the copies ${String(copies[0])}`);
    }
    for (const { id, host, daemon: slave, store } of slaves) {
      if (slave === undefined || store === undefined) continue;
      const stored = asText(store.get(key));
      if (!replicas.includes(id) && stored !== undefined) found.push(`${key}: ${host} holds it and is no replica`);
      const atSlave = cachedIn(slave.core, plan.slaveCache.sets, key);
      if (atSlave !== undefined && atSlave !== stored) {
        found.push(`${key}: the cache of ${host} says ${atSlave}, its store ${String(stored)}`);
      }
    }
  }
  return found;
}

/** What a cache holds of a key; it is looked for in every set, so that one in a wrong set is found too. */
function cachedIn(cache: Pick<MasterCore, "cacheEntries">, sets: number, key: string): string | undefined {
  for (let set = 0; set < sets; set++) {
    const entry = cache.cacheEntries(set).find((candidate) => candidate.key === key);
    if (entry !== undefined) return asText(entry.value);
  }
  return undefined;
}

/** Undefined when there is nothing. */
function asText(content: { readonly value: string; readonly opId: string } | undefined): string | undefined {
  return content === undefined ? undefined : `${content.opId}=${content.value}`;
}
