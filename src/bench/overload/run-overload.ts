import { ClusterView } from "../cluster/cluster-view.js";
import type { Entrance } from "../generator/access.js";
import { Generators } from "../generator/generators.js";
import { type Workload, keysFor } from "../load/workload.js";
import { thisMachine } from "../report/bench-report.js";
import type { LoadSample } from "../report/sample.js";
import { spreadOf, summarise } from "../report/summary.js";
import { type MeasuredTarget, runLoad, unlessAborted } from "../run-load.js";
import type { OverloadReport, OverloadRow } from "./overload-report.js";

const TIMES: readonly number[] = [1, 2, 4];
/** Requests in flight on each connection at the peak: enough to keep the ring busy, and too few for it to refuse any. */
const PEAK_DEPTH = 16;
/** Under way on each connection at most, beyond the peak: what a connection may have before it is not read further. */
const OFFERED_DEPTH = 1_000;

const NUMBERED_WIRE = import.meta.resolve("../generator/numbered-line-wire.js");

export interface OverloadOptions {
  readonly cluster: Entrance;
  readonly mixes: readonly Workload["mix"][];
  /** How many times the peak is offered; default 1, 2 and 4. */
  readonly times?: readonly number[];
  readonly distribution: Workload["distribution"];
  readonly keys: number;
  readonly valueBytes: number;
  /** Connections. */
  readonly clients: number;
  readonly rounds: number;
  readonly seconds: number;
  /** Before each load: until as much is under way as can be. */
  readonly warmupSeconds: number;
  readonly generators: number;
  /** Told before each step, with the part of the whole that is done, 0 to 1. */
  readonly onProgress?: ((text: string, part: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The samples of one mix. */
interface Cell {
  readonly workload: Workload;
  readonly peaks: LoadSample[];
  readonly offers: readonly { readonly times: number; readonly samples: LoadSample[] }[];
}

/**
 * Shows what becomes of a cluster that is offered more than it can do: each round finds the peak with a closed loop, and offers
 * 1, 2 and 4 times as much in an open loop, forwards and backwards in turn. Requests carry an `id`, so that whoever is refused
 * hears of it at once. What counts is how many requests are still answered well.
 *
 * @throws RingkvError UNAVAILABLE when the cluster cannot be reached or is lost on the way; the signal's reason
 */
export async function runOverload(options: OverloadOptions): Promise<OverloadReport> {
  const { cluster, mixes, distribution, valueBytes, rounds, seconds, warmupSeconds, signal, onProgress } = options;
  const { times: allTimes = TIMES } = options;
  const began = new Date().toISOString();
  const timing = { warmupMs: warmupSeconds * 1_000, measureMs: seconds * 1_000 };
  const generators = Generators.start(options.generators);
  const keys = keysFor(options.keys, valueBytes);
  const steps = mixes.length * rounds * (1 + allTimes.length);
  let step = 0;
  const tell = (text: string) => onProgress?.(text, step / steps);
  let view: ClusterView | undefined;
  try {
    view = await ClusterView.connect(cluster);
    const target: MeasuredTarget = {
      ...cluster,
      wire: NUMBERED_WIRE,
      generators,
      processes: await view.processes(),
    };
    const load = async (text: string, workload: Workload) => {
      tell(text);
      const sample = await runLoad(target, workload, timing, { signal, seed: step + 1 });
      step++;
      return sample;
    };
    const writing = generators.fill(target, { from: 0, to: keys, valueBytes }, (done) =>
      tell(`writing ${keys.toLocaleString("en-US")} keys: ${Math.floor((done / keys) * 100)} %`),
    );
    await unlessAborted(writing, signal);
    const cells = mixes.map((mix): Cell => {
      const workload = { mix, distribution, keys, valueBytes, clients: options.clients, depth: PEAK_DEPTH };
      return { workload, peaks: [], offers: allTimes.map((times) => ({ times, samples: [] })) };
    });
    for (let round = 1; round <= rounds; round++) {
      for (const { workload, peaks, offers } of cells) {
        const when = `round ${round} of ${rounds}`;
        const peak = await load(`peak of ${workload.mix}, ${when}`, workload);
        peaks.push(peak);
        for (const { times, samples } of round % 2 === 1 ? offers : offers.toReversed()) {
          const rate = Math.max(1, Math.round(peak.opsPerSecond * times));
          const offer = { ...workload, depth: OFFERED_DEPTH, rate };
          samples.push(await load(`${workload.mix}, ${times} times the peak, ${when}`, offer));
        }
      }
    }
    const results = cells.flatMap(rowsOf);
    return { machine: thisMachine(), began, rounds, seconds, warmupSeconds, generators: options.generators, results };
  } finally {
    await generators.close();
    await view?.close();
  }
}

function rowsOf({ workload, peaks, offers }: Cell): OverloadRow[] {
  const { mix, valueBytes, clients } = workload;
  return offers.map(({ times, samples }) => {
    const toPeak = (of: (sample: LoadSample) => number) =>
      spreadOf(samples.map((sample, round) => of(sample) / (peaks[round]?.opsPerSecond ?? Number.NaN)));
    return {
      mix,
      valueBytes,
      clients,
      times,
      peakOpsPerSecond: spreadOf(peaks.map(({ opsPerSecond }) => opsPerSecond)),
      offeredOfPeak: toPeak(({ offeredPerSecond }) => offeredPerSecond ?? 0),
      goodOfPeak: toPeak(({ opsPerSecond }) => opsPerSecond),
      goodOfPeakPerCore: spreadOf(samples.map((sample, round) => perCore(sample) / perCore(peaks[round] ?? sample))),
      ...summarise(samples),
    };
  });
}

/** Good answers a second for each core that the ring used. */
function perCore({ opsPerSecond, processes }: LoadSample): number {
  return opsPerSecond / processes.reduce((sum, { cores }) => sum + cores, 0);
}
