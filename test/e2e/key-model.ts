import { RingkvError } from "../../src/protocol/errors.js";

/** Undefined: the key does not exist. */
type Value = string | undefined;

/**
 * What one key may hold, as far as its only writer can know: exactly one value after an acknowledged or a certainly failed
 * update, one more after each whose outcome is unknown.
 */
export class KeyModel {
  #possible: Value[] = [undefined];

  get possible(): readonly Value[] {
    return this.#possible;
  }

  /** An update was acknowledged. */
  acknowledged(value: Value): void {
    this.#possible = [value];
  }

  /**
   * An update failed: an unknown outcome leaves both possible, any other code says that it had no effect.
   * @returns true when the outcome is unknown
   */
  failed(value: Value, error: unknown): boolean {
    if (!(error instanceof RingkvError)) throw error;
    if (error.code !== "OUTCOME_UNKNOWN") return false;
    this.#possible.push(value);
    return true;
  }

  /** A read gave this value: undefined when it could not have been, else the others are ruled out. */
  allows(value: Value): boolean {
    return this.#possible.includes(value);
  }
}
