import type { CacheView as CacheContents } from "../../protocol/messages.js";
import { truncated } from "../screen/safe-text.js";
import type { Canvas } from "../screen/surface.js";
import type { Glyphs, Theme } from "../screen/theme.js";

export interface CachePaneView {
  /** As the node last told; undefined before its first answer. */
  readonly cache: CacheContents | undefined;
  /** Why there is none, where that is known. */
  readonly trouble: string | undefined;
  readonly theme: Theme;
  readonly glyphs: Glyphs;
}

/**
 * A cache: its figures, then its sets that are not empty, each entry front to back with its reference bit (a mark behind the
 * key: a second chance; without one the front goes next).
 */
export function paintCache(canvas: Canvas, { cache, trouble, theme, glyphs }: CachePaneView): void {
  if (cache === undefined) {
    canvas.text(1, 0, truncated(trouble ?? "asking …", canvas.width - 1), theme.dim);
    return;
  }
  const reads = cache.hits + cache.misses;
  const hitRate = reads === 0 ? "-" : `${Math.round((cache.hits / reads) * 100)}%`;
  const evictions = cache.evictions === undefined ? "" : `, ${cache.evictions} evicted`;
  const rows = [
    `${cache.sets} sets x ${cache.ways}, ${cache.used} used${evictions}`,
    `hits ${cache.hits}  misses ${cache.misses}  ${hitRate}`,
  ];
  for (const [y, text] of rows.entries()) canvas.text(0, y, truncated(text, canvas.width), theme.dim);
  const digits = String(Math.max(0, ...cache.contents.map(({ set }) => set))).length;
  const room = Math.max(3, Math.floor((canvas.width - digits - 2) / Math.max(1, Math.min(cache.ways, 8))) - 1);
  const bar = glyphs.ascii ? "|" : "│";
  let y = rows.length;
  for (const { set, entries } of cache.contents) {
    if (y >= canvas.height) return;
    let x = canvas.text(0, y, `${String(set).padStart(digits)} `, theme.dim);
    for (const { key, referenced } of entries) {
      x = canvas.text(x, y, bar, theme.dim);
      const text = truncated(key, room - 1);
      const end = canvas.text(x, y, text, theme.accent);
      if (referenced) canvas.put(end, y, glyphs.ascii ? "*" : "•", theme.good);
      x += room;
    }
    canvas.text(x, y, bar, theme.dim);
    y += 1;
  }
  if (cache.contents.length === 0) canvas.text(0, y, "no entry from here on", theme.dim);
}
