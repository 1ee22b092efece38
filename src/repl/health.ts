import type { WatchItem } from "../client/watch-status.js";
import type { SlaveId } from "../protocol/ids.js";
import type { SlaveState, SlaveStatus, Snapshot, StatusEvent } from "../protocol/messages.js";

/** What the prompt knows of the cluster's health. */
export interface Health {
  /** `unknown` until something was heard. */
  readonly connection: "unknown" | "live" | "lost";
  /** Of the master that was heard last. */
  readonly epoch: string | undefined;
  readonly ringSize: number;
  readonly slaves: readonly SlaveHealth[];
  /** The master holds every step of two-phase commit. */
  readonly isStepping: boolean;
  /** When a new master was first heard, in ms by its clock; undefined once its ring is whole again, or has had the time. */
  readonly newSinceMs: number | undefined;
}

export interface SlaveHealth {
  readonly id: SlaveId;
  readonly name: string;
  readonly state: SlaveState;
  /** What the person was told last, or has seen; undefined for a slave that is new. */
  readonly told: "up" | "down" | undefined;
}

/** A line of news, and of whom. */
export interface News {
  readonly text: string;
  readonly of: "master" | Pick<SlaveHealth, "id" | "name">;
}

export const UNKNOWN_HEALTH: Health = {
  connection: "unknown",
  epoch: undefined,
  ringSize: 0,
  slaves: [],
  isStepping: false,
  newSinceMs: undefined,
};

/** To a new master the slaves come back within moments, which is no news; one that does not within this time, in ms, is down. */
const SETTLING_MS = 5_000;

/** The health after what was heard, and what is worth telling a person: who has gone, and who is back. */
export function healthAfter(health: Health, item: WatchItem): Heard {
  switch (item.type) {
    case "lost":
      return { health: { ...health, connection: "lost" }, news: health.connection === "lost" ? [] : [MASTER_GONE] };
    case "snapshot": {
      const told = withNews(afterSnapshot(health, item), item.time);
      return { ...told, news: [...masterNews(health, item.info.epoch), ...told.news] };
    }
    case "event":
      return withNews(afterEvent(health, item), item.time);
    case "connected":
    case "gap":
      return { health, news: [] };
  }
}

/** How many of the slaves are up. */
export function slavesUp({ slaves }: Health): number {
  return slaves.filter(({ state }) => state === "up").length;
}

interface Heard {
  readonly health: Health;
  readonly news: readonly News[];
}

const MASTER_GONE: News = { text: "the master is gone", of: "master" };

/** News of the master whose snapshot came, if there are any. */
function masterNews({ connection, epoch: before }: Health, epoch: string): readonly News[] {
  if (connection !== "lost") return [];
  const was = before === undefined ? "" : before === epoch ? ", as before" : ` (it was ${before})`;
  return [{ text: `the master is ${before === undefined ? "there" : "back"}: epoch ${epoch}${was}`, of: "master" }];
}

function afterSnapshot(health: Health, { info, slaves, step, time }: Snapshot): Health {
  const isFirst = health.epoch === undefined;
  return {
    connection: "live",
    epoch: info.epoch,
    ringSize: info.ringSize,
    slaves: slavesAfter(health, slaves).map((slave) => (isFirst ? seen(slave) : slave)),
    isStepping: step.on,
    newSinceMs: !isFirst && info.epoch !== health.epoch ? time : health.newSinceMs,
  };
}

function afterEvent(health: Health, event: StatusEvent): Health {
  switch (event.event) {
    case "slave": {
      const [changed] = slavesAfter(health, [event.slave]);
      if (changed === undefined) return health;
      const isKnown = health.slaves.some(({ id }) => id === changed.id);
      const slaves = health.slaves.map((slave) => (slave.id === changed.id ? changed : slave));
      return { ...health, slaves: isKnown ? slaves : [...slaves, changed] };
    }
    case "ring":
      return { ...health, slaves: slavesAfter(health, event.slaves) };
    case "step":
      return { ...health, isStepping: event.step.on };
    default:
      return health;
  }
}

function slavesAfter(health: Health, statuses: readonly SlaveStatus[]): readonly SlaveHealth[] {
  return statuses.map(({ id, name, state }) => {
    return { id, name, state, told: health.slaves.find((slave) => slave.id === id)?.told };
  });
}

/** Tells which slaves are up or down and were not when the person was told last. */
function withNews(health: Health, timeMs: number): Heard {
  const { newSinceMs, slaves, ringSize } = health;
  const isWhole = slaves.length >= ringSize && slaves.every(({ state }) => state === "up");
  if (newSinceMs !== undefined && !isWhole && timeMs - newSinceMs < SETTLING_MS) return { health, news: [] };
  const news = slaves.flatMap(({ id, name, state, told }): readonly News[] => {
    if (state === "up" && told !== "up") return [{ text: `${name} is up`, of: { id, name } }];
    if (state === "down" && told === "up") return [{ text: `${name} is down`, of: { id, name } }];
    return [];
  });
  return { health: { ...health, newSinceMs: undefined, slaves: slaves.map(seen) }, news };
}

/** What the person knows by now; a slave that is suspected, or joins, is neither up nor down yet. */
function seen(slave: SlaveHealth): SlaveHealth {
  const { state, told } = slave;
  return { ...slave, told: state === "up" || state === "down" ? state : (told ?? "down") };
}
