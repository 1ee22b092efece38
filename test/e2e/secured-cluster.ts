import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RingkvClient } from "../../src/client/client.js";
import type { SecurityOptions } from "../../src/client/secured.js";
import { StatusClient } from "../../src/client/status-client.js";
import { RingkvError } from "../../src/protocol/errors.js";
import { ANY_PORTS, Daemon, type UpReady } from "./cluster.js";

interface Teardown {
  teardown(handler: () => unknown): void;
}

/** A directory that is gone after the test. */
export function temporaryDirectory(t: Teardown): string {
  const path = mkdtempSync(join(tmpdir(), "ringkv-e2e-"));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A cluster of real processes with two slaves that is told how it is protected. */
export class SecuredCluster {
  readonly #t: Teardown;
  readonly data: string;
  readonly daemon: Daemon;
  readonly ready: UpReady;

  private constructor(t: Teardown, data: string, daemon: Daemon, ready: UpReady) {
    this.#t = t;
    this.data = data;
    this.daemon = daemon;
    this.ready = ready;
  }

  static async start(
    t: Teardown,
    flags: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<SecuredCluster> {
    const data = temporaryDirectory(t);
    const args = ["up", "--headless", "--slaves", "2", "--data", data, ...ANY_PORTS, ...flags];
    const daemon = new Daemon(args, environment);
    t.teardown(() => daemon.stop());
    return new SecuredCluster(t, data, daemon, await daemon.ready<UpReady>());
  }

  async client(security: SecurityOptions, options: Parameters<typeof RingkvClient.connect>[0] = {}) {
    const client = await RingkvClient.connect({ ...this.ready.client, ...security, ...options });
    this.#t.teardown(() => client.close());
    return client;
  }

  async status(security: SecurityOptions): Promise<StatusClient> {
    const status = await StatusClient.connect({ ...this.ready.status, ...security, requestTimeoutMs: 40_000 });
    this.#t.teardown(() => status.close());
    return status;
  }

  /** The client address, as a flag takes it. */
  get address(): string {
    return addressOf(this.ready.client);
  }
}

export function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `${host}:${port}`;
}

/** Asks again while the slaves have not come back to a new master. */
export async function onceServed<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RingkvError) || !error.retriable) throw error;
    }
  }
}
