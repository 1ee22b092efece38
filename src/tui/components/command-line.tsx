import { Box } from "ink";
import type { Rect } from "../screen/surface.js";
import { safeText } from "../screen/safe-text.js";
import type { Scene } from "../scene.js";
import { typedWindow } from "../view/typed-window.js";
import type { Notice } from "../view/view.js";
import { Place } from "./place.js";
import { Styled } from "./styled.js";

/** The line where commands and filters are typed, and where news shows while nothing is. */
export function CommandLine({ scene, rect }: { readonly scene: Scene; readonly rect: Rect }) {
  const { view, theme } = scene;
  const typed = typedWindow(view, rect.width);
  if (typed === undefined) {
    return (
      <Place rect={rect}>
        {view.notice !== undefined && (
          <Styled style={noticeStyle(view.notice, scene)}>{` ${safeText(view.notice.text)}`}</Styled>
        )}
      </Place>
    );
  }
  return (
    <Place rect={rect}>
      <Box>
        <Styled style={theme.accent}>{typed.prompt}</Styled>
        <Styled style={theme.plain}>{typed.text}</Styled>
        {view.isRunning && <Styled style={theme.dim}>{"  running, Ctrl-C ends the wait"}</Styled>}
        {!view.isRunning && view.notice !== undefined && typed.text === "" && (
          <Styled style={noticeStyle(view.notice, scene)}>{`  ${safeText(view.notice.text)}`}</Styled>
        )}
      </Box>
    </Place>
  );
}

function noticeStyle({ kind }: Notice, { theme }: Scene) {
  return { good: theme.good, bad: theme.bad, plain: theme.plain }[kind];
}
