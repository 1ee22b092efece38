import { Box, Text } from "ink";
import type { Overlay } from "../overlays.js";
import { safeText, widthOf } from "../screen/safe-text.js";
import type { Scene } from "../scene.js";
import { KEY_MAP } from "../view/key-map.js";
import { Frame } from "./frame.js";
import { Styled } from "./styled.js";

/** A box above the panes: the keys, a question, or the answers of commands. */
export function OverlayBox({ overlay, scene }: { readonly overlay: Overlay; readonly scene: Scene }) {
  const { theme, glyphs } = scene;
  const frame = { rect: overlay.rect, isFocused: true, isOpaque: true, theme, glyphs };
  switch (overlay.kind) {
    case "help":
      return (
        <Frame {...frame} title={`Keys (${glyphs.ascii ? "up, down" : "↑↓"} scroll, any other key closes)`}>
          {overlay.lines.map((line, index) => {
            switch (line.kind) {
              case "title":
                return (
                  <Styled key={index} style={theme.title}>
                    {` ${line.text}`}
                  </Styled>
                );
              case "blank":
                return <Text key={index}> </Text>;
              case "key":
                return (
                  <Box key={index}>
                    <Styled style={theme.accent}>{`   ${line.label.padEnd(LABEL_WIDTH)}`}</Styled>
                    <Styled style={theme.plain}>{line.help}</Styled>
                  </Box>
                );
            }
          })}
        </Frame>
      );
    case "confirm":
      return (
        <Frame {...frame} title="Sure?">
          <Text> </Text>
          <Box>
            <Styled style={theme.strong}>{`  ${safeText(overlay.question)}`}</Styled>
            <Styled style={theme.dim}>{"   y yes, any other key no"}</Styled>
          </Box>
        </Frame>
      );
    case "console":
      return (
        <Frame {...frame} title="Answers (Esc closes)">
          {overlay.lines.map((line, index) => (
            <Text key={index} wrap="truncate-end">
              {line === "" ? " " : line}
            </Text>
          ))}
        </Frame>
      );
  }
}

const LABEL_WIDTH = Math.max(...KEY_MAP.flatMap(({ bindings }) => bindings.map(({ label }) => widthOf(label)))) + 2;
