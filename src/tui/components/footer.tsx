import { Box } from "ink";
import { Fragment } from "react";
import { widthOf } from "../screen/safe-text.js";
import type { Rect } from "../screen/surface.js";
import type { Scene } from "../scene.js";
import { bindingsWhen } from "../view/key-map.js";
import { isStepping } from "../view/view.js";
import { Place } from "./place.js";
import { Styled } from "./styled.js";

interface Hint {
  readonly label: string;
  readonly text: string;
}

/** The keys that matter most just now, as many as fit. */
export function Footer({ scene, rect }: { readonly scene: Scene; readonly rect: Rect }) {
  const { theme } = scene;
  return (
    <Place rect={rect}>
      <Box>
        {fitting(hintsOf(scene), rect.width).map(({ label, text }) => (
          <Fragment key={label}>
            <Styled style={theme.plain}> </Styled>
            <Styled style={theme.accent}>{label}</Styled>
            <Styled style={theme.dim}>{` ${text} `}</Styled>
          </Fragment>
        ))}
      </Box>
    </Place>
  );
}

function hintsOf({ view, live }: Scene): readonly Hint[] {
  switch (view.input.mode) {
    case "keys":
      return bindingsWhen({ isStepping: isStepping(view, live) })
        .flatMap(({ label, hint }) => (hint === undefined ? [] : [{ label, ...hint }]))
        .sort((left, right) => left.rank - right.rank);
    case "command":
      return [
        { label: "Enter", text: "run" },
        { label: "Tab", text: "complete" },
        { label: "↑↓", text: "history" },
        { label: "Esc", text: "keys of the monitor" },
        { label: "Ctrl-C", text: view.isRunning ? "end the wait" : "clear, leave" },
        { label: "Ctrl-D", text: "leave" },
      ];
    case "filter":
      return [
        { label: "Enter", text: "keep" },
        { label: "Esc", text: "no filter" },
        { label: "a|b", text: "either" },
      ];
    case "confirm":
      return [
        { label: "y", text: "yes" },
        { label: "any other key", text: "no" },
      ];
    case "help":
      return [
        { label: "↑↓", text: "scroll" },
        { label: "any other key", text: "close" },
      ];
  }
}

function fitting(hints: readonly Hint[], columns: number): readonly Hint[] {
  const widths = hints.map(({ label, text }) => widthOf(label) + widthOf(text) + 3);
  let used = 0;
  return hints.filter((_, index) => (used += widths[index] ?? 0) <= columns);
}
