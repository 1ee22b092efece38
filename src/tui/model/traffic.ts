import type { Metrics } from "../../protocol/messages.js";

/** What happened in one second, for the timeline. */
export interface Second {
  /** Seconds since 1970. */
  readonly atSecond: number;
  /** Client requests that began in it. */
  readonly ops: number;
  readonly marks: readonly TimelineMark[];
}

export type TimelineMark = "down" | "up" | "abort" | "lost" | "ring";

/** Requests over time, from the master's counters. */
export interface Traffic {
  /** The last minutes without a hole, oldest first; the last one is still running. */
  readonly seconds: readonly Second[];
  /** Requests per second, over about the last second. */
  readonly opsPerSecond: number;
  /** Counters of the last second or so, oldest first. */
  readonly readings: readonly Reading[];
}

interface Reading {
  readonly time: number;
  readonly total: number;
}

export const SECONDS_KEPT = 600;

export const NO_TRAFFIC: Traffic = { seconds: [], opsPerSecond: 0, readings: [] };

/** The counters as of a time, in ms since 1970. A total that falls is a new master's, which begins at 0. */
export function withReading(traffic: Traffic, time: number, metrics: Metrics): Traffic {
  const total = metrics.gets + metrics.puts + metrics.dels;
  const last = traffic.readings.at(-1);
  const isContinued = last !== undefined && total >= last.total && time >= last.time;
  const readings = [...(isContinued ? traffic.readings : []), { time, total }];
  while (readings.length > 2 && time - (readings[1]?.time ?? time) >= 1_000) readings.shift();
  const [first] = readings;
  const elapsedMs = time - (first?.time ?? time);
  const opsPerSecond = elapsedMs > 0 ? ((total - (first?.total ?? total)) * 1_000) / elapsedMs : 0;
  const seconds = change(traffic.seconds, time, (second) => ({
    ...second,
    ops: second.ops + (isContinued ? total - last.total : 0),
  }));
  return { seconds, opsPerSecond, readings };
}

/** Something worth a mark has happened. */
export function withMark(traffic: Traffic, time: number, mark: TimelineMark): Traffic {
  const seconds = change(traffic.seconds, time, (second) =>
    second.marks.includes(mark) ? second : { ...second, marks: [...second.marks, mark] },
  );
  return { ...traffic, seconds };
}

/** The seconds with one of them changed; seconds without anything in them are filled in up to it. */
function change(seconds: readonly Second[], time: number, make: (second: Second) => Second): readonly Second[] {
  const atSecond = Math.floor(time / 1_000);
  const last = seconds.at(-1)?.atSecond ?? atSecond - 1;
  if (atSecond <= last) return seconds.map((second) => (second.atSecond === atSecond ? make(second) : second));
  const from = Math.max(last + 1, atSecond - SECONDS_KEPT + 1);
  const fresh = Array.from({ length: atSecond - from + 1 }, (_, index): Second => ({
    atSecond: from + index,
    ops: 0,
    marks: [],
  }));
  const changed = [...seconds, ...fresh].slice(-SECONDS_KEPT);
  return changed.map((second) => (second.atSecond === atSecond ? make(second) : second));
}
