import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ClusterView } from "./cluster/cluster-view.js";
import type { Entrance } from "./generator/access.js";
import { Generators } from "./generator/generators.js";
import { type Distribution, type Mix, type Timing, type Workload, keysFor } from "./load/workload.js";
import { ProfileFiles } from "./profile/profile-files.js";
import { type BenchReport, type BenchRow, type ProfileSummary, thisMachine } from "./report/bench-report.js";
import { costPlots } from "./report/cost-plots.js";
import type { LoadSample } from "./report/sample.js";
import { type TlsComparison, compareTls } from "./report/tls-comparison.js";
import { summarise } from "./report/summary.js";
import { drawPlot } from "./report/svg-plot.js";
import { type MeasuredTarget, runLoad, unlessAborted } from "./run-load.js";
import { BareServer } from "./servers/bare-child.js";

/** What is measured: every combination of these. */
export interface Matrix {
  readonly mixes: readonly Mix[];
  readonly distributions: readonly Distribution[];
  readonly clients: readonly number[];
  readonly depths: readonly number[];
  readonly valueBytes: readonly number[];
  /** In rising order: the store grows from one to the next. */
  readonly keys: readonly number[];
  /** Of an open loop; left out: closed. */
  readonly rate?: number | undefined;
}

export interface MatrixOptions {
  readonly matrix: Matrix;
  /** The clusters that are measured in turns. */
  readonly clusters: readonly { readonly client: Entrance; readonly slaves?: number }[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  /** Generator processes. */
  readonly generators: number;
  /** Where CPU profiles go, from one more round; the clusters were started for it. */
  readonly profileDirectory?: string | undefined;
  /** Where plots go. */
  readonly plotDirectory?: string | undefined;
  /** Told before each step, with the part of the whole that is done, 0 to 1. */
  readonly onProgress?: ((text: string, part: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A load against one of the clusters, with what its rounds have shown. */
interface Cell {
  readonly cluster: MatrixCluster;
  readonly workload: Workload;
  readonly samples: LoadSample[];
}

interface MatrixCluster extends MeasuredTarget {
  readonly slaves: number;
  readonly view: ClusterView;
}

/**
 * Measures running clusters from processes of their own. Each round measures every load once, so that a machine that gets
 * slower or faster meanwhile does it to all of them; every second round goes backwards.
 *
 * @throws RingkvError UNAVAILABLE when a cluster cannot be reached or is lost on the way; the signal's reason
 */
export async function runMatrix(options: MatrixOptions): Promise<BenchReport> {
  const run = new MatrixRun(options);
  try {
    return await run.run();
  } finally {
    await run.close();
  }
}

class MatrixRun {
  readonly #options: MatrixOptions;
  readonly #timing: Timing;
  readonly #generators: Generators;
  readonly #clusters: MatrixCluster[] = [];
  readonly #ceilings = new Map<string, number>();
  readonly #profiles: ProfileSummary[] = [];
  readonly #steps: number;
  #step = 0;
  #seed = 1;

  constructor(options: MatrixOptions) {
    const { matrix, clusters, rounds, seconds, warmupSeconds, profileDirectory } = options;
    this.#options = options;
    this.#timing = { warmupMs: warmupSeconds * 1_000, measureMs: seconds * 1_000 };
    this.#generators = Generators.start(options.generators);
    const loads =
      matrix.mixes.length *
      matrix.distributions.length *
      matrix.clients.length *
      matrix.depths.length *
      matrix.valueBytes.length *
      matrix.keys.length;
    const runs = rounds + (profileDirectory === undefined ? 0 : 1);
    this.#steps = loads * (runs * clusters.length + (matrix.rate === undefined ? 1 : 0));
  }

  async run(): Promise<BenchReport> {
    const { matrix, rounds, seconds, warmupSeconds, generators, clusters, plotDirectory } = this.#options;
    const began = new Date().toISOString();
    for (const { client, slaves } of clusters) {
      const view = await ClusterView.connect(client);
      const processes = await view.processes();
      const found = slaves ?? (await view.slaves());
      this.#clusters.push({ ...client, generators: this.#generators, view, processes, slaves: found });
    }
    const results: BenchRow[] = [];
    const comparisons: TlsComparison[] = [];
    let filled = 0;
    for (const keys of matrix.keys) {
      const cells = this.#cells(keys);
      await this.#fill(filled, keys);
      filled = keys;
      await this.#measureCeilings(cells);
      for (let round = 1; round <= rounds; round++) {
        for (const cell of round % 2 === 1 ? cells : cells.toReversed()) {
          cell.samples.push(await this.#measure(cell, `round ${round} of ${rounds}`));
        }
      }
      await this.#profile(cells);
      results.push(...cells.map((cell) => this.#rowOf(cell)));
      comparisons.push(
        ...compareTls(cells.map((cell) => ({ ...cell, slaves: cell.cluster.slaves, tls: isTls(cell) }))),
      );
    }
    const plots = plotDirectory === undefined ? [] : await writePlots(plotDirectory, results);
    return {
      machine: thisMachine(),
      began,
      rounds,
      seconds,
      warmupSeconds,
      generators,
      results,
      ...(comparisons.length > 0 && { comparisons }),
      ...(this.#profiles.length > 0 && { profiles: this.#profiles }),
      ...(plots.length > 0 && { plots }),
    };
  }

  async close(): Promise<void> {
    await this.#generators.close();
    await Promise.all(this.#clusters.map(({ view }) => view.close()));
  }

  #cells(wishedKeys: number): Cell[] {
    const { mixes, distributions, clients, depths, valueBytes, rate } = this.#options.matrix;
    const cells: Cell[] = [];
    for (const bytes of valueBytes)
      for (const distribution of distributions)
        for (const mix of mixes)
          for (const depth of depths)
            for (const count of clients)
              for (const cluster of this.#clusters) {
                const keys = keysFor(wishedKeys, bytes);
                const workload = { mix, distribution, keys, valueBytes: bytes, clients: count, depth, rate };
                cells.push({ cluster, workload, samples: [] });
              }
    return cells;
  }

  async #fill(from: number, to: number): Promise<void> {
    for (const cluster of this.#clusters) {
      for (const valueBytes of this.#options.matrix.valueBytes) {
        const range = { from: Math.min(from, keysFor(to, valueBytes)), to: keysFor(to, valueBytes), valueBytes };
        const total = range.to - range.from;
        if (total === 0) continue;
        const filling = this.#generators.fill(cluster, range, (done) => {
          this.#tell(`writing ${total.toLocaleString("en-US")} keys: ${Math.floor((done / total) * 100)} %`);
        });
        await unlessAborted(filling, this.#options.signal);
      }
    }
  }

  /** Once for each load: the generators' own limit does not depend on the cluster, and is far less noisy. */
  async #measureCeilings(cells: readonly Cell[]): Promise<void> {
    if (this.#options.matrix.rate !== undefined) return;
    for (const { workload } of cells) {
      const load = nameOf(workload);
      if (this.#ceilings.has(load)) continue;
      this.#tell(`ceiling of ${load}`);
      const server = await BareServer.start("lines", workload.valueBytes);
      try {
        const target = { host: server.host, port: server.port, generators: this.#generators, processes: [] };
        const { opsPerSecond } = await runLoad(target, workload, this.#timing, this.#runOptions());
        this.#ceilings.set(load, opsPerSecond);
        this.#step++;
      } finally {
        await server.close();
      }
    }
  }

  async #measure(cell: Cell, when: string): Promise<LoadSample> {
    this.#tell(`${nameOf(cell.workload)}${this.#clusterName(cell)}, ${when}`);
    const sample = await runLoad(cell.cluster, cell.workload, this.#timing, this.#runOptions());
    this.#step++;
    return sample;
  }

  /** One more round, which does not count: a process that is profiled is slower. */
  async #profile(cells: readonly Cell[]): Promise<void> {
    const { profileDirectory } = this.#options;
    if (profileDirectory === undefined) return;
    const files = await ProfileFiles.open(profileDirectory);
    for (const { cluster, workload } of cells) {
      const load =
        `${nameOf(workload)}${this.#clusters.length > 1 ? `-${cluster.slaves}s` : ""}${isTls({ cluster }) ? "-tls" : ""}`.replaceAll(
          " ",
          "-",
        );
      this.#tell(`profile of ${load}`);
      const generatorName = (n: number) => `generator${n + 1}`;
      await runLoad(cluster, workload, this.#timing, {
        ...this.#runOptions(),
        profiling: {
          generatorFile: (n) => files.path(load, generatorName(n)),
          toggle: () => files.toggle(cluster.processes),
        },
      });
      this.#profiles.push(...(await files.collect(load, cluster.processes)));
      const loading = Math.min(this.#options.generators, workload.clients);
      for (let n = 0; n < loading; n++) this.#profiles.push(await files.read(load, generatorName(n)));
      this.#step++;
    }
  }

  #rowOf({ cluster, workload, samples }: Cell): BenchRow {
    const ceiling = this.#ceilings.get(nameOf(workload));
    return {
      workload,
      slaves: cluster.slaves,
      ...(this.#options.clusters.some(({ client }) => client.access?.tls !== undefined) && { tls: isTls({ cluster }) }),
      ...summarise(samples),
      ...(ceiling !== undefined && { ceilingOpsPerSecond: ceiling }),
    };
  }

  #runOptions() {
    return { signal: this.#options.signal, seed: (this.#seed += 100) };
  }

  #clusterName({ cluster }: Cell): string {
    return this.#clusters.length > 1 ? ` on ${cluster.slaves} slaves${isTls({ cluster }) ? " over TLS" : ""}` : "";
  }

  #tell(text: string): void {
    this.#options.onProgress?.(text, this.#step / this.#steps);
  }
}

function isTls({ cluster }: Pick<Cell, "cluster">): boolean {
  return cluster.access?.tls !== undefined;
}

/** A load in a few words that are good for a file's name, too. */
function nameOf({ mix, clients, depth, valueBytes, distribution, keys }: Workload): string {
  return `${mix} x${clients} depth ${depth} ${valueBytes}B ${distribution} ${keys} keys`;
}

async function writePlots(directory: string, results: readonly BenchRow[]): Promise<readonly string[]> {
  await mkdir(directory, { recursive: true });
  return Promise.all(
    costPlots(results).map(async ({ file, plot }) => {
      const path = join(directory, file);
      await writeFile(path, drawPlot(plot));
      return path;
    }),
  );
}
