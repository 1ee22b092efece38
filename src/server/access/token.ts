import { createHash, timingSafeEqual } from "node:crypto";

/** A secret that lets in whoever knows it. It is kept as its hash, and never written anywhere. */
export class Token {
  readonly #digest: Buffer;

  constructor(text: string) {
    this.#digest = digestOf(text);
  }

  /** Takes the same time whatever was given, so that nobody can guess it piece by piece. */
  isMatchedBy(given: string): boolean {
    return timingSafeEqual(digestOf(given), this.#digest);
  }
}

function digestOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
