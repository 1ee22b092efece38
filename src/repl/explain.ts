import type { KeyPlace } from "../client/client.js";
import type { ClusterInfo } from "../protocol/messages.js";
import { paintState } from "./cluster-text.js";
import type { Paint } from "./paint.js";
import { layOut } from "./table.js";
import { quote } from "./tokenize.js";
import { escapeUnprintable } from "../protocol/unprintable.js";

/** What can be explained. */
export const EXPLAINED = ["get", "put", "del"] as const;
export type Explained = (typeof EXPLAINED)[number];

/** The hash space, as a float: a share of it is for people. */
const HASHES = 2 ** 64;

/** What a request would do, step by step, as the cluster is now; nothing is done. */
export function explain(verb: Explained, key: string, place: KeyPlace, info: ClusterInfo, paint: Paint): string {
  const replicas = place.replicas.map((id, index) => {
    const slave = info.slaves.find((candidate) => candidate.id === id);
    return {
      role: ["primary", "successor"][index] ?? "",
      id,
      name: slave?.name ?? id,
      state: slave?.state ?? "unknown",
    };
  });
  const hash = BigInt(place.hash);
  const around = ((Number(hash) / HASHES) * 100).toFixed(1);
  const head = layOut([
    ["key", quote(key)],
    [
      "hash",
      `${place.hash} (${hash.toString(16).padStart(16, "0")}), ${around} % of the way round the ring (${escapeUnprintable(info.hash)})`,
    ],
    ["set", `${place.set?.toString() ?? "-"} of the master's cache; one write at a time in it`],
    ...replicas.map(({ role, name, state, id }) => [role, `${paint.name(name)} ${paintState(state, paint)}`, id]),
  ]);
  const steps = verb === "get" ? stepsOfGet(replicas) : stepsOfUpdate(verb, replicas);
  return [head, ...steps.map((step, index) => `${(index + 1).toString().padStart(2)}  ${step}`)].join("\n");
}

interface Replica {
  readonly name: string;
  readonly state: string;
}

function stepsOfGet(replicas: readonly Replica[]): readonly string[] {
  const [first, second] = [...replicas].sort((left, right) => Number(isDown(left)) - Number(isDown(right)));
  if (first === undefined || second === undefined) return [];
  const asked = isDown(first)
    ? ["both replicas are down: REPLICA_DOWN, unless the cache has the key"]
    : [
        `not cached: getreq to ${first.name}${isDown(second) ? " (the other replica is down)" : `; to ${second.name} if it does not answer in time`}`,
        `${first.name} answers from its own cache or its store; the master caches the value`,
      ];
  return [
    "the read lock of the set: reads share it, a write excludes them",
    "cached at the master: answered at once",
    ...asked,
  ];
}

function stepsOfUpdate(verb: "put" | "del", replicas: readonly Replica[]): readonly string[] {
  const both = replicas.map(({ name }) => name).join(" and ");
  const down = replicas.filter(isDown);
  if (down.length > 0) {
    const names = down.map(({ name }) => name).join(" and ");
    return [`refused with REPLICA_DOWN: ${names} must be up, since the ${verb} needs the votes of ${both}`];
  }
  const no = verb === "del" ? "KEY_NOT_FOUND when there is no such key, IN_DOUBT, STORAGE …" : "IN_DOUBT, STORAGE …";
  return [
    "the write lock of the set",
    `PREPARE to ${both}, at once`,
    `each forces PREPARED to its disk, then votes yes; or votes no (${no}) and writes nothing`,
    "both yes: the op is committed at this moment; the client is told OK, the lock goes back, the cache has the new state",
    "a no, or no vote in time: it is aborted; the client is told when a replica has confirmed it",
    `the decision to ${both}; each applies it, logs it, and acknowledges`,
    "both have acknowledged: both may forget the op",
  ];
}

function isDown({ state }: Replica): boolean {
  return state === "down";
}
