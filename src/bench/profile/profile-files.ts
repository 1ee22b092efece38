import { mkdir, readFile, rename } from "node:fs/promises";
import { watch } from "node:fs";
import { join } from "node:path";
import { RingkvError } from "../../protocol/errors.js";
import type { NamedProcess } from "../cluster/process-usage.js";
import type { ProfileSummary } from "../report/bench-report.js";
import { type CpuProfile, selfTimesOf } from "./self-time.js";

/** A profile of a busy process takes a moment to write; past this time, in ms, something is wrong. */
const WRITTEN_MS = 30_000;

/** The folder of a bench's CPU profiles: what processes write there, under names that tell the load and the process. */
export class ProfileFiles {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async open(directory: string): Promise<ProfileFiles> {
    await mkdir(directory, { recursive: true });
    return new ProfileFiles(directory);
  }

  /** The file of a process's profile under a load. */
  path(load: string, name: string): string {
    return join(this.directory, `${load}-${name}.cpuprofile`);
  }

  /** Begins the profiles of these processes, or ends them (profile-agent.ts). */
  toggle(processes: readonly NamedProcess[]): void {
    for (const { pid } of processes) process.kill(pid, "SIGUSR2");
  }

  /**
   * Waits for what the processes write, names it, and reads where they spent their time.
   * @throws RingkvError TIMEOUT
   */
  async collect(load: string, processes: readonly NamedProcess[]): Promise<readonly ProfileSummary[]> {
    return Promise.all(
      processes.map(async ({ name, pid }) => {
        const file = this.path(load, name);
        await this.#take(`${pid}.cpuprofile`, file);
        return this.read(load, name);
      }),
    );
  }

  /** Reads a profile that is there under its name. */
  async read(load: string, name: string): Promise<ProfileSummary> {
    const file = this.path(load, name);
    const profile = JSON.parse(await readFile(file, "utf8")) as CpuProfile;
    return { load, process: name, file, ...selfTimesOf(profile) };
  }

  /** Renames a file as soon as it is there. */
  async #take(from: string, to: string): Promise<void> {
    const watcher = watch(this.directory);
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        const attempt = () => void rename(join(this.directory, from), to).then(resolve, () => undefined);
        watcher.on("change", attempt).on("error", reject);
        timer = setTimeout(() => reject(new RingkvError("TIMEOUT", `No profile ${from} was written.`)), WRITTEN_MS);
        attempt();
      });
    } finally {
      clearTimeout(timer);
      watcher.close();
    }
  }
}
