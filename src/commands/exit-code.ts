import { UsageError } from "../config.js";
import { RingkvError } from "../protocol/errors.js";
import { escapeLines } from "../protocol/unprintable.js";

/** How `ringkv` ends, the same for every command. */
export const EXIT = { done: 0, failed: 1, usage: 2, noConnection: 3 } as const;

function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  return error instanceof RingkvError && error.code === "UNAVAILABLE" ? EXIT.noConnection : EXIT.failed;
}

/** An error as one line for people, `CODE: message` where it has one of our codes. */
export function describeError(error: unknown): string {
  if (error instanceof RingkvError && error.code !== "INTERNAL") return `${error.code}: ${error.message}`;
  if (!(error instanceof Error)) return "unknown error";
  if ("code" in error && error.code === "EADDRINUSE") return describeAddressInUse(error);
  return error.message;
}

/** Tells people what went wrong, on stderr; returns the exit code. */
export function reportError(error: unknown): number {
  const usage = error instanceof UsageError;
  const hint = usage ? "\n`ringkv --help` and `ringkv COMMAND --help` tell more." : "";
  // A message may quote what a peer has sent.
  process.stderr.write(`${usage ? "ringkv: " : ""}${escapeLines(describeError(error))}${hint}\n`);
  return exitCodeOf(error);
}

function describeAddressInUse(error: Error & { readonly address?: unknown; readonly port?: unknown }): string {
  const port = typeof error.port === "number" ? `port ${error.port.toString()}` : "a port";
  return `${port} is already in use; --client-port, --registration-port and --status-port choose others (0: any free one)`;
}
