import { ownerStyle } from "../../screen/theme.js";
import { type Turn, turnOf } from "./geometry.js";
import type { LabelledNode } from "./labels.js";
import { busySlaves, lookOf } from "./node-look.js";
import type { RingView } from "./ring-view.js";

/** A slave with its look, its colour and its place. */
export interface RingNode extends LabelledNode {
  readonly turn: Turn;
}

/** The slaves of a view, ready to be placed on a circle or a bar; in ring order. */
export function nodesOf(view: RingView): readonly RingNode[] {
  const { slaves, selected, theme, glyphs } = view;
  const busy = busySlaves(view);
  return slaves.map((slave, index) => {
    const own = ownerStyle(theme, index);
    const look = lookOf(slave, busy.has(slave.id), own, theme, glyphs);
    return { slave, own, look, isSelected: slave.id === selected, turn: turnOf(slave.id) };
  });
}
