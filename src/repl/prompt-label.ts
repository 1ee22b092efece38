import { type Health, slavesUp } from "./health.js";
import type { Piece } from "./line-editor/cells.js";

/** What stands before the line: the name, and how the cluster fares: `ringkv 3/4> `. */
export function promptLabel(health: Health): readonly Piece[] {
  return [{ text: "ringkv", look: "strong" }, ...healthPieces(health), { text: "> ", look: "strong" }];
}

function healthPieces(health: Health): readonly Piece[] {
  switch (health.connection) {
    case "unknown":
      return [];
    case "lost":
      return [{ text: " offline", look: "bad" }];
    case "live": {
      const up = slavesUp(health);
      const size = Math.max(health.ringSize, health.slaves.length);
      const look = up === 0 ? "bad" : up < size ? "warning" : "good";
      const step: readonly Piece[] = health.isStepping ? [{ text: " step", look: "name" }] : [];
      return [{ text: ` ${up}/${size}`, look }, ...step];
    }
  }
}
