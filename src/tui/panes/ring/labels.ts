import { widthOf } from "../../screen/safe-text.js";
import type { Style } from "../../screen/style.js";
import type { Canvas } from "../../screen/surface.js";
import type { Glyphs, Theme } from "../../screen/theme.js";
import { NAME_COLUMNS_MAX, fitted } from "../../screen/legible.js";
import type { NodeLook } from "./node-look.js";
import type { RingSlave } from "./ring-view.js";

export interface LabelPart {
  readonly text: string;
  readonly style: Style;
}

/** What is written beside a node, or beside a group of neighbours. */
export interface Label {
  readonly parts: readonly LabelPart[];
  readonly width: number;
  /** Marked as selected, in the cell before it. */
  readonly isSelected: boolean;
}

/** A slave with all that its label needs. */
export interface LabelledNode {
  readonly slave: RingSlave;
  readonly look: NodeLook;
  /** The colour of its arc. */
  readonly own: Style;
  readonly isSelected: boolean;
}

/** The name of one node and, if asked for, a word on its state or else its share. */
export function nodeLabel(
  { slave, look, own, isSelected }: LabelledNode,
  detail: "none" | "word" | "share",
  theme: Theme,
  glyphs: Glyphs,
): Label {
  const name = { text: nameOf(slave, glyphs), style: isSelected ? theme.selected : own };
  const word = look.word ?? look.note;
  if (word !== undefined && detail !== "none") {
    return labelOf(
      [name, { text: ` ${word}`, style: look.word === undefined ? theme.warning : look.style }],
      isSelected,
    );
  }
  if (detail !== "share") return labelOf([name], isSelected);
  return labelOf([name, { text: ` ${Math.round(slave.share * 100).toString()}%`, style: theme.dim }], isSelected);
}

/**
 * Neighbours too close for labels of their own: `s1,s2` or `s1-s4 x4`, or `s2 +3` if one is selected, and what is wrong with
 * any. @param isBrief only the names
 */
export function groupLabel(nodes: readonly LabelledNode[], isBrief: boolean, theme: Theme, glyphs: Glyphs): Label {
  const [first, last] = [nodes[0], nodes.at(-1)];
  if (first === undefined || last === undefined) return labelOf([], false);
  const looks = nodes.map(({ look }) => look).filter(({ word }) => word !== undefined);
  const [gravest] = looks.sort((left, right) => right.weight - left.weight);
  const wrong = gravest === undefined || isBrief ? [] : [{ text: ` ${gravest.glyph}`, style: gravest.style }];
  const selected = nodes.find(({ isSelected }) => isSelected);
  if (selected !== undefined) {
    const rest = { text: ` +${(nodes.length - 1).toString()}`, style: theme.dim };
    return labelOf([{ text: nameOf(selected.slave, glyphs), style: theme.selected }, rest, ...wrong], true);
  }
  const names = [
    { text: nameOf(first.slave, glyphs), style: first.own },
    { text: nodes.length === 2 ? "," : "-", style: theme.dim },
    { text: nameOf(last.slave, glyphs), style: last.own },
  ];
  const count = isBrief || nodes.length === 2 ? [] : [{ text: ` x${nodes.length.toString()}`, style: theme.dim }];
  return labelOf([...names, ...count, ...wrong], false);
}

/** Writes a label so that it begins at a cell; the marker of a selected one goes before it. */
export function paintLabel(canvas: Canvas, x: number, y: number, label: Label, theme: Theme, glyphs: Glyphs): void {
  if (label.isSelected) canvas.put(x - 1, y, glyphs.marker, theme.strong);
  let column = x;
  for (const { text, style } of label.parts) column = canvas.text(column, y, text, style);
}

function nameOf({ name }: RingSlave, glyphs: Glyphs): string {
  return fitted(name, NAME_COLUMNS_MAX, glyphs);
}

function labelOf(parts: readonly LabelPart[], isSelected: boolean): Label {
  return { parts, width: parts.reduce((sum, { text }) => sum + widthOf(text), 0), isSelected };
}
