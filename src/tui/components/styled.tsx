import { Text, type TextProps } from "ink";
import type { ReactNode } from "react";
import type { Style } from "../screen/style.js";

/** Text in one of the theme's styles; never wrapped, since each of our lines is one. */
export function Styled({ style, children }: { readonly style: Style; readonly children: ReactNode }) {
  return (
    <Text wrap="truncate-end" {...propsOf(style)}>
      {children}
    </Text>
  );
}

const COLORS = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

/** A style as Ink's properties. */
export function propsOf(style: Style): TextProps {
  const codes = style === "" ? [] : style.split(";").map(Number);
  const color = codes.map(colorOf).find((name) => name !== undefined);
  return {
    bold: codes.includes(1),
    dimColor: codes.includes(2),
    underline: codes.includes(4),
    inverse: codes.includes(7),
    ...(color !== undefined && { color }),
  };
}

function colorOf(code: number): string | undefined {
  if (code >= 30 && code <= 37) return COLORS[code - 30];
  if (code === 90) return "gray";
  return code > 90 && code <= 97 ? `${COLORS[code - 90] ?? ""}Bright` : undefined;
}
