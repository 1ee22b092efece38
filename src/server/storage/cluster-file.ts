import path from "node:path";
import { z } from "zod";
import { type SlaveId, parseSlaveId } from "../../protocol/ids.js";
import { LIMITS } from "../../protocol/limits.js";
import { type FileOperations, nodeFileOperations } from "./file-operations.js";
import { StateFile } from "./state-file.js";

const slaveId = z.custom<SlaveId>((text) => typeof text === "string" && parseSlaveId(text) === text);
const schema = z.object({ slaves: z.array(slaveId).min(1).max(LIMITS.slavesMax).readonly() });

/** The ring that a supervisor starts again from its data directory: the slaves' IDs, in ring order. */
export interface ClusterFileContent {
  readonly slaves: readonly SlaveId[];
}

/** `cluster.json` in the supervisor's data directory. */
export class ClusterFile {
  /** As it was found at opening; undefined when the directory has no ring yet. */
  readonly found: ClusterFileContent | undefined;
  readonly #file: StateFile<ClusterFileContent>;

  private constructor(file: StateFile<ClusterFileContent>, found: ClusterFileContent | undefined) {
    this.#file = file;
    this.found = found;
  }

  /** @throws RingkvError STORAGE when the file is damaged; the message names it */
  static async open(directory: string, files: FileOperations = nodeFileOperations): Promise<ClusterFile> {
    const format = { what: "the slaves of the ring", version: 1, schema };
    const file = new StateFile<ClusterFileContent>(files, path.join(directory, "cluster.json"), format);
    return new ClusterFile(file, await file.read());
  }

  /**
   * Replaces the content; it is on disk when the promise resolves.
   * @throws RingkvError STORAGE
   */
  save(content: ClusterFileContent): Promise<void> {
    return this.#file.save(content);
  }
}
