import { type Instance, render } from "ink";
import { Screen } from "./components/screen.js";
import { type Layout, layoutFor } from "./layout.js";
import { overlaysOf } from "./overlays.js";
import { isMoving, paintPanes } from "./paint-panes.js";
import type { Scene } from "./scene.js";
import { paintInkFrame } from "./screen/ink-frame.js";
import type { Cell } from "./screen/screen-writer.js";
import { StandIn } from "./screen/stand-in.js";
import { Canvas, Surface } from "./screen/surface.js";
import { titleOf } from "./titles.js";
import { typedWindow } from "./view/typed-window.js";
import { isStepping } from "./view/view.js";

/** A whole screen. */
export interface Frame {
  readonly surface: Surface;
  /** Where the cursor shows, if it does. */
  readonly cursor: Cell | undefined;
  /** The next frame differs even if nothing happens. */
  readonly isMoving: boolean;
  /** What Ink shows is a moment old. */
  readonly isChromeOld: boolean;
}

/**
 * Makes frames of scenes: Ink lays out the borders, lines and dialogs, the panes are painted into the blanks that it leaves,
 * and what overlays them is put on top. Ink takes some ms for a frame, so it renders only when what it shows has changed; the
 * panes are painted anew each time.
 */
export class Compositor {
  readonly #standIn: StandIn;
  #ink: Instance | undefined;
  /** What Ink shows, in its own words, and the surface with it. */
  #shown = "";
  #chrome = new Surface(0, 0);
  #surface = new Surface(0, 0);

  constructor() {
    this.#standIn = new StandIn(80, 24, (frame) => {
      this.#chrome = new Surface(this.#standIn.columns, this.#standIn.rows);
      paintInkFrame(frame, this.#chrome.canvas);
    });
  }

  /**
   * @param mayLag what Ink shows may be a moment old: figures that change with each frame are not worth its time
   */
  compose(scene: Scene, mayLag = false): Frame {
    const { view, live, theme } = scene;
    const { columns, rows } = view;
    const layout = layoutFor(view);
    const isOtherSize = this.#chrome.columns !== columns || this.#chrome.rows !== rows;
    const content = chromeContent(scene, layout);
    const isChromeOld = content !== this.#shown && mayLag && !isOtherSize;
    if (content !== this.#shown && !isChromeOld) this.#renderChrome(scene, content);
    if (this.#surface.columns !== columns || this.#surface.rows !== rows) this.#surface = new Surface(columns, rows);
    const surface = this.#surface;
    surface.copyFrom(this.#chrome);
    paintPanes(surface, layout, scene);
    // What is old must not look new.
    if (live.connection.state === "lost") {
      for (const { rect } of layout.panes) {
        const canvas = new Canvas(surface, rect);
        for (let y = 0; y < canvas.height; y += 1) canvas.restyle(0, y, canvas.width, theme.dim);
      }
    }
    for (const { rect } of overlaysOf(view, layout)) surface.copyPart(this.#chrome, rect);
    if (scene.glyphs.ascii) toAscii(surface);
    return { surface, cursor: cursorOf(scene, layout), isMoving: isMoving(layout, scene), isChromeOld };
  }

  /** Ends Ink. */
  close(): void {
    this.#ink?.unmount();
  }

  #renderChrome(scene: Scene, content: string): void {
    this.#shown = content;
    // Ink would answer `resize` with a frame of the old tree; the size is a part of the new one.
    this.#standIn.columns = scene.view.columns;
    this.#standIn.rows = scene.view.rows;
    const tree = <Screen scene={scene} />;
    if (this.#ink === undefined) {
      this.#ink = render(tree, {
        stdout: this.#standIn.stdout,
        debug: true,
        exitOnCtrlC: false,
        patchConsole: false,
      });
    } else this.#ink.rerender(tree);
  }
}

/** All that Ink's part of the screen depends on. */
function chromeContent(scene: Scene, layout: Layout): string {
  const { view, live, theme, glyphs } = scene;
  return JSON.stringify([
    [view.columns, view.rows, view.focus, view.input.mode, view.notice, view.isRunning, theme.name, glyphs.ascii],
    isStepping(view, live),
    layout.panes.map(({ name }) => titleOf(name, scene)),
    typedWindow(view, view.columns),
    overlaysOf(view, layout),
  ]);
}

/** Keys, values and log lines may hold anything; a screen that asked for ASCII shows nothing else. */
function toAscii({ glyphs }: Surface): void {
  for (const [index, glyph] of glyphs.entries()) {
    // The right half of a wide glyph.
    if (glyph === "") glyphs[index] = " ";
    else if (glyph > "~") glyphs[index] = ASCII_FOR[glyph] ?? "?";
  }
}

const ASCII_FOR: Readonly<Record<string, string>> = { "→": ">", "…": "~", "•": "*", "↑": "^", "↓": "v" };

function cursorOf({ view }: Scene, { commandLine }: Layout): Cell | undefined {
  const typed = typedWindow(view, commandLine.width);
  return typed === undefined ? undefined : { x: commandLine.x + typed.cursor, y: commandLine.y };
}
