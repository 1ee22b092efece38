import type { ErrorCode } from "../protocol/errors.js";
import type { OpId } from "../protocol/ids.js";

/** Why a request failed: data, since failing requests are ordinary events. */
export interface Failure {
  readonly ok: false;
  readonly code: ErrorCode;
  readonly message: string;
}

export interface ReadSuccess {
  readonly ok: true;
  readonly value: string;
  /** The version: the write that was read. */
  readonly opId: OpId;
}

export interface UpdateSuccess {
  readonly ok: true;
  /** The version that the update made. */
  readonly opId: OpId;
}

export type ReadResult = ReadSuccess | Failure;
export type UpdateResult = UpdateSuccess | Failure;

export function failure(code: ErrorCode, message: string): Failure {
  return { ok: false, code, message };
}

export const KEY_NOT_FOUND: Failure = failure("KEY_NOT_FOUND", "Key does not exist");
