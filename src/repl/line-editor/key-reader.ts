import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { Key } from "./key.js";
import { KeyDecoder } from "./key-decoder.js";

/** After this, in ms, an escape character is the Esc key: what belongs to a sequence comes with it, even over a slow line. */
const ESCAPE_MS = 50;

export interface KeyReaderOptions {
  readonly input: Readable;
  /** Takes the keys that came together, at least one. */
  readonly onKeys: (keys: readonly Key[]) => void;
  /** The input has ended: the terminal is gone. */
  readonly onEnd: () => void;
}

/** Reads a stream's keys from its opening until it is closed. */
export class KeyReader {
  readonly #options: KeyReaderOptions;
  readonly #utf8 = new StringDecoder("utf8");
  readonly #decoder = new KeyDecoder();
  #patience: NodeJS.Timeout | undefined;

  constructor(options: KeyReaderOptions) {
    this.#options = options;
    options.input.on("data", this.#onData).once("end", options.onEnd).once("close", options.onEnd).resume();
  }

  close(): void {
    clearTimeout(this.#patience);
    this.#options.input.off("data", this.#onData).off("end", this.#options.onEnd).off("close", this.#options.onEnd);
  }

  readonly #onData = (chunk: Uint8Array | string): void => {
    clearTimeout(this.#patience);
    this.#tell(this.#decoder.push(typeof chunk === "string" ? chunk : this.#utf8.write(Buffer.from(chunk))));
    if (this.#decoder.isWaiting) this.#patience = setTimeout(() => this.#tell(this.#decoder.flush()), ESCAPE_MS);
  };

  #tell(keys: readonly Key[]): void {
    if (keys.length > 0) this.#options.onKeys(keys);
  }
}
