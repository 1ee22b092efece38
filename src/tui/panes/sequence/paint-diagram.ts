import type { SlaveId } from "../../../protocol/ids.js";
import type { OpTrace } from "../../model/op-trace.js";
import { widthOf } from "../../screen/safe-text.js";
import type { Style } from "../../screen/style.js";
import type { Canvas } from "../../screen/surface.js";
import { type Glyphs, type Theme, ownerStyle } from "../../screen/theme.js";
import { fitted } from "../../screen/legible.js";
import { nameOfSlave } from "../op-text.js";
import { paintArrow } from "./arrow.js";
import { type Message, type Party, messagesOf } from "./messages.js";
import type { SequenceView } from "./sequence-view.js";

/** Where the first lifeline is; left of it are the times. */
const LIFELINE_X = 7;
const TIME_COLUMNS = 5;
/** `├ PREPARE ─▶│` needs so many columns from one lifeline to the next. */
const GAP_MIN = 12;
const GAP_MAX = 20;
const NOTE_COLUMNS = 16;

/** The fewest columns that a diagram needs. */
export const DIAGRAM_COLUMNS_MIN = LIFELINE_X + 3 * GAP_MIN + 2;

/**
 * Paints the lifelines of client, master and both replicas and an arrow for each message, in order of time. Where there are
 * too few rows a message to both replicas takes one, then the oldest messages are left out.
 */
export function paintDiagram(canvas: Canvas, view: SequenceView & { readonly op: OpTrace }): void {
  const { op, theme, glyphs } = view;
  const gap = Math.min(GAP_MAX, Math.max(GAP_MIN, Math.floor((canvas.width - LIFELINE_X - NOTE_COLUMNS) / 3)));
  const parties: readonly Party[] = ["client", "master", ...new Set(op.replicas)];
  const columnOf = (party: Party) => LIFELINE_X + parties.indexOf(party) * gap;
  const right = LIFELINE_X + (parties.length - 1) * gap;

  for (const party of parties) paintHead(canvas, party, columnOf(party), gap, view);
  const { rows, hidden } = rowsFor(messagesOf(view), canvas.height - 1);
  const top = hidden === 0 ? 1 : 2;
  if (hidden > 0) canvas.text(0, 1, `${glyphs.ellipsis} ${hidden.toString()} earlier`, theme.dim);
  for (const [index, message] of rows.entries()) {
    const y = top + index;
    for (const party of parties) {
      canvas.put(columnOf(party), y, lifelineGlyph(stateOf(view, party) === "down", glyphs), theme.dim);
    }
    canvas.text(0, y, timeText(message, glyphs).padStart(TIME_COLUMNS), theme.dim);
    const room = Math.abs(columnOf(message.to[0] ?? "client") - columnOf(message.from)) - 5;
    // What does not fit between two lifelines goes to the right of them all.
    const isWide = widthOf(message.label) > room;
    const label = isWide ? "ERROR" : message.label;
    const style = styleOf(message, theme);
    const to = message.to.map(columnOf);
    paintArrow(
      canvas,
      y,
      columnOf(message.from),
      to,
      { label, style, isFact: message.status === "sent" },
      theme,
      glyphs,
    );
    const note = isWide ? message.label : message.note;
    if (note !== undefined) {
      const isLoud = isWide || message.status === "held";
      canvas.text(right + 2, y, fitted(note, canvas.width - right - 2, glyphs), isLoud ? style : theme.dim);
    }
  }
}

/** The messages one by one if they fit; else those to both in one row, and of these the newest. */
function rowsFor(
  messages: readonly Message[],
  height: number,
): { readonly rows: readonly Message[]; readonly hidden: number } {
  const single = messages.flatMap((message) =>
    message.to.map((party, index): Message => {
      const { note, ...bare } = message;
      return {
        ...bare,
        to: [party],
        ...(note !== undefined && (index === 0 || message.status === "held") && { note }),
      };
    }),
  );
  if (single.length <= height) return { rows: single, hidden: 0 };
  const facts = 1 + messages.findLastIndex(({ status }) => status === "sent" || status === "held");
  // Two rows at least of what comes next.
  const needed = Math.min(messages.length, facts + 2);
  if (needed <= height) return { rows: messages.slice(0, height), hidden: 0 };
  const hidden = needed - Math.max(0, height - 1);
  return { rows: messages.slice(hidden, needed), hidden };
}

function paintHead(canvas: Canvas, party: Party, x: number, gap: number, view: SequenceView): void {
  const { theme, glyphs } = view;
  const isDown = stateOf(view, party) === "down";
  const name = party === "client" || party === "master" ? party : nameOfSlave(view, party);
  const text = fitted(isDown ? `${glyphs.down} ${name} down` : name, gap - 1, glyphs);
  canvas.text(x - Math.floor(widthOf(text) / 2), 0, text, isDown ? theme.bad : headStyle(view, party));
}

function headStyle({ slaves, theme }: SequenceView, party: Party): Style {
  const index = slaves.findIndex(({ id }) => id === party);
  return index === -1 ? theme.title : ownerStyle(theme, index);
}

function stateOf({ slaves }: SequenceView, party: Party): string | undefined {
  return slaves.find(({ id }: { readonly id: SlaveId }) => id === party)?.state;
}

function lifelineGlyph(isDown: boolean, { ascii }: Glyphs): string {
  if (ascii) return isDown ? ":" : "|";
  return isDown ? "┊" : "│";
}

function timeText({ status, isNext, ms }: Message, { ascii, held }: Glyphs): string {
  if (status === "held") return isNext === true ? "next" : held;
  if (status === "awaited") return ascii ? "..." : "···";
  if (ms === undefined) return "";
  return ms < 1_000 ? ms.toFixed(1) : `${(ms / 1_000).toFixed(1)}s`;
}

function styleOf({ status, tone }: Message, theme: Theme): Style {
  switch (status) {
    case "sent":
      return toneStyle(tone, theme);
    case "held":
      return theme.warning;
    case "awaited":
    case "predicted":
      return theme.dim;
  }
}

function toneStyle(tone: Message["tone"], theme: Theme): Style {
  switch (tone) {
    case "request":
      return theme.accent;
    case "good":
      return theme.good;
    case "bad":
      return theme.bad;
    case "quiet":
      return theme.plain;
  }
}
