import { closeSync, existsSync, fstatSync, openSync, readFileSync } from "node:fs";
import { UsageError } from "../config.js";

/** Rights of anybody but the owner. */
const OTHERS = 0o077;

/**
 * Reads a file that holds a secret: a token, a key.
 * @throws UsageError when it cannot be read, or others than its owner may do anything with it
 */
export function readSecretFile(path: string): string {
  return read(path, (mode) => {
    // Windows knows no such rights; what Node tells there means nothing.
    if (process.platform === "win32" || (mode & OTHERS) === 0) return;
    const shown = (mode & 0o777).toString(8).padStart(4, "0");
    throw new UsageError(`${path} holds a secret and has mode ${shown}: make it its owner's only (chmod 600 ${path})`);
  });
}

/** Reads a file that may be known to all. @throws UsageError when it cannot be read */
export function readPublicFile(path: string): string {
  return read(path, () => undefined);
}

export function isThere(path: string): boolean {
  return existsSync(path);
}

/** Checks the file that is read and no other, also when the path is given another one meanwhile. */
function read(path: string, check: (mode: number) => void): string {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    check(fstatSync(fd).mode);
    return readFileSync(fd, "utf8");
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : `${path} cannot be read`, { cause: error });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
