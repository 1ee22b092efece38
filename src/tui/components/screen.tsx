import { Box } from "ink";
import { layoutFor } from "../layout.js";
import { overlaysOf } from "../overlays.js";
import type { Scene } from "../scene.js";
import { titleOf } from "../titles.js";
import { CommandLine } from "./command-line.js";
import { Footer } from "./footer.js";
import { Frame } from "./frame.js";
import { OverlayBox } from "./overlay-box.js";

/** What changes by the keys: borders, command line, hints, dialogs. What the feed changes is painted (paint-panes.ts) into the blanks. */
export function Screen({ scene }: { readonly scene: Scene }) {
  const { view, theme, glyphs } = scene;
  const layout = layoutFor(view);
  return (
    <Box width={view.columns} height={view.rows}>
      {layout.isBare ||
        layout.panes.map(({ name, rect }) => (
          <Frame
            key={name}
            rect={rect}
            title={titleOf(name, scene)}
            isFocused={name === view.focus}
            theme={theme}
            glyphs={glyphs}
          />
        ))}
      <CommandLine scene={scene} rect={layout.commandLine} />
      {layout.footer !== undefined && <Footer scene={scene} rect={layout.footer} />}
      {overlaysOf(view, layout).map((overlay) => (
        <OverlayBox key={overlay.kind} overlay={overlay} scene={scene} />
      ))}
    </Box>
  );
}
