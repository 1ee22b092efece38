import { closeSync, mkdirSync, openSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** A log beyond this size is set aside when its daemon starts anew, so two of these are kept at most. */
const LOG_FILE_BYTES_MAX = 8_388_608;

/** Opens a daemon's log file for appending, for a child process to inherit; a full one becomes `FILE.1` first. */
export function openLogFile(file: string): { readonly fd: number; close(): void } {
  mkdirSync(dirname(file), { recursive: true });
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > LOG_FILE_BYTES_MAX) renameSync(file, `${file}.1`);
  const fd = openSync(file, "a");
  return {
    fd,
    close() {
      closeSync(fd);
    },
  };
}
