import path from "node:path";
import type { FileOperations } from "./file-operations.js";

/**
 * Replaces a small file so that a crash at any point leaves the old content or the new one, and the new one is on disk when
 * the promise resolves: a temporary file is written and forced, renamed over the old one, and the directory forced.
 */
export async function replaceFile(files: FileOperations, file: string, text: string): Promise<void> {
  const temporary = file + TEMPORARY_SUFFIX;
  const open = files.open(temporary, "create");
  try {
    open.write(new TextEncoder().encode(text), 0);
    await open.force();
  } finally {
    open.close();
  }
  files.rename(temporary, file);
  await files.forceDirectory(path.dirname(file));
}

/** Ends the name of a file that is not finished: whoever finds one after a crash may remove it. */
export const TEMPORARY_SUFFIX = ".tmp";
