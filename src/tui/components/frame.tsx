import { Box } from "ink";
import type { ReactNode } from "react";
import { safeText, truncated, widthOf } from "../screen/safe-text.js";
import type { Rect } from "../screen/surface.js";
import type { Glyphs, Theme } from "../screen/theme.js";
import { Place } from "./place.js";
import { Styled } from "./styled.js";

export interface FrameProps {
  readonly rect: Rect;
  readonly title: string;
  /** Drawn heavier, and not only in another colour. */
  readonly isFocused: boolean;
  readonly theme: Theme;
  readonly glyphs: Glyphs;
  readonly children?: ReactNode;
}

/** A border with a title in its upper edge; it hides what it lies on. */
export function Frame({ rect, title, isFocused, theme, glyphs, children }: FrameProps) {
  const style = isFocused ? theme.focusedBorder : theme.border;
  const { left, right, across, down, bottomLeft, bottomRight } = glyphs.ascii
    ? ASCII_EDGES[isFocused ? "focused" : "plain"]
    : EDGES[isFocused ? "focused" : "plain"];
  const text = truncated(safeText(` ${title} `), Math.max(0, rect.width - 4));
  const rest = across.repeat(Math.max(0, rect.width - 3 - widthOf(text)));
  const inside = { width: Math.max(0, rect.width - 2), height: Math.max(0, rect.height - 2) };
  const row = down + " ".repeat(inside.width) + down;
  return (
    <Place rect={rect}>
      <Box>
        <Styled style={style}>{left + across}</Styled>
        <Styled style={isFocused ? theme.focusedBorder : theme.title}>{text}</Styled>
        <Styled style={style}>{rest + right}</Styled>
      </Box>
      <Styled style={style}>{Array.from({ length: inside.height }, () => row).join("\n")}</Styled>
      <Styled style={style}>{bottomLeft + across.repeat(inside.width) + bottomRight}</Styled>
      <Place rect={{ x: 1, y: 1, ...inside }}>{children}</Place>
    </Place>
  );
}

const EDGES = {
  plain: { left: "╭", right: "╮", across: "─", down: "│", bottomLeft: "╰", bottomRight: "╯" },
  focused: { left: "┏", right: "┓", across: "━", down: "┃", bottomLeft: "┗", bottomRight: "┛" },
};

const ASCII_EDGES = {
  plain: { left: "+", right: "+", across: "-", down: "|", bottomLeft: "+", bottomRight: "+" },
  focused: { left: "#", right: "#", across: "=", down: "#", bottomLeft: "#", bottomRight: "#" },
};
