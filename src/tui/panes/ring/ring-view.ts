import type { SlaveId } from "../../../protocol/ids.js";
import type { LinkFault, SlaveState } from "../../../protocol/messages.js";
import type { OpTrace } from "../../model/op-trace.js";
import type { Glyphs, Theme } from "../../screen/theme.js";

/** A slave as the ring shows it. */
export interface RingSlave {
  readonly id: SlaveId;
  readonly name: string;
  readonly state: SlaveState;
  /** The part of the hash space that it owns as primary, 0 to 1. */
  readonly share: number;
  /** Its process was stopped by a signal and can be thawed. */
  readonly paused: boolean;
  /** What goes wrong between the master and it, if anything. */
  readonly fault?: LinkFault | undefined;
  /** When the monitor heard of that; messages that were under way before have passed. */
  readonly faultHeardMs?: number;
}

/** A key that was read. */
export interface RingRead {
  readonly key: string;
  /** The key's place on the ring, a 64-bit unsigned decimal. */
  readonly hash: string;
  /** When the monitor heard of it, in ms of its own monotone clock. */
  readonly heardMs: number;
  /** The master's cache answered it, so it went to no slave; default false. */
  readonly isHit?: boolean;
}

/** Everything that the painters of the ring show. */
export interface RingView {
  /** In ring order; may be empty or incomplete. */
  readonly slaves: readonly RingSlave[];
  readonly selected?: SlaveId;
  /** Those to animate, the newest last. */
  readonly ops: readonly OpTrace[];
  /** The one that the centre and the spoke show, instead of the newest. */
  readonly selectedOp?: OpTrace;
  readonly reads: readonly RingRead[];
  /** The monitor's monotone clock, that of every `heardMs`. */
  readonly nowMs: number;
  readonly theme: Theme;
  readonly glyphs: Glyphs;
  /** The connection to the master is lost: everything is dim, and nothing moves. */
  readonly isStale: boolean;
}

/** The op that the centre and the spoke show: the selected one, or else the newest. */
export function focusOf(view: RingView): OpTrace | undefined {
  return view.selectedOp ?? view.ops.at(-1);
}

/** A view as it is painted: a stale one is dim, and all that was heard has come to rest. */
export function shownView(view: RingView): RingView {
  if (!view.isStale) return view;
  const { theme } = view;
  const dimmed = Object.fromEntries(Object.keys(theme).map((meaning) => [meaning, theme.dim]));
  const dim: Theme = { ...theme, ...dimmed, name: theme.name, selected: theme.selected, owners: [theme.dim] };
  return { ...view, theme: dim, nowMs: Infinity };
}
