import type { RingNode } from "./nodes.js";
import { type Point, type Turn, angleOfTurn } from "./geometry.js";
import { type Label, groupLabel, nodeLabel } from "./labels.js";
import type { Glyphs, Theme } from "../../screen/theme.js";

/** A node with the cell of its glyph. */
export interface PlacedNode extends RingNode {
  readonly cell: Point;
}

/** A label with the cell where it begins. */
export interface PlacedLabel extends Point {
  readonly label: Label;
}

/** Neighbours that share a label. */
interface Group {
  readonly nodes: readonly PlacedNode[];
  /** The middle of them, where the label goes. */
  readonly turn: Turn;
  readonly cell: Point;
}

/**
 * Finds a place for the label of each node, outside the ring and free of everything. Neighbours that find none, each for
 * itself, share one; if even one label for all has no room there is none.
 *
 * Words on states come before shares, and shares are told of all slaves or of none.
 *
 * @param nodes in ring order
 * @param cellAt the cell of a place on the ring
 * @param isTaken a cell that the ring itself needs, or that lies outside
 */
export function layOutLabels(
  nodes: readonly PlacedNode[],
  cellAt: (turn: Turn) => Point,
  isTaken: (x: number, y: number) => boolean,
  theme: Theme,
  glyphs: Glyphs,
): readonly PlacedLabel[] {
  let groups = nodes.map((node): Group => ({ nodes: [node], turn: node.turn, cell: node.cell }));
  const labelOf = ({ nodes: members }: Group, detail: "none" | "word" | "share"): Label => {
    const [only] = members;
    return members.length === 1 && only !== undefined
      ? nodeLabel(only, detail, theme, glyphs)
      : groupLabel(members, detail === "none", theme, glyphs);
  };
  for (;;) {
    const room = new Room(isTaken);
    const clash = firstClash(groups) ?? groups.findIndex((group) => !room.place(group, labelOf(group, "none")));
    if (clash !== -1) {
      if (groups.length < 2) return [];
      groups = merged(groups, clash, cellAt);
      continue;
    }
    for (const group of groups) room.place(group, labelOf(group, "word"));
    if (groups.every(({ nodes: members }) => members.length === 1)) {
      const before = room.copy();
      const isRoomForAll = groups.every((group) => room.place(group, labelOf(group, "share")));
      return isRoomForAll ? room.labels : before.labels;
    }
    return room.labels;
  }
}

/** The labels so far and the cells that they take. */
class Room {
  readonly #isTaken: (x: number, y: number) => boolean;
  readonly #placed: Map<Group, PlacedLabel>;

  constructor(isTaken: (x: number, y: number) => boolean, placed: ReadonlyMap<Group, PlacedLabel> = new Map()) {
    this.#isTaken = isTaken;
    this.#placed = new Map(placed);
  }

  get labels(): readonly PlacedLabel[] {
    return [...this.#placed.values()];
  }

  copy(): Room {
    return new Room(this.#isTaken, this.#placed);
  }

  /** Gives a group this label instead of the one it has; it keeps that one if there is no room. */
  place(group: Group, label: Label): boolean {
    const before = this.#placed.get(group);
    this.#placed.delete(group);
    const places = placesFor(group, label.width);
    const free =
      places.find((place) => this.#isFree(place, label) && this.#isApart(place, label)) ??
      places.find((place) => this.#isFree(place, label));
    if (free === undefined) {
      if (before !== undefined) this.#placed.set(group, before);
      return false;
    }
    this.#placed.set(group, { ...free, label });
    return true;
  }

  #isFree({ x, y }: Point, { width, isSelected }: Label): boolean {
    // The marker may hide a piece of the ring, so that a label stays where it is when its slave is selected.
    const left = isSelected ? x - 1 : x;
    if (left < 0) return false;
    for (let column = x; column < x + width; column += 1) if (this.#isTaken(column, y)) return false;
    for (const other of this.#placed.values()) {
      const otherLeft = other.label.isSelected ? other.x - 1 : other.x;
      if (other.y === y && left <= other.x + other.label.width && otherLeft <= x + width) return false;
    }
    return true;
  }

  /** Nothing touches it at its ends. */
  #isApart({ x, y }: Point, { width }: Label): boolean {
    return (x === 0 || !this.#isTaken(x - 1, y)) && !this.#isTaken(x + width, y);
  }
}

/** Where a label of this width may begin, the best place first: beside the node, or above or below it near the poles. */
function placesFor({ turn, cell }: Group, width: number): readonly Point[] {
  const angle = angleOfTurn(turn);
  const [right, down] = [Math.cos(angle), Math.sin(angle)];
  const outward = down < 0 ? -1 : 1;
  const away = right < 0 ? -1 : 1;
  const besideX = right < 0 ? cell.x - 1 - width : cell.x + 2;
  const beside = [
    { x: besideX, y: cell.y },
    { x: besideX + away, y: cell.y },
    { x: besideX, y: cell.y + outward },
  ];
  const middle = cell.x - Math.floor(width / 2);
  const lean = Math.round((right * (width + 1)) / 2);
  const shifts = [lean, lean + away, lean + 2 * away, lean - away, lean + 3 * away];
  const beyond = shifts.map((shift) => ({ x: middle + shift, y: cell.y + outward }));
  return Math.abs(right) > 0.55 ? [...beside, ...beyond] : [...beyond, ...beside.reverse()];
}

/** The first of two neighbours whose glyphs are on one cell. */
function firstClash(groups: readonly Group[]): number | undefined {
  if (groups.length < 2) return undefined;
  const index = groups.findIndex(({ nodes }, at) => {
    const [here, next] = [nodes.at(-1)?.cell, groups[(at + 1) % groups.length]?.nodes[0]?.cell];
    return here?.x === next?.x && here?.y === next?.y;
  });
  return index === -1 ? undefined : index;
}

/** The groups after one of them was joined with its nearest neighbour. */
function merged(groups: readonly Group[], index: number, cellAt: (turn: Turn) => Point): Group[] {
  const at = (offset: number) => (index + offset + groups.length) % groups.length;
  const gap = (left: number, right: number) => {
    const way = (groups[right]?.nodes[0]?.turn ?? 0) - (groups[left]?.nodes.at(-1)?.turn ?? 0);
    return way < 0 ? way + 1 : way;
  };
  const [left, right] = gap(at(-1), index) < gap(index, at(1)) ? [at(-1), index] : [index, at(1)];
  const nodes = [...(groups[left]?.nodes ?? []), ...(groups[right]?.nodes ?? [])];
  const from = nodes[0]?.turn ?? 0;
  const to = nodes.at(-1)?.turn ?? 0;
  const turn = (from + (to < from ? to + 1 - from : to - from) / 2) % 1;
  const group = { nodes, turn, cell: cellAt(turn) };
  // Past the last group comes the first one: there the joined one stays the last.
  if (right < left) return [...groups.slice(1, left), group];
  return [...groups.slice(0, left), group, ...groups.slice(right + 1)];
}
