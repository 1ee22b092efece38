import { Box } from "ink";
import type { ReactNode } from "react";
import type { Rect } from "../screen/surface.js";

/** Puts something at a place on the screen; what comes later lies above. */
export function Place({ rect, children }: { readonly rect: Rect; readonly children: ReactNode }) {
  return (
    <Box
      position="absolute"
      marginLeft={rect.x}
      marginTop={rect.y}
      width={rect.width}
      height={rect.height}
      flexDirection="column"
    >
      {children}
    </Box>
  );
}
