import type { SlaveId } from "./ids.js";

/**
 * What certificates say their owners are: each carries one of these as a URI among its alternative names. A certificate
 * without one is good for nothing here, so one that was made for another purpose opens no port.
 */
export const MASTER_URI = "urn:ringkv:master";
export const CLIENT_URI = "urn:ringkv:client";
export const ADMIN_URI = "urn:ringkv:admin";

/** A slave's certificate is for one ID, so no slave can pass for another. */
export function slaveUri(id: SlaveId): string {
  return `urn:ringkv:slave:${id}`;
}

/** What someone may do who comes from outside; an admin may do all that a client may. */
export type Role = "client" | "admin";

/** The URIs that let into a port for this role. */
export const URIS_FOR: Readonly<Record<Role, readonly string[]>> = {
  client: [CLIENT_URI, ADMIN_URI],
  admin: [ADMIN_URI],
};
