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

/**
 * True when the disk, or what this user may have of it, is full. LevelDB gives the system's words and no code; they are these
 * on Linux, macOS and Windows, as no program here asks for another language.
 */
export function isOutOfSpace(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (hasCode(error, "ENOSPC") || hasCode(error, "EDQUOT")) return true;
  if (/no space left|quota exceeded|not enough space/i.test(error.message)) return true;
  return error.cause !== undefined && isOutOfSpace(error.cause);
}
