import { UsageError } from "../config.js";
import { RingkvError } from "../protocol/errors.js";

/** How `ringkv` ends, the same for every command. */
export const EXIT = { done: 0, failed: 1, usage: 2, noConnection: 3 } as const;

/** The exit code that tells an error. */
export function exitCodeOf(error: unknown): number {
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

function describeAddressInUse(error: Error & { readonly address?: unknown; readonly port?: unknown }): string {
  const port = typeof error.port === "number" ? `port ${error.port.toString()}` : "a port";
  return `${port} is already in use; --client-port, --registration-port and --status-port choose others (0: any free one)`;
}
