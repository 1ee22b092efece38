import path from "node:path";
import { z } from "zod";
import { type Epoch, type SlaveId, parseEpoch, parseSlaveId } from "../../protocol/ids.js";
import { LIMITS } from "../../protocol/limits.js";
import { type FileOperations, nodeFileOperations } from "./file-operations.js";
import { StateFile } from "./state-file.js";

const slaveId = z.custom<SlaveId>((text) => typeof text === "string" && parseSlaveId(text) === text);
const epoch = z.custom<Epoch>((text) => typeof text === "string" && parseEpoch(text) !== undefined);

const schema = z.object({
  epoch,
  members: z
    .array(z.object({ slaveId, storeId: z.string().min(1).max(64), epoch }).readonly())
    .max(LIMITS.slavesMax)
    .readonly(),
});

/** What a master must know of the masters before it. */
export interface MasterStateContent {
  /** The newest epoch taken by any master of this ring; saved before it is used. */
  readonly epoch: Epoch;
  readonly members: readonly RingMember[];
}

/** A slave of the ring, as it must be when it comes back. */
export interface RingMember {
  readonly slaveId: SlaveId;
  /** The store that it had when it was taken in. */
  readonly storeId: string;
  /** The newest epoch in which it was linked; saved before the link is used. A disk that has not seen it is an old copy. */
  readonly epoch: Epoch;
}

/** The master's only durable state, `master.json` in its data directory. */
export class MasterState {
  /** As it was found at opening; undefined when this ring never had a master. */
  readonly found: MasterStateContent | undefined;
  readonly #file: StateFile<MasterStateContent>;

  private constructor(file: StateFile<MasterStateContent>, found: MasterStateContent | undefined) {
    this.#file = file;
    this.found = found;
  }

  /** @throws RingkvError STORAGE when the file is damaged; the message names it */
  static async open(directory: string, files: FileOperations = nodeFileOperations): Promise<MasterState> {
    const format = { what: "the master's epoch and ring", version: 2, schema };
    const file = new StateFile<MasterStateContent>(files, path.join(directory, "master.json"), format);
    return new MasterState(file, await file.read());
  }

  /**
   * Replaces the state; it is on disk when the promise resolves.
   * @throws RingkvError STORAGE
   */
  save(state: MasterStateContent): Promise<void> {
    return this.#file.save(state);
  }
}
