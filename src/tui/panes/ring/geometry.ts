/**
 * Places on the ring. A place is a fraction of a turn, 0 (top) to just under 1, clockwise: the upper 53 of the 64 bits of an ID
 * or a hash, which a double holds exactly; so the order of places is the order of IDs.
 */
export type Turn = number;

const FULL_ANGLE = 2 * Math.PI;

/** The place of a 64-bit ID or hash, an unsigned decimal. */
export function turnOf(place: string): Turn {
  return Number(BigInt(place) >> 11n) / 2 ** 53;
}

/** The angle of a 64-bit ID or hash on a screen, where y grows downwards: −π/2 (top) to 3π/2, clockwise. */
export function angleOf(place: string): number {
  return angleOfTurn(turnOf(place));
}

/** The angle of a place on a screen, where y grows downwards. */
export function angleOfTurn(turn: Turn): number {
  return turn * FULL_ANGLE - Math.PI / 2;
}

/** How far it is from one place clockwise to another; 0 when they are the same. */
export function clockwise(from: Turn, to: Turn): Turn {
  const way = to - from;
  return way < 0 ? way + 1 : way;
}

/** What one slave owns as primary: from its predecessor, exclusive, clockwise to itself, inclusive. */
export interface Arc {
  readonly from: Turn;
  readonly to: Turn;
  /** 1 on a ring of one; 0 for a slave at the very place of its predecessor. */
  readonly span: Turn;
}

/** The arcs of slaves at these places, in their order; together they are the whole circle. @param places rising */
export function arcsOf(places: readonly Turn[]): readonly Arc[] {
  return places.map((to, index) => {
    const from = places[(index + places.length - 1) % places.length] ?? to;
    // The first one's goes past the top, and is the whole circle where all are at one place.
    return { from, to, span: index === 0 ? to - from + 1 : to - from };
  });
}

/** Whose arc a place lies in: the first slave at or after it, past the last one the first; −1 on an empty ring. */
export function ownerAt(places: readonly Turn[], turn: Turn): number {
  if (places.length === 0) return -1;
  const index = places.findIndex((place) => place >= turn);
  return index === -1 ? 0 : index;
}

/** A circle in dots: a cell has 2 by 4 of them, which makes them square. */
export interface Circle {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where a place is on a circle, in dots. */
export function pointAt({ x, y, radius }: Circle, turn: Turn): Point {
  const angle = angleOfTurn(turn);
  return { x: x + radius * Math.cos(angle), y: y + radius * Math.sin(angle) };
}

/** The same circle, smaller by so many dots, but never nothing. */
export function within(circle: Circle, dots: number): Circle {
  return { ...circle, radius: Math.max(0.5, circle.radius - dots) };
}

/** The cell that a dot lies in. */
export function cellOf({ x, y }: Point): Point {
  return { x: Math.floor(Math.round(x) / 2), y: Math.floor(Math.round(y) / 4) };
}

/**
 * The dots of a circle's line, one dot thick and without gaps, with the place of each; some come twice.
 *
 * @param circle its centre on a dot or halfway between two, so that the line is the same on all sides
 */
export function* dotsOf(circle: Circle): Generator<{ readonly x: number; readonly y: number; readonly turn: Turn }> {
  const { x, y, radius } = circle;
  const reach = radius * Math.SQRT1_2;
  const place = (dotX: number, dotY: number) => ({ x: dotX, y: dotY, turn: turnAt(circle, { x: dotX, y: dotY }) });
  const halfChord = (distance: number) => Math.sqrt(Math.max(0, radius ** 2 - distance ** 2));
  for (let dotX = Math.floor(x - reach); dotX <= Math.ceil(x + reach); dotX += 1) {
    const bottom = Math.round(y + halfChord(dotX - x));
    yield place(dotX, bottom);
    yield place(dotX, 2 * y - bottom);
  }
  for (let dotY = Math.floor(y - reach); dotY <= Math.ceil(y + reach); dotY += 1) {
    const right = Math.round(x + halfChord(dotY - y));
    yield place(right, dotY);
    yield place(2 * x - right, dotY);
  }
}

/** The place in whose direction a point lies from the centre. */
function turnAt({ x, y }: Circle, point: Point): Turn {
  const turn = (Math.atan2(point.y - y, point.x - x) + Math.PI / 2) / FULL_ANGLE;
  return turn < 0 ? turn + 1 : turn;
}
