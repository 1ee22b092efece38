/**
 * The one table of error codes. A wire error carries `code`, `message` and `retriable`, never a stack.
 *
 * `retriable` means: this request certainly had no effect and the same request may succeed later.
 */
export const ERRORS = {
  KEY_NOT_FOUND: { retriable: false, meaning: "The key does not exist." },
  KEY_EMPTY: { retriable: false, meaning: "A key has at least one byte." },
  KEY_TOO_LONG: { retriable: false, meaning: "The key is longer than 256 bytes of UTF-8." },
  VALUE_TOO_LONG: { retriable: false, meaning: "The value is longer than 262,144 bytes of UTF-8." },
  BAD_FRAME: { retriable: false, meaning: "The line is not one JSON object in valid UTF-8." },
  BAD_REQUEST: { retriable: false, meaning: "The message's type is unknown, or a field is missing or wrong." },
  FRAME_TOO_LARGE: { retriable: false, meaning: "The line is longer than 1 MiB; the rest of it was skipped." },
  RING_INCOMPLETE: { retriable: true, meaning: "Not all slaves of the ring have registered yet." },
  RING_FULL: { retriable: false, meaning: "The ring already has all its members, and this ID is not one of them." },
  DUPLICATE_ID: { retriable: false, meaning: "A running slave already holds this ID." },
  REPLICA_DOWN: { retriable: true, meaning: "A slave that this request needs is down; nothing was sent to any." },
  ABORTED: { retriable: true, meaning: "The update was aborted and will never take effect." },
  OUTCOME_UNKNOWN: { retriable: false, meaning: "The update may or may not take effect; read the key to find out." },
  TIMEOUT: { retriable: true, meaning: "No answer in time; the request had no effect." },
  IN_DOUBT: {
    retriable: true,
    meaning: "An earlier update of this key is not settled yet; a replica must report first.",
  },
  UNAUTHORIZED: { retriable: false, meaning: "The peer has not shown that it may do this." },
  NOT_SUPERVISED: { retriable: false, meaning: "No supervisor keeps this process, so it cannot be controlled." },
  OVERLOADED: { retriable: true, meaning: "A bounded queue is full; the request had no effect." },
  STORAGE: {
    retriable: false,
    meaning: "A slave's disk refused, or is not the one this ring knows, or is an old copy of it.",
  },
  SHUTTING_DOWN: { retriable: true, meaning: "The process is stopping and takes no new requests." },
  STALE_EPOCH: { retriable: false, meaning: "Another master has taken over; this one no longer serves." },
  UNAVAILABLE: { retriable: true, meaning: "No connection to the master, or it was lost before a read was answered." },
  INTERNAL: { retriable: false, meaning: "A fault in ringkv itself; the process goes on, its log tells more." },
} as const satisfies Record<string, { readonly retriable: boolean; readonly meaning: string }>;

export type ErrorCode = keyof typeof ERRORS;

export const ERROR_CODES = Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]];

/** Every operating error in ringkv, on the wire and in the library. */
export class RingkvError extends Error {
  override readonly name = "RingkvError";
  readonly code: ErrorCode;
  /** True when the request certainly had no effect and may succeed later. */
  readonly retriable: boolean;

  constructor(code: ErrorCode, message: string = ERRORS[code].meaning, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.retriable = ERRORS[code].retriable;
  }
}
