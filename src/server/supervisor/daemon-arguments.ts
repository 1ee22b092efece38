import { join } from "node:path";
import type { SlaveId } from "../../protocol/ids.js";
import type { Address } from "../../transport/transport.js";

/** What the daemons of a cluster share; the names are those of the flags. */
export interface ClusterSettings {
  readonly host: string;
  readonly clientPort: number;
  readonly registrationPort: number;
  readonly statusPort: number;
  readonly prepareTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly hash: string;
  readonly serial: boolean;
  readonly cacheSets: number;
  readonly cacheWays: number;
  /** The directory of certificates. */
  readonly tls?: string | undefined;
  readonly insecure?: boolean;
}

/** Every flag is written out, so that no RINGKV_* variable or config file can make the daemons differ. */
export function masterArguments(settings: ClusterSettings, data: string, slaves: number): readonly string[] {
  return [
    "master",
    ...flags({
      host: settings.host,
      "client-port": settings.clientPort,
      "registration-port": settings.registrationPort,
      "status-port": settings.statusPort,
      slaves,
      data: join(data, "master"),
      "prepare-timeout-ms": settings.prepareTimeoutMs,
      "read-timeout-ms": settings.readTimeoutMs,
      "heartbeat-interval-ms": settings.heartbeatIntervalMs,
      "heartbeat-timeout-ms": settings.heartbeatTimeoutMs,
      hash: settings.hash,
      serial: settings.serial,
      "cache-sets": settings.cacheSets,
      "cache-ways": settings.cacheWays,
      ...protection(settings),
    }),
  ];
}

/** @param master where the master takes registrations */
export function slaveArguments(
  settings: ClusterSettings,
  data: string,
  id: SlaveId,
  master: Address,
): readonly string[] {
  return [
    "slave",
    ...flags({
      id,
      master: master.host.includes(":") ? `[${master.host}]:${master.port}` : `${master.host}:${master.port}`,
      host: settings.host,
      data: join(data, `slave-${id}`),
      "heartbeat-interval-ms": settings.heartbeatIntervalMs,
      "cache-sets": settings.cacheSets,
      "cache-ways": settings.cacheWays,
      ...protection(settings),
    }),
  ];
}

function protection({ tls, insecure }: ClusterSettings) {
  return { ...(tls !== undefined && { tls }), ...(insecure === true && { insecure }) };
}

function flags(values: Readonly<Record<string, string | number | boolean>>): string[] {
  return ["--supervised=true", ...Object.entries(values).map(([name, value]) => `--${name}=${value.toString()}`)];
}
