import { RingkvError } from "../../protocol/errors.js";

/** The STORAGE error for what the system refused: `what` was tried, the cause says why it failed. */
export function storageError(what: string, cause: unknown): RingkvError {
  if (cause instanceof RingkvError) return cause;
  return new RingkvError("STORAGE", `${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}

/** True for the errors of the system that carry this code, such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
