import { interiorOf, type Layout, type PaneName } from "./layout.js";
import { nameOf, opOf } from "./model/feed-model.js";
import { paintCache } from "./panes/cache.js";
import { paintLog } from "./panes/log.js";
import { isAnimating } from "./panes/ring/is-animating.js";
import { paintRing } from "./panes/ring/paint-ring.js";
import type { RingView } from "./panes/ring/ring-view.js";
import { paintSequence } from "./panes/sequence/paint-sequence.js";
import { paintSlaves } from "./panes/slaves.js";
import { paintTimeline } from "./panes/timeline.js";
import { paintUnresolved } from "./panes/unresolved.js";
import type { Scene } from "./scene.js";
import { Canvas, type Surface } from "./screen/surface.js";
import { HEADER_GAP, headerOf } from "./titles.js";
import { selectedSlave } from "./view/view.js";

/** Ops that the ring animates at once: more would be soup. */
const ANIMATED_OPS_MAX = 6;
/** Open ops that the table of slaves looks at, the newest ones. */
const OPEN_OPS_MAX = 32;

/** Paints the header, what is within the panes, and the timeline: all that the feed changes. */
export function paintPanes(surface: Surface, layout: Layout, scene: Scene): void {
  const header = new Canvas(surface, layout.header);
  let column = 1;
  for (const { text, style } of headerOf(scene)) column = header.text(column, 0, text, style) + HEADER_GAP;
  for (const { name, rect } of layout.panes) {
    paintPane(new Canvas(surface, interiorOf(rect, layout.isBare)), name, scene);
  }
  if (layout.timeline !== undefined) {
    const { x, y, width, height } = layout.timeline;
    paintTimeline(new Canvas(surface, { x: x + 1, y, width: width - 2, height }), {
      seconds: scene.model.traffic.seconds,
      theme: scene.theme,
      glyphs: scene.glyphs,
    });
  }
}

/** Whether something moves, so that the next frame will differ though nothing is heard. */
export function isMoving(layout: Layout, scene: Scene): boolean {
  return (
    scene.view.frozen === undefined && layout.panes.some(({ name }) => name === "ring") && isAnimating(ringView(scene))
  );
}

function paintPane(canvas: Canvas, name: PaneName, scene: Scene): void {
  const { view, model, theme, glyphs, nowMs } = scene;
  switch (name) {
    case "ring":
      paintRing(canvas, ringView(scene));
      return;
    case "slaves":
      paintSlaves(canvas, {
        slaves: model.slaves,
        selected: selectedSlave(view, model)?.id,
        openOps: model.ops.filter((op) => !op.isSettled).slice(-OPEN_OPS_MAX),
        theme,
        glyphs,
      });
      return;
    case "log":
      paintLog(canvas, { model, log: view.log, theme, clock: scene.clock });
      return;
    case "ops":
      paintSequence(canvas, {
        op: opOf(model, view.selectedOp),
        slaves: model.slaves,
        step: model.step,
        nowMs,
        theme,
        glyphs,
      });
      return;
    case "cache":
      paintCache(canvas, { ...scene.cache, theme, glyphs });
      return;
    case "unresolved":
      paintUnresolved(canvas, {
        ops: model.unresolved,
        count: model.metrics?.unresolved ?? 0,
        nameOf: (slave) => nameOf(model, slave),
        theme,
      });
  }
}

function ringView({ view, model, live, theme, glyphs, nowMs }: Scene): RingView {
  const selected = selectedSlave(view, model)?.id;
  const shownOp = opOf(model, view.selectedOp);
  const selectedOp = shownOp === model.ops.at(-1) ? undefined : shownOp;
  return {
    slaves: model.slaves,
    ...(selected !== undefined && { selected }),
    ops: model.ops.slice(-ANIMATED_OPS_MAX),
    ...(selectedOp !== undefined && { selectedOp }),
    reads: model.reads,
    nowMs,
    theme,
    glyphs,
    isStale: live.connection.state === "lost",
  };
}
