import type { SlaveId } from "../../src/protocol/ids.js";
import { SlaveFailpoints, killOwnProcess } from "../../src/server/failpoints.js";
import { Slave } from "../../src/server/slave/slave.js";
import { DataDirectory } from "../../src/server/storage/data-directory.js";
import { DiskStore } from "../../src/server/storage/disk-store.js";
import type { FileOperations } from "../../src/server/storage/file-operations.js";
import { SlaveLog } from "../../src/server/storage/slave-log.js";
import { tcpTransport } from "../../src/transport/tcp.js";
import type { Address } from "../../src/transport/transport.js";

/** A slave put together as `ringkv slave` does it (src/server/slave/main.ts), with file operations of the test's choice. */
export async function startComposedSlave(options: ComposedSlaveOptions): Promise<ComposedSlave> {
  const { id, data, master, segmentBytes, files, onFatal } = options;
  const directory = DataDirectory.open(data, "slave");
  let store: DiskStore | undefined;
  try {
    store = await DiskStore.open(directory.path, { checkpointBytes: segmentBytes, onFailure: onFatal });
    const slave = await Slave.start({
      id,
      store,
      failpoints: new SlaveFailpoints(killOwnProcess),
      openLog: (handlers) =>
        SlaveLog.open(directory.path, { ...handlers, segmentBytes, ...(files !== undefined && { files }) }),
      checkpointBytes: segmentBytes,
      transport: tcpTransport,
      host: "127.0.0.1",
      advertise: undefined,
      master,
      cacheSets: 64,
      cacheWays: 4,
      heartbeatIntervalMs: 500,
      log: () => undefined,
      onFatal,
    });
    return {
      registered: slave.registered,
      async stop() {
        await slave.stop();
        directory.close();
      },
    };
  } catch (error) {
    await store?.close();
    directory.close();
    throw error;
  }
}

export interface ComposedSlave {
  /** Resolves when the master has taken its registration. */
  readonly registered: Promise<void>;
  stop(): Promise<void>;
}

export interface ComposedSlaveOptions {
  readonly id: SlaveId;
  readonly data: string;
  readonly master: Address;
  readonly segmentBytes: number;
  /** The real ones if left out. */
  readonly files?: FileOperations;
  readonly onFatal: (error: Error) => void;
}
