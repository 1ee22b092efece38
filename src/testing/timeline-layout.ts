import type { Operation } from "./history.js";

/** Where everything of a timeline is drawn, in pixels. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly rows: readonly Row[];
  readonly bars: readonly Bar[];
  /** Moments that have room for their label. */
  readonly ticks: readonly Tick[];
}

/** A client's row: as many lanes as it needs for its bars and their labels to stand free. */
export interface Row {
  readonly client: string;
  readonly top: number;
  readonly height: number;
}

/** One operation, from its call to its return. */
export interface Bar {
  readonly operation: Operation;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly height: number;
}

export interface Tick {
  readonly ms: number;
  readonly left: number;
}

/** Above the rows, for the times. */
export const AXIS_HEIGHT = 24;
const BAR_HEIGHT = 20;
const LANE_HEIGHT = 26;
const ROW_PADDING = 6;
const MARGIN = 16;
const BAR_GAP = 8;
const TICK_GAP = 96;
/** A column is as wide as this, and wider the longer it lasts, up to the largest. */
const COLUMN_WIDTH = { least: 14, most: 140 };

/**
 * Gives every operation its place. Time runs to the right, but not evenly: what happens at different moments is always
 * drawn apart, in the right order, and long waits are shortened, so that microseconds and seconds fit one page.
 *
 * @param labelWidth the room that an operation's label takes, from the left end of its bar
 */
export function layOut(operations: readonly Operation[], labelWidth: (operation: Operation) => number): Layout {
  const placeOf = columns(operations);
  const rows: Row[] = [];
  const bars: Bar[] = [];
  let top = AXIS_HEIGHT;
  for (const [client, own] of byClient(operations)) {
    const lanes: number[] = [];
    for (const operation of own) {
      const left = placeOf(operation.calledMs);
      const right = Math.max(placeOf(endMs(operation)), left + COLUMN_WIDTH.least / 2);
      const free = lanes.findIndex((end) => end + BAR_GAP <= left);
      const lane = free === -1 ? lanes.length : free;
      lanes[lane] = Math.max(right, left + labelWidth(operation));
      bars.push({ operation, left, right, top: top + ROW_PADDING + lane * LANE_HEIGHT, height: BAR_HEIGHT });
    }
    const height = lanes.length * LANE_HEIGHT + 2 * ROW_PADDING - (LANE_HEIGHT - BAR_HEIGHT);
    rows.push({ client, top, height });
    top += height;
  }
  const ends = bars.map((bar) => Math.max(bar.right, bar.left + labelWidth(bar.operation)));
  return {
    width: Math.max(0, ...ends) + MARGIN,
    height: top + MARGIN,
    rows,
    bars,
    ticks: ticksOf(operations, placeOf),
  };
}

/** Places of moments, from the left. */
function columns(operations: readonly Operation[]): (ms: number) => number {
  const moments = momentsOf(operations);
  const gaps = moments.slice(1).map((ms, index) => ms - (moments[index] ?? ms));
  const usual = gaps.toSorted((left, right) => left - right)[gaps.length >> 1] ?? 1;
  const places = new Map<number, number>();
  let place = MARGIN;
  for (const [index, ms] of moments.entries()) {
    places.set(ms, place);
    const width = COLUMN_WIDTH.least * (1 + Math.log2(1 + (gaps[index] ?? 0) / usual));
    place += Math.min(COLUMN_WIDTH.most, width);
  }
  return (ms) => places.get(ms) ?? MARGIN;
}

function momentsOf(operations: readonly Operation[]): readonly number[] {
  const moments = new Set(operations.flatMap((operation) => [operation.calledMs, endMs(operation)]));
  return [...moments].sort((left, right) => left - right);
}

/** Where a bar ends. An unknown outcome says nothing about that, and may have been given up before the call was noted. */
function endMs({ calledMs, returnedMs }: Operation): number {
  return Math.max(calledMs, returnedMs);
}

function byClient(operations: readonly Operation[]): ReadonlyMap<string, readonly Operation[]> {
  const clients = new Map<string, Operation[]>();
  for (const operation of operations.toSorted((left, right) => left.calledMs - right.calledMs)) {
    const own = clients.get(operation.client);
    if (own === undefined) clients.set(operation.client, [operation]);
    else own.push(operation);
  }
  return new Map([...clients].sort(([left], [right]) => left.localeCompare(right, "en", { numeric: true })));
}

function ticksOf(operations: readonly Operation[], placeOf: (ms: number) => number): readonly Tick[] {
  const ticks: Tick[] = [];
  for (const ms of momentsOf(operations)) {
    const left = placeOf(ms);
    const last = ticks.at(-1);
    if (last === undefined || left - last.left >= TICK_GAP) ticks.push({ ms, left });
  }
  return ticks;
}
