import { Box } from "ink";
import { Fragment } from "react";
import { layoutOf } from "../layout.js";
import { overlaysOf } from "../overlays.js";
import type { Scene } from "../scene.js";
import { headerOf, titleOf } from "../titles.js";
import { CommandLine } from "./command-line.js";
import { Footer } from "./footer.js";
import { Frame } from "./frame.js";
import { OverlayBox } from "./overlay-box.js";
import { Place } from "./place.js";
import { Styled } from "./styled.js";

/** All of the screen but what is within the panes and the timeline: those are painted (paint-panes.ts) where this leaves blanks. */
export function Screen({ scene }: { readonly scene: Scene }) {
  const { view, theme, glyphs } = scene;
  const layout = layoutOf(view.columns, view.rows, view.isZoomed ? view.focus : undefined, view.focus);
  return (
    <Box width={view.columns} height={view.rows}>
      <Place rect={layout.header}>
        <Box>
          {headerOf(scene).map(({ text, style }, index) => (
            <Fragment key={index}>
              <Styled style={theme.plain}>{index === 0 ? " " : "  "}</Styled>
              <Styled style={style}>{text}</Styled>
            </Fragment>
          ))}
        </Box>
      </Place>
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
