import { UsageError } from "../config.js";
import type { MasterTokens } from "../server/access/master-guards.js";

/** What decides who reaches a daemon's ports, and whether something stands in his way. */
interface Exposing {
  readonly host: string;
  readonly tls: string | undefined;
  readonly insecure: boolean;
}

interface ExposingMaster extends Exposing {
  readonly clientPort: number;
  readonly registrationPort: number;
  readonly statusPort: number;
}

/** A port that others may reach, and what would protect it. */
interface UnprotectedPort {
  readonly name: string;
  readonly remedies: string;
}

/**
 * A master that other machines reach protects each of its ports, or was told `--insecure`.
 * @returns lines of warning: what is open to everybody, since the user said so
 * @throws UsageError naming the ports and the ways out
 */
export function exposedMasterPorts(master: ExposingMaster, { client, admin }: MasterTokens): readonly string[] {
  const { clientPort, registrationPort, statusPort } = master;
  return exposed(master, [
    ...without(client, { name: `client port (${clientPort})`, remedies: "--client-token-file or --tls" }),
    { name: `registration port (${registrationPort})`, remedies: "--tls" },
    ...without(admin, { name: `status port (${statusPort})`, remedies: "--admin-token-file or --tls" }),
  ]);
}

/** The same for a slave. @throws UsageError */
export function exposedSlavePort(slave: Exposing): readonly string[] {
  return exposed(slave, [{ name: "slave's port", remedies: "--tls" }]);
}

/** @param ports those that only TLS could protect */
function exposed({ host, tls, insecure }: Exposing, ports: readonly UnprotectedPort[]): readonly string[] {
  if (isLoopback(host) || tls !== undefined) return [];
  if (insecure) return ports.map(({ name }) => `INSECURE: the ${name} on ${host} serves everybody who reaches it`);
  const needs = ports.map(({ name, remedies }) => `the ${name} needs ${remedies}`).join(", ");
  throw new UsageError(
    `--host ${host} lets other machines in: ${needs}; or say --insecure, if everybody there may do anything`,
  );
}

function without(token: string | undefined, port: UnprotectedPort): readonly UnprotectedPort[] {
  return token === undefined ? [port] : [];
}

/** Addresses of this machine alone; a name other than localhost may mean any. */
function isLoopback(host: string): boolean {
  return /^(?:(?:::ffff:)?127(?:\.\d{1,3}){3}|::1|localhost)$/i.test(host);
}
