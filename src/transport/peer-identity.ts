/** Whom the peer of a connection is by its certificate. */
export type PeerIdentity =
  | { readonly kind: "none" }
  /** It showed a certificate that does not hold: of another CA, or expired. */
  | { readonly kind: "invalid"; readonly reason: string }
  | {
      readonly kind: "certificate";
      /** The common name, for people only. */
      readonly name: string;
      /** The URIs among its alternative names, which say what it is. */
      readonly uris: readonly string[];
    };

/** True for a peer whose certificate holds and carries one of the URIs. */
export function isAnyOf(identity: PeerIdentity | undefined, uris: readonly string[]): boolean {
  return identity?.kind === "certificate" && identity.uris.some((uri) => uris.includes(uri));
}

/** A peer for people: `certificate "s1"`; what is wrong where it has none that holds. */
export function describeIdentity(identity: PeerIdentity): string {
  switch (identity.kind) {
    case "none":
      return "no certificate";
    case "invalid":
      return `a certificate that does not hold (${identity.reason})`;
    case "certificate": {
      const uris = identity.uris.length === 0 ? "" : ` (${identity.uris.join(", ")})`;
      return `certificate ${JSON.stringify(identity.name)}${uris}`;
    }
  }
}

/**
 * The URIs of a certificate's alternative names as Node writes them: `DNS:localhost, URI:urn:ringkv:master`. Node puts names
 * with special characters into JSON quotes, so a name that contains `, URI:…` does not read as two.
 */
export function urisOf(alternativeNames: string): string[] {
  const names = alternativeNames.matchAll(/([^:,"]+):("(?:[^"\\]|\\.)*"|[^,"]*)(?:, |$)/gy);
  return [...names].flatMap(([, kind, name]) => (kind === "URI" && name !== undefined ? [name] : []));
}
