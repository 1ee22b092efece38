import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A tmpfs: a disk of any size, which can be given more. */
export class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async mount(kib: number): Promise<SmallDisk> {
    const disk = new SmallDisk(mkdtempSync(join(tmpdir(), "ringkv-small-")));
    await run("mount", ["-t", "tmpfs", "-o", `size=${kib}k`, "tmpfs", disk.path]);
    return disk;
  }

  async grow(kib: number): Promise<void> {
    await run("mount", ["-o", `remount,size=${kib}k`, this.path]);
  }

  async unmount(): Promise<void> {
    await run("umount", [this.path]);
    rmdirSync(this.path);
  }
}

/** Why this machine cannot mount small disks; undefined when it can. */
export function whyNoSmallDisks(): string | undefined {
  if (process.platform !== "linux") return "full disks are tested on Linux only";
  if (process.getuid?.() !== 0) return "full disks are tested by root only, since it mounts file systems";
  const path = join(tmpdir(), `ringkv-probe-${process.pid}`);
  try {
    mkdirSync(path);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", path], { stdio: "ignore" });
    execFileSync("umount", [path], { stdio: "ignore" });
    return undefined;
  } catch (error) {
    return `no tmpfs can be mounted here: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}
