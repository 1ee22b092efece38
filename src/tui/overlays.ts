import type { Layout } from "./layout.js";
import type { Rect } from "./screen/surface.js";
import { widthOf } from "./screen/safe-text.js";
import { KEY_MAP } from "./view/key-map.js";
import type { View } from "./view/view.js";

/** What stands above the panes, and where. */
export type Overlay =
  | { readonly kind: "help"; readonly rect: Rect; readonly lines: readonly HelpLine[] }
  | { readonly kind: "confirm"; readonly rect: Rect; readonly question: string }
  | { readonly kind: "console"; readonly rect: Rect; readonly lines: readonly string[] };

export type HelpLine =
  | { readonly kind: "title"; readonly text: string }
  | { readonly kind: "key"; readonly label: string; readonly help: string }
  | { readonly kind: "blank" };

/** The overlays of a view, the topmost last. */
export function overlaysOf(view: View, layout: Layout): readonly Overlay[] {
  const overlays: Overlay[] = [];
  if (view.isConsoleOpen && view.console.length > 0) overlays.push(consoleOf(view, layout));
  if (view.input.mode === "help") overlays.push(helpOf(layout, view.input.scroll));
  if (view.input.mode === "confirm") {
    const question = `${view.input.verb} ${view.input.name}?`;
    overlays.push({ kind: "confirm", question, rect: centred(layout, widthOf(question) + 32, 5) });
  }
  return overlays;
}

/** The answers of the newest commands, above the command line; at most half of the screen. */
function consoleOf(view: View, layout: Layout): Overlay {
  const room = Math.max(1, Math.floor(layout.rows / 2) - 2);
  const lines = view.console.slice(-room);
  const height = Math.min(lines.length + 2, layout.commandLine.y);
  return {
    kind: "console",
    lines,
    rect: { x: 0, y: layout.commandLine.y - height, width: layout.columns, height },
  };
}

function helpOf(layout: Layout, scroll: number): Overlay {
  const all = KEY_MAP.flatMap(({ title, bindings }, index): readonly HelpLine[] => [
    ...(index === 0 ? [] : [{ kind: "blank" as const }]),
    { kind: "title", text: title },
    ...bindings.map(({ label, help }) => ({ kind: "key" as const, label, help })),
  ]);
  const rect = centred(layout, Math.min(78, layout.columns), Math.min(all.length + 3, layout.rows));
  const room = Math.max(1, rect.height - 3);
  const from = Math.min(scroll, Math.max(0, all.length - room));
  return { kind: "help", rect, lines: all.slice(from, from + room) };
}

function centred({ columns, rows }: Layout, width: number, height: number): Rect {
  const size = { width: Math.min(width, columns), height: Math.min(height, rows) };
  return { x: Math.floor((columns - size.width) / 2), y: Math.floor((rows - size.height) / 2), ...size };
}
