import type { OpTrace } from "../../model/op-trace.js";
import type { Style } from "../../screen/style.js";
import type { Canvas, Rect } from "../../screen/surface.js";
import type { Glyphs, Theme } from "../../screen/theme.js";
import type { BrailleCanvas } from "./braille-canvas.js";
import { type Circle, type Point, type Turn, cellOf, clockwise, ownerAt, pointAt, turnOf, within } from "./geometry.js";
import { isHeld } from "../../model/step-holds.js";
import { type Leg, legsOf } from "./legs.js";
import { LOST_AT, isLost } from "./lost-legs.js";
import { downSlaves, freshReads, movingOps, routeProgress } from "./moving.js";
import { type RingRead, type RingSlave, type RingView, focusOf } from "./ring-view.js";

/** A read runs to its replica for this long, then it fades where it is. */
const READ_RUN_MS = 350;
/** How far inside the ring a key's way and the ends of the messages' ways are, in dots. */
const TRACK_DOTS = 4;
const TAIL_DOTS = 9;

/** A glyph that goes over everything else, once the dots are painted. */
export interface Head {
  readonly cell: Point;
  readonly glyph: string;
  readonly style: Style;
}

/** Everything that moves between the master, the replicas and the key's place. */
export class Traffic {
  readonly #view: RingView;
  readonly #theme: Theme;
  readonly #glyphs: Glyphs;
  readonly #places: readonly Turn[];
  readonly #circle: Circle;
  readonly #track: Circle;
  readonly #dots: BrailleCanvas;
  readonly #heads: Head[] = [];

  constructor(view: RingView, places: readonly Turn[], circle: Circle, dots: BrailleCanvas) {
    this.#view = view;
    this.#theme = view.theme;
    this.#glyphs = view.glyphs;
    this.#places = places;
    this.#circle = circle;
    this.#track = within(circle, TRACK_DOTS);
    this.#dots = dots;
  }

  /** Sets the dots. @param centre the cells of the master's text, which nothing crosses */
  draw(centre: Rect): void {
    const focus = focusOf(this.#view);
    if (focus !== undefined) this.#drawWay(focus, centre);
    if (this.#view.isStale) return;
    for (const read of freshReads(this.#view)) this.#drawRead(read);
    for (const op of movingOps(this.#view)) this.#drawMessages(op, centre, op.opId === focus?.opId);
  }

  /** Paints what goes over the dots. @param isNode a cell where a node is, which stays visible */
  paintHeads(canvas: Canvas, isNode: (cell: Point) => boolean): void {
    const focus = focusOf(this.#view);
    if (focus !== undefined) {
      const onRing = cellOf(pointAt(this.#circle, turnOf(focus.hash)));
      const cell = isNode(onRing) ? cellOf(pointAt(this.#track, turnOf(focus.hash))) : onRing;
      canvas.put(cell.x, cell.y, this.#glyphs.key, this.#theme.accent);
    }
    for (const { cell, glyph, style } of this.#heads) if (!isNode(cell)) canvas.put(cell.x, cell.y, glyph, style);
  }

  /** The key's spoke, and its way clockwise to its primary and on to the successor, as far as its dot has come. */
  #drawWay(op: OpTrace, centre: Rect): void {
    const key = turnOf(op.hash);
    this.#dots.line(pointAt(this.#circle, key), this.#edge(centre, key), 5, this.#theme.accent);
    const [primary, successor] = op.replicas.map((id) => this.#placeOf(id));
    if (primary === undefined || successor === undefined) return;
    const progress = routeProgress(op, this.#view.nowMs);
    const onward = clockwise(primary, successor) * Math.max(0, progress - 1);
    this.#drawTrack(primary, onward, 6, this.#theme.dim);
    const first = clockwise(key, primary) * Math.min(1, progress);
    this.#drawTrack(key, first, 3, this.#theme.accent);
    if (progress < 2) this.#head(pointAt(this.#track, key + first + onward), this.#glyphs.dot, this.#theme.accent);
  }

  #drawTrack(from: Turn, way: Turn, apart: number, style: Style): void {
    const step = apart / (this.#track.radius * 2 * Math.PI);
    for (let done = step; done <= way; done += step) {
      const { x, y } = pointAt(this.#track, from + done);
      this.#dots.dot(x, y, style);
    }
  }

  /** A ◆ that runs from the key's place to the replica that answers, and fades; one that the cache answers stays at its place. */
  #drawRead({ hash, heardMs, isHit }: RingRead): void {
    const key = turnOf(hash);
    const { slaves, nowMs } = this.#view;
    const primary = ownerAt(this.#places, key);
    if (primary === -1) return;
    const reader = slaves[primary]?.state === "down" ? (primary + 1) % slaves.length : primary;
    const progress = Math.min(1, (nowMs - heardMs) / READ_RUN_MS);
    const way = isHit === true ? 0 : clockwise(key, this.#places[reader] ?? key) * progress;
    this.#head(pointAt(this.#track, key + way), this.#glyphs.key, progress < 1 ? this.#theme.accent : this.#theme.dim);
  }

  /** The dots of the two-phase commit between the master and both replicas. */
  #drawMessages(op: OpTrace, centre: Rect, isFocus: boolean): void {
    const legs = legsOf(op, this.#view.nowMs, downSlaves(this.#view));
    for (const slave of new Set(op.replicas)) {
      const place = this.#placeOf(slave);
      const leg = legs.findLast((each) => each.slave === slave);
      if (place === undefined) continue;
      const inner = this.#edge(centre, place);
      if (leg === undefined && isHeld(op, "prepare", slave)) this.#head(inner, this.#glyphs.held, this.#theme.warning);
      if (leg === undefined || isOver(leg)) continue;
      const isCut = isLost(leg, this.#slaveOf(slave));
      const outer = between(inner, pointAt(this.#track, place), isCut ? LOST_AT : 1);
      if (isFocus) this.#dots.line(inner, outer, 4, this.#theme.dim);
      this.#drawMessage(leg, inner, outer, isCut);
    }
  }

  /** @param isCut it gets no farther than the outer end, which is where the wire lets nothing through */
  #drawMessage(leg: Leg, inner: Point, outer: Point, isCut: boolean): void {
    const isOutward = leg.kind === "prepare" || leg.kind === "decision";
    const [from, to] = isOutward ? [inner, outer] : [outer, inner];
    const isGone = isCut && leg.progress === 1;
    const look = messageLook(leg, this.#theme, this.#glyphs);
    const [glyph, style] = isGone ? [this.#glyphs.cut, this.#theme.warning] : look;
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    const tail = leg.progress === 1 ? 0 : Math.min(1, TAIL_DOTS / Math.max(1, length));
    const at = between(from, to, leg.progress);
    this.#dots.line(at, between(from, to, Math.max(0, leg.progress - tail)), 2, style);
    this.#head(at, glyph, style);
  }

  #head(point: Point, glyph: string, style: Style): void {
    this.#heads.push({ cell: cellOf(point), glyph, style });
  }

  #placeOf(id: string): Turn | undefined {
    const index = this.#view.slaves.findIndex((slave) => slave.id === id);
    return this.#places[index];
  }

  #slaveOf(id: string): RingSlave | undefined {
    return this.#view.slaves.find((slave) => slave.id === id);
  }

  /** Where the straight way from the centre to a place leaves the master's text, in dots. */
  #edge(centre: Rect, turn: Turn): Point {
    const far = pointAt(this.#track, turn);
    const { x, y } = this.#circle;
    const [dx, dy] = [far.x - x, far.y - y];
    const reachX =
      dx === 0 ? Infinity : (dx > 0 ? (centre.x + centre.width) * 2 - x : x - centre.x * 2 + 1) / Math.abs(dx);
    const reachY =
      dy === 0 ? Infinity : (dy > 0 ? (centre.y + centre.height) * 4 - y : y - centre.y * 4 + 1) / Math.abs(dy);
    return between({ x, y }, far, Math.min(1, reachX, reachY));
  }
}

/** Nothing follows this leg: its dot may go. */
function isOver({ kind, outcome, progress }: Leg): boolean {
  return progress === 1 && (kind === "ack" || (kind === "vote" && outcome === "abort"));
}

function messageLook({ kind, outcome }: Leg, theme: Theme, glyphs: Glyphs): readonly [glyph: string, style: Style] {
  switch (kind) {
    case "prepare":
      return [glyphs.dot, theme.warning];
    case "vote":
      return outcome === "abort" ? [glyphs.no, theme.bad] : [glyphs.yes, theme.good];
    case "decision":
      return outcome === "abort" ? [glyphs.down, theme.bad] : [glyphs.up, theme.good];
    case "ack":
      return [glyphs.dot, theme.good];
  }
}

function between(from: Point, to: Point, part: number): Point {
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}
