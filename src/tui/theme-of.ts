import type { Theme, ThemeName } from "./screen/theme.js";

/**
 * The theme to use. `auto`: mono where colours are not wanted (NO_COLOR) or not there, else light or dark as the terminal tells
 * its background in COLORFGBG, else dark.
 */
export function themeNameOf(
  wanted: ThemeName,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Theme["name"] {
  if (env["NO_COLOR"]) return "mono";
  if (wanted !== "auto") return wanted;
  if (env["TERM"] === "dumb" || env["TERM"]?.includes("mono") === true) return "mono";
  const background = Number(/;(\d+)$/.exec(env["COLORFGBG"] ?? "")?.[1] ?? "0");
  return background === 7 || background >= 9 ? "light" : "dark";
}

/** Whether the locale lets us show more than ASCII. The C locale does not say so; nothing set is taken for UTF-8. */
export function needsAscii(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  const locale = env["LC_ALL"] || env["LC_CTYPE"] || env["LANG"] || "";
  return env["TERM"] === "linux" || (locale !== "" && !/utf-?8/i.test(locale) && !/^(C|POSIX)$/.test(locale));
}
