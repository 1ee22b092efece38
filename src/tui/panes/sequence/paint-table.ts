import type { SlaveId } from "../../../protocol/ids.js";
import type { Hold, OpStep, OpTrace } from "../../model/op-trace.js";
import { isHeld } from "../../model/step-holds.js";
import { widthOf } from "../../screen/safe-text.js";
import type { Style } from "../../screen/style.js";
import type { Canvas } from "../../screen/surface.js";
import { ownerStyle } from "../../screen/theme.js";
import { fitted } from "../../screen/legible.js";
import { linkFaultText } from "../fault-text.js";
import { nameOfSlave } from "../op-text.js";
import { type SequenceView, elapsedMs } from "./sequence-view.js";

const LABEL_COLUMNS = 9;
/** With less the mark stands alone. */
const ROOM_FOR_TEXT = 6;

interface Cell {
  readonly mark: string;
  readonly text: string;
  /** In its place where there is no room. */
  readonly brief?: string;
  readonly style: Style;
}

/** Paints one row for each phase with a cell for each replica, for a canvas too small for a diagram. */
export function paintTable(canvas: Canvas, view: SequenceView & { readonly op: OpTrace }): void {
  const { op, theme, glyphs } = view;
  const isInDoubt = op.steps.some(({ phase }) => phase === "in-doubt") || op.state === "in-doubt";
  const decision = { committed: "COMMIT", aborted: "ABORT", preparing: "COMMIT", "in-doubt": "decide" }[op.state];
  const isDecided = op.state === "committed" || op.state === "aborted";
  // What is held names the row, since the cells have room for one word.
  const asked = isOnlyHeld(op, "vote", "prepare") ? "VOTE" : "PREPARE";
  const decided = isOnlyHeld(op, "ack", "decision") ? "ACK" : decision;
  paintRow(canvas, 0, isInDoubt ? "REPORT" : asked, theme.plain, view, (slave) =>
    isInDoubt ? reportCell(slave, view) : voteCell(slave, view),
  );
  paintRow(canvas, 1, decided, isDecided ? theme.plain : theme.dim, view, (slave) => ackCell(slave, view));
  if (!isInDoubt) {
    canvas.text(1, 2, "client", theme.plain);
    const { mark, text, style } = answerCell(view);
    canvas.text(LABEL_COLUMNS, 2, fitted(`${mark} ${text}`, canvas.width - LABEL_COLUMNS, glyphs), style);
  }
  const settled = op.steps.find(({ phase }) => phase === "settled");
  if (settled !== undefined) canvas.text(1, isInDoubt ? 2 : 3, `settled ${timeText(settled.ms)}`, theme.dim);
}

function paintRow(
  canvas: Canvas,
  y: number,
  label: string,
  style: Style,
  view: SequenceView & { readonly op: OpTrace },
  cellOf: (slave: SlaveId) => Cell,
): void {
  const { op, slaves, theme, glyphs } = view;
  canvas.text(1, y, label, style);
  const columns = Math.floor((canvas.width - LABEL_COLUMNS) / 2);
  for (const [index, slave] of [...new Set(op.replicas)].entries()) {
    const cell = cellOf(slave);
    const x = LABEL_COLUMNS + index * columns;
    const place = slaves.findIndex(({ id }) => id === slave);
    const name = nameOfSlave(view, slave);
    const after = canvas.text(x, y, name, place === -1 ? theme.plain : ownerStyle(theme, place));
    const room = x + columns - after - 2;
    const text = [cell.text, cell.brief ?? ""].find((words) => widthOf(words) + 2 <= room) ?? cell.text;
    canvas.text(
      after + 1,
      y,
      room < ROOM_FOR_TEXT ? cell.mark : fitted(`${cell.mark} ${text}`, room, glyphs),
      cell.style,
    );
  }
}

function voteCell(slave: SlaveId, view: SequenceView & { readonly op: OpTrace }): Cell {
  const { op, deadlineMs, nowMs, theme, glyphs } = view;
  const vote = stepOf(op, "vote", slave);
  if (vote !== undefined) {
    return vote.outcome === "abort"
      ? { mark: glyphs.no, text: vote.code ?? `NO ${timeText(vote.ms)}`, style: theme.bad }
      : { mark: glyphs.yes, text: timeText(vote.ms), style: theme.good };
  }
  if (isDown(slave, view)) return { mark: glyphs.down, text: "down", style: theme.bad };
  if (op.state !== "preparing") return { mark: glyphs.no, text: "no vote", style: theme.warning };
  if (isHeld(op, "vote", slave) || isHeld(op, "prepare", slave)) return heldCell(view);
  const fault = faultCell(slave, view);
  if (fault !== undefined) return fault;
  const leftMs = deadlineMs === undefined ? undefined : Math.max(0, Math.ceil(deadlineMs - elapsedMs(op, nowMs)));
  const text = leftMs === undefined ? "waiting" : `${leftMs.toString()}ms`;
  return { mark: glyphs.ellipsis, text, style: theme.warning };
}

/** Which replica has reported is not told one by one; one that is down has not. */
function reportCell(slave: SlaveId, view: SequenceView & { readonly op: OpTrace }): Cell {
  const { op, theme, glyphs } = view;
  if (op.state !== "in-doubt") return { mark: glyphs.yes, text: "", style: theme.good };
  if (isDown(slave, view)) return { mark: glyphs.down, text: "down", style: theme.bad };
  return { mark: glyphs.ellipsis, text: "", style: theme.warning };
}

function ackCell(slave: SlaveId, view: SequenceView & { readonly op: OpTrace }): Cell {
  const { op, theme, glyphs } = view;
  const ack = stepOf(op, "ack", slave);
  if (ack !== undefined) return { mark: glyphs.yes, text: timeText(ack.ms), style: theme.good };
  const isDecided = op.state === "committed" || op.state === "aborted";
  const isDue = isDecided && stepOf(op, "vote", slave)?.outcome !== "abort";
  if (!isDue) return { mark: glyphs.ascii ? "-" : "·", text: "", style: theme.dim };
  if (isDown(slave, view)) return { mark: glyphs.down, text: "down", style: theme.bad };
  if (isHeld(op, "ack", slave) || isHeld(op, "decision", slave)) return heldCell(view);
  return faultCell(slave, view) ?? { mark: glyphs.ellipsis, text: "waiting", style: theme.warning };
}

function heldCell({ theme, glyphs }: SequenceView): Cell {
  return { mark: glyphs.held, text: "held", style: theme.warning };
}

/** Why something has not come yet; undefined where nothing goes wrong with the slave's link. */
function faultCell(slave: SlaveId, { slaves, theme, glyphs }: SequenceView): Cell | undefined {
  const fault = slaves.find(({ id }) => id === slave)?.fault;
  const text = linkFaultText(fault);
  if (text === "") return undefined;
  const mark = fault?.kind === "delay" ? glyphs.ellipsis : glyphs.cut;
  return { mark, text, brief: fault?.kind === "delay" ? `+${fault.ms} ms` : "drop", style: theme.warning };
}

function isOnlyHeld(op: OpTrace, phase: Hold["phase"], before: Hold["phase"]): boolean {
  const has = (which: Hold["phase"]) => op.replicas.some((slave) => isHeld(op, which, slave));
  return has(phase) && !has(before);
}

function answerCell({ op, theme, glyphs }: SequenceView & { readonly op: OpTrace }): Cell {
  const answered = op.steps.find(({ phase }) => phase === "answered");
  if (answered === undefined) return { mark: glyphs.ellipsis, text: "waiting", style: theme.dim };
  return answered.code === undefined
    ? { mark: glyphs.yes, text: `OK ${timeText(answered.ms)}`, style: theme.good }
    : { mark: glyphs.no, text: `${answered.code} ${timeText(answered.ms)}`, style: theme.bad };
}

function stepOf(op: OpTrace, phase: OpStep["phase"], slave: SlaveId): OpStep | undefined {
  return op.steps.find((step) => step.phase === phase && step.slave === slave);
}

function isDown(slave: SlaveId, { slaves }: SequenceView): boolean {
  return slaves.some(({ id, state }) => id === slave && state === "down");
}

function timeText(ms: number): string {
  return ms < 1_000 ? `${ms.toFixed(1)}ms` : `${(ms / 1_000).toFixed(1)}s`;
}
