import { z } from "zod";
import { HASHES } from "../../core/hash.js";
import { RingkvError } from "../../protocol/errors.js";
import { replaceFile } from "./atomic-file.js";
import type { FileOperations } from "./file-operations.js";
import { storageError } from "./storage-error.js";

const envelope = z.object({ version: z.number(), checksum: z.string(), state: z.unknown() });

/**
 * A small JSON file with a version and a checksum, replaced atomically: `{"version":1,"checksum":"…","state":{…}}`.
 *
 * A file that is damaged is refused, never taken for a missing one: an epoch or a ring that starts anew by accident would
 * break promises that others rely on.
 */
export class StateFile<State> {
  readonly path: string;
  readonly #files: FileOperations;
  readonly #format: StateFormat<State>;
  /** Saves run one after the other, since they share the temporary file. */
  #lastSave: Promise<void> = Promise.resolve();

  constructor(files: FileOperations, path: string, format: StateFormat<State>) {
    this.#files = files;
    this.path = path;
    this.#format = format;
  }

  /**
   * The state last saved; undefined when none ever was.
   * @throws RingkvError STORAGE when the file is damaged, of another version or cannot be read; the message names it
   */
  async read(): Promise<State | undefined> {
    let bytes: Uint8Array | undefined;
    try {
      bytes = await this.#files.read(this.path);
    } catch (error) {
      throw storageError(`Cannot read ${this.path}`, error);
    }
    return bytes === undefined ? undefined : this.#decode(bytes);
  }

  /**
   * Replaces the state; it is on disk when the promise resolves. Saves take effect in the order of the calls.
   * @throws RingkvError STORAGE
   */
  save(state: State): Promise<void> {
    const content = { version: this.#format.version, checksum: checksumOf(state), state };
    const save = async (): Promise<void> => {
      try {
        await replaceFile(this.#files, this.path, `${JSON.stringify(content)}\n`);
      } catch (error) {
        throw storageError(`Cannot write ${this.path}`, error);
      }
    };
    const saved = this.#lastSave.then(save, save);
    this.#lastSave = saved.catch(() => undefined);
    return saved;
  }

  #decode(bytes: Uint8Array): State {
    let content: z.output<typeof envelope>;
    try {
      content = envelope.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
    } catch (error) {
      throw this.#refusal("it is not what ringkv wrote", error);
    }
    const { version, checksum, state } = content;
    if (version !== this.#format.version) {
      throw this.#refusal(`its version is ${version}, and this ringkv reads ${this.#format.version}`);
    }
    let found: string;
    try {
      found = checksumOf(state);
    } catch (error) {
      // What nests some thousand deep cannot be written as JSON again.
      throw this.#refusal("it is not what ringkv wrote", error);
    }
    if (checksum !== found) throw this.#refusal("its checksum is wrong");
    const result = this.#format.schema.safeParse(state);
    if (!result.success) throw this.#refusal("its content is not valid", result.error);
    return result.data;
  }

  #refusal(why: string, cause?: unknown): RingkvError {
    const message = `${this.path} (${this.#format.what}) is damaged: ${why}. It was left as it is.`;
    return new RingkvError("STORAGE", message, { cause });
  }
}

export interface StateFormat<State> {
  /** What the file is, for people. */
  readonly what: string;
  readonly version: number;
  readonly schema: z.ZodType<State>;
}

function checksumOf(state: unknown): string {
  return HASHES.xxh64(JSON.stringify(state)).toString(16).padStart(16, "0");
}
