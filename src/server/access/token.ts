import { createHash, timingSafeEqual } from "node:crypto";

/** The variables of the environment that hold tokens; no flag does, for everybody can read a command line. */
export const TOKEN_VARIABLES = { client: "RINGKV_CLIENT_TOKEN", admin: "RINGKV_ADMIN_TOKEN" } as const;

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
