import type { LoadHook } from "node:module";

/** A module's URL, and what is loaded in its place. */
export interface PlantedSource {
  readonly url: string;
  readonly source: string;
}

let planted: PlantedSource | undefined;

/** Called by the loader once, on its own thread, with what plant.ts hands over. */
export function initialize(data: PlantedSource): void {
  planted = data;
}

/** Called by the loader for every module. */
export const load: LoadHook = (url, context, nextLoad) => {
  if (url !== planted?.url) return nextLoad(url, context);
  return { format: "module", source: planted.source, shortCircuit: true };
};
