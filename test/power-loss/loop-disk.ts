/**
 * A disk whose power can be cut: an ext4 in an image file, mounted through a loop device.
 *
 * What a power cut leaves is what has reached the disk, and here the disk is the image file. There are two layers of page
 * cache, and the rig stands or falls with reading the right one:
 *
 *     writer ── write() ──► page cache of the mounted ext4 ── write-back, fdatasync, journal ──► loop device ──► image file
 *                           lost at a power cut                                                 the disk: kept
 *
 * A block gets from the ext4 to the loop device only when the kernel writes it back: because someone forces it, because the
 * journal commits (every ten minutes here, `commit=600`, instead of five seconds), or because it has been dirty for half a
 * minute. The loop device hands each block on to the image file with a write of its own. So an ordinary read of the **image
 * file** sees exactly what the kernel has sent to the disk, be it in the image file's own page cache or not; a read of
 * `/dev/loopN` or of the mounted files would see more, and prove nothing. That is also why neither direct I/O of the loop
 * device nor a `sync` is wanted anywhere here.
 *
 * A copy must be of one moment. The writer is stopped first, and has no system call under way (slave-process.ts); the kernel
 * could still write back on its own, so the device's counters are compared around the copy, which is repeated if they moved.
 *
 * What this rig cannot show: a disk that loses what it has taken and not flushed, or tears a sector. The loop device has no
 * such cache. The simulated disk (test/server/storage/simulated-disk.ts) does that, by sectors in any selection.
 */
import { execFile } from "node:child_process";
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statfsSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const IMAGE_BYTES = 32 * 1_048_576;
const COMMIT_SECONDS = 600;
const DIRECTORY_PREFIX = "ringkv-power-";
const MEMORY_DISK = "/dev/shm";
const MEMORY_DISK_BYTES_MIN = 16 * IMAGE_BYTES;

/** An image file, and where it is mounted while it is. */
export class LoopDisk {
  readonly image: string;
  #mountPoint: string | undefined;

  private constructor(image: string) {
    this.image = image;
  }

  /** An empty file system, with no kernel thread that goes on formatting it. */
  static async format(image: string): Promise<LoopDisk> {
    writeFileSync(image, "");
    truncateSync(image, IMAGE_BYTES);
    const lazily = "lazy_itable_init=0,lazy_journal_init=0";
    await run("mkfs.ext4", ["-q", "-F", "-b", "4096", "-J", "size=4", "-m", "0", "-E", lazily, image]);
    return new LoopDisk(image);
  }

  /** Mounts it read-write: what the journal holds of an interrupted life is replayed, as after a power cut. */
  async mount(mountPoint: string): Promise<void> {
    mkdirSync(mountPoint, { recursive: true });
    await run("mount", ["-t", "ext4", "-o", `loop,commit=${COMMIT_SECONDS}`, this.image, mountPoint]);
    this.#mountPoint = mountPoint;
  }

  /** What a power cut now would leave, as a disk of its own; whoever writes must be stopped. */
  async cutPower(image: string): Promise<LoopDisk> {
    for (;;) {
      const before = this.#writesOfKernel();
      if (before !== undefined) {
        copyFileSync(this.image, image, constants.COPYFILE_FICLONE);
        if (this.#writesOfKernel() === before) return new LoopDisk(image);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Unmounts it and removes the image; a second call has no effect. */
  async discard(): Promise<void> {
    if (this.#mountPoint !== undefined) await run("umount", [this.#mountPoint]);
    this.#mountPoint = undefined;
    rmSync(this.image, { force: true });
  }

  /** What the device has written, discarded and flushed so far; undefined while it is at it. */
  #writesOfKernel(): string | undefined {
    const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
    const [device = ""] = mounts.find((line) => line.split(" ")[1] === this.#mountPoint)?.split(" ") ?? [];
    const stat = readFileSync(`/sys/block/${basename(device)}/stat`, "utf8");
    const fields = stat.trim().split(/\s+/);
    const [writes, inFlight, discards, flushes] = [fields[4], fields[8], fields[11], fields[15]];
    return inFlight === "0" ? `${String(writes)} ${String(discards)} ${String(flushes)}` : undefined;
  }
}

/** Why this machine cannot mount loop disks; undefined when it can. */
export async function whyNoLoopDisks(): Promise<string | undefined> {
  if (process.platform !== "linux") return "power loss is tested on Linux only";
  if (process.getuid?.() !== 0) return "power loss is tested by root only, since it mounts file systems";
  const image = join(imageDirectory(), `ringkv-probe-${process.pid}.img`);
  const mountPoint = `${image}.mount`;
  try {
    const disk = await LoopDisk.format(image);
    await disk.mount(mountPoint);
    await disk.discard();
    return undefined;
  } catch (error) {
    return `no ext4 can be mounted from a file here: ${error instanceof Error ? error.message.trim() : String(error)}`;
  } finally {
    rmSync(image, { force: true });
    rmSync(mountPoint, { recursive: true, force: true });
  }
}

/** A directory for images and mount points, named after this process. */
export function makeImageDirectory(): string {
  return mkdtempSync(join(imageDirectory(), `${DIRECTORY_PREFIX}${process.pid}-`));
}

/** Ends, unmounts and removes what earlier runs have left that were killed; a stopped slave would never end by itself. */
export async function discardLeftovers(): Promise<void> {
  if (process.platform !== "linux") return;
  for (const name of readdirSync(imageDirectory()).filter((each) => each.startsWith(DIRECTORY_PREFIX))) {
    const pid = Number.parseInt(name.slice(DIRECTORY_PREFIX.length), 10);
    if (existsSync(`/proc/${pid}`)) continue;
    const directory = join(imageDirectory(), name);
    const slave = existsSync(pidFileIn(directory)) ? readFileSync(pidFileIn(directory), "utf8") : "";
    if (commandOf(slave).includes(directory)) process.kill(Number(slave), "SIGKILL");
    const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
    const mountPoints = mounts
      .map((line) => line.split(" ")[1] ?? "")
      .filter((path) => path.startsWith(`${directory}/`));
    for (const mountPoint of mountPoints) await run("umount", ["--lazy", mountPoint]);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Where the pid of the slave that works in the directory is written down. */
export function pidFileIn(directory: string): string {
  return join(directory, "slave.pid");
}

function commandOf(pid: string): string {
  const file = `/proc/${pid}/cmdline`;
  return pid !== "" && existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** Where images lie: in memory where there is room, since the copies are many. */
function imageDirectory(): string {
  if (!existsSync(MEMORY_DISK)) return tmpdir();
  const { bavail, bsize } = statfsSync(MEMORY_DISK);
  return bavail * bsize >= MEMORY_DISK_BYTES_MIN ? MEMORY_DISK : tmpdir();
}
