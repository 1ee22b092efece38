import { RingkvError } from "../../protocol/errors.js";
import { RequestSource } from "../load/request-source.js";
import { keyName } from "../load/workload.js";
import { BenchClient } from "./client.js";
import type { FillJob, GeneratorResult } from "./job.js";
import { Tally } from "./tally.js";
import type { Wire } from "./wire.js";

const CLIENTS = 32;
/** A key that is busy, or a store that has to catch up, is tried again so often. */
const TRIES_MAX = 100;

/**
 * Writes each key once.
 * @param onProgress told of each thousandth key or so
 * @throws RingkvError UNAVAILABLE when a key cannot be written
 */
export async function fill(job: FillJob, wire: Wire, onProgress: (done: number) => void): Promise<GeneratorResult> {
  const { from, to, valueBytes } = job;
  const source = new RequestSource({ mix: "put", distribution: "uniform", keys: 1, valueBytes }, from);
  const tally = new Tally();
  const clients: BenchClient[] = [];
  const again: number[] = [];
  let next = from;
  let left = to - from;
  tally.begin();
  try {
    await new Promise<void>((resolve, reject) => {
      let failures = 0;
      /** `startMs` carries the number of the key. */
      const send = (client: BenchClient) => {
        while (client.hasRoom) {
          const key = again.pop() ?? (next < to ? next++ : undefined);
          if (key === undefined) break;
          client.put(keyName(valueBytes, key), source.value(), key);
        }
        client.flush();
      };
      const handlers = {
        onAnswer(_: unknown, key: number, failure: string | undefined) {
          if (failure === undefined) {
            tally.success("put", 0);
            left--;
            if (left % 1_024 === 0) onProgress(to - from - left);
            if (left === 0) resolve();
          } else if (++failures > TRIES_MAX) {
            reject(new RingkvError("UNAVAILABLE", `The keys could not be written (${failure}).`));
          } else again.push(key);
        },
        onRoom: send,
        onLost: reject,
      };
      const connectAll = async () => {
        for (let n = 0; n < Math.min(CLIENTS, left); n++)
          clients.push(await BenchClient.connect(job, wire, 1, handlers));
        for (const client of clients) send(client);
        if (left === 0) resolve();
      };
      connectAll().catch(reject);
    });
  } finally {
    for (const client of clients) client.close();
  }
  tally.end();
  return tally.toResult();
}
