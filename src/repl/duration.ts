import { CommandUsageError } from "./command.js";

/** The longest that a command waits: an hour, in ms. */
const DURATION_MS_MAX = 3_600_000;

/** A duration as people write it, in ms: `250ms`, `2s`, `1.5s`, `2m`; a number alone is seconds. @throws CommandUsageError */
export function parseDuration(text: string): number {
  const [, number, unit = "s"] = /^([0-9]{1,7}(?:\.[0-9]{1,3})?)(ms|s|m)?$/.exec(text) ?? [];
  const ms = Number(number) * (unit === "ms" ? 1 : unit === "s" ? 1_000 : 60_000);
  if (number !== undefined && ms <= DURATION_MS_MAX) return ms;
  throw new CommandUsageError(`${JSON.stringify(text.slice(0, 20))} is no duration; 250ms, 2s, 1.5s and 2m are`);
}
