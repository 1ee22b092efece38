import type { SlaveId } from "../../../protocol/ids.js";
import type { OpTrace } from "../../model/op-trace.js";
import type { Style } from "../../screen/style.js";
import type { Glyphs, Theme } from "../../screen/theme.js";
import { legsOf, restsAt } from "./legs.js";
import { type RingSlave, type RingView } from "./ring-view.js";

/** How a slave is shown besides its owner's colour. */
export interface NodeLook {
  readonly glyph: string;
  readonly style: Style;
  /** What the glyph means, unless that is `up`. */
  readonly word: string | undefined;
  /** What goes wrong on the way to it, where the glyph does not tell. */
  readonly note?: string;
  /** Of nodes on one cell the one with the greatest weight shows. */
  readonly weight: number;
}

/** A slave's glyph and word. @param own its owner's colour, which it wears as long as all is well */
export function lookOf(slave: RingSlave, isBusy: boolean, own: Style, theme: Theme, glyphs: Glyphs): NodeLook {
  const word = slave.paused && slave.state !== "down" ? "frozen" : slave.state;
  const frozen = slave.paused ? glyphs.frozen : undefined;
  switch (slave.state) {
    case "down":
      return { glyph: frozen ?? glyphs.down, style: theme.bad, word, weight: 4 };
    case "suspect":
      return { glyph: frozen ?? glyphs.suspect, style: theme.warning, word, weight: 3 };
    case "joining":
      return { glyph: frozen ?? glyphs.joining, style: own, word, weight: 2 };
    case "up":
      if (slave.paused) return { glyph: glyphs.frozen, style: theme.warning, word, weight: 3 };
      return upLook(slave, isBusy, own, theme, glyphs);
  }
}

/** A slave that is up has the look of what goes wrong with its link. */
function upLook({ fault }: RingSlave, isBusy: boolean, own: Style, theme: Theme, glyphs: Glyphs): NodeLook {
  const up = { glyph: isBusy ? glyphs.busy : glyphs.up, style: own, word: undefined, weight: isBusy ? 1 : 0 };
  switch (fault?.kind) {
    case undefined:
    case "none":
      return up;
    case "delay":
      return { ...up, note: "delay" };
    case "drop":
      return { glyph: glyphs.cut, style: theme.warning, word: "drop", weight: 3 };
    case "partition":
      return { glyph: glyphs.cut, style: theme.warning, word: "cut", weight: 3 };
  }
}

/** The slaves that an update waits for, or whose dots are still under way. */
export function busySlaves({ ops, nowMs }: RingView): ReadonlySet<SlaveId> {
  const busy = new Set<SlaveId>();
  for (const op of ops) {
    if (op.isSettled && restsAt(op) <= nowMs) continue;
    for (const slave of op.replicas) if (isAwaited(op, slave, nowMs)) busy.add(slave);
  }
  return busy;
}

/** Until it has acknowledged the decision, or refused; in slow motion. */
function isAwaited(op: OpTrace, slave: SlaveId, nowMs: number): boolean {
  const legs = legsOf(op, nowMs).filter((leg) => leg.slave === slave);
  const isDone = legs.some(
    ({ kind, outcome, endMs }) => endMs <= nowMs && (kind === "ack" || (kind === "vote" && outcome === "abort")),
  );
  return !isDone;
}
