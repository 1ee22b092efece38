import { Box } from "ink";
import type { ReactNode } from "react";
import { safeText, truncated } from "../screen/safe-text.js";
import type { Rect } from "../screen/surface.js";
import type { Glyphs, Theme } from "../screen/theme.js";
import { Place } from "./place.js";
import { Styled, propsOf } from "./styled.js";

export interface FrameProps {
  readonly rect: Rect;
  readonly title: string;
  /** Drawn heavier, and not only in another colour. */
  readonly isFocused: boolean;
  readonly theme: Theme;
  readonly glyphs: Glyphs;
  /** What lies below does not shine through. */
  readonly isOpaque?: boolean;
  readonly children?: ReactNode;
}

/** A border with a title in its upper edge. */
export function Frame({ rect, title, isFocused, theme, glyphs, isOpaque = false, children }: FrameProps) {
  const { color, dimColor } = propsOf(isFocused ? theme.focusedBorder : theme.border);
  const text = truncated(safeText(` ${title} `), Math.max(0, rect.width - 4));
  const inside = { width: Math.max(0, rect.width - 2), height: Math.max(0, rect.height - 2) };
  const blank = " ".repeat(inside.width);
  const style = glyphs.ascii ? (isFocused ? ASCII_FOCUSED : "classic") : isFocused ? "bold" : "round";
  return (
    <Place rect={rect}>
      <Box
        borderStyle={style}
        {...(color !== undefined && { borderColor: color })}
        borderDimColor={dimColor === true}
        width={rect.width}
        height={rect.height}
      >
        {isOpaque && (
          <Styled style={theme.plain}>{Array.from({ length: inside.height }, () => blank).join("\n")}</Styled>
        )}
      </Box>
      <Place rect={{ x: 2, y: 0, width: Math.max(0, rect.width - 4), height: 1 }}>
        <Styled style={isFocused ? theme.focusedBorder : theme.title}>{text}</Styled>
      </Place>
      {children !== undefined && <Place rect={{ x: 1, y: 1, ...inside }}>{children}</Place>}
    </Place>
  );
}

const ASCII_FOCUSED = {
  topLeft: "#",
  top: "=",
  topRight: "#",
  right: "#",
  bottomRight: "#",
  bottom: "=",
  bottomLeft: "#",
  left: "#",
};
