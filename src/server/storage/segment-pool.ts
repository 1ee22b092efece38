import type { RingkvError } from "../../protocol/errors.js";
import type { FileOperations } from "./file-operations.js";
import { SegmentFile, segmentPath } from "./segment-file.js";
import { storageError } from "./storage-error.js";

/** How long to wait until space is looked for again on a full disk. */
const RETRY_MS = 500;
/** While nobody is in a hurry, the disk has so much time for others after each piece of a segment. */
const REST_MS = 10;

/**
 * Keeps one segment ready ahead of need, made in the background. While the disk has no space for one, `shortage` says so,
 * and it is tried again twice a second.
 */
export class SegmentPool {
  readonly #files: FileOperations;
  readonly #directory: string;
  readonly #segmentBytes: number;
  #nextNumber: number;
  #ready: SegmentFile[];
  #takenNumber = 0;
  #shortage: RingkvError | undefined;
  #preparing: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];
  #isHurried = false;
  #isDraining = false;
  #isClosed = false;

  constructor(files: FileOperations, options: SegmentPoolOptions) {
    this.#files = files;
    this.#directory = options.directory;
    this.#segmentBytes = options.segmentBytes;
    this.#nextNumber = options.nextNumber;
    this.#ready = [...options.ready];
    this.#prepare();
  }

  /** Segments that are ready now, in the order in which they will be used. */
  get ready(): readonly SegmentFile[] {
    return this.#ready;
  }

  /** Why no segment can be made at present; undefined when there is one or it is under way. */
  get shortage(): RingkvError | undefined {
    return this.#shortage;
  }

  /** The next segment; waits for it, on a full disk until there is space. Undefined when draining or closed finds none. */
  async take(): Promise<SegmentFile | undefined> {
    for (;;) {
      await this.settled();
      const segment = this.#ready.shift();
      if (segment !== undefined) this.#takenNumber = segment.number;
      this.#prepare();
      if (segment !== undefined || this.#isDraining) return segment;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** From here on nobody waits for space: what can be had is given, and no more. */
  drain(): void {
    this.#isDraining = true;
    this.#wake();
  }

  /** The next segment will be needed soon: what is left of it is made without rests. */
  hurry(): void {
    this.#isHurried = true;
  }

  /** Resolves when a segment is ready, or when it is known that there is no space for one. */
  async settled(): Promise<void> {
    this.#prepare();
    this.hurry();
    while (this.#preparing !== undefined && this.#ready.length === 0) await this.#preparing;
  }

  /** Makes one more segment while the caller waits; false when there is no space. */
  prepareNow(): boolean {
    const number = this.#nextNumber++;
    try {
      this.#add(SegmentFile.createNow(this.#files, this.#optionsFor(number)));
      this.#wake();
      return true;
    } catch (error) {
      this.#shortage = storageError("No space for another log segment", error);
      this.#retryLater();
      return false;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.hurry();
    this.drain();
    await this.#preparing;
    for (const segment of this.#ready) segment.close();
    this.#ready = [];
  }

  #prepare(): void {
    if (this.#ready.length > 0 || this.#preparing !== undefined || this.#retry !== undefined || this.#isClosed) return;
    this.#preparing = this.#create().finally(() => {
      this.#preparing = undefined;
      this.#wake();
    });
  }

  async #create(): Promise<void> {
    const number = this.#nextNumber++;
    this.#isHurried = false;
    try {
      const segment = await SegmentFile.create(this.#files, this.#optionsFor(number), () => this.#rest());
      if (number > this.#takenNumber) {
        this.#add(segment);
        return;
      }
      // A later one was made at once and taken meanwhile, and segments are used in the order of their numbers.
      segment.close();
      await this.#files.remove(segmentPath(this.#directory, number)).catch(() => undefined);
    } catch (error) {
      this.#shortage = storageError("No space for another log segment", error);
      this.#retryLater();
    }
  }

  async #rest(): Promise<void> {
    if (!this.#isHurried) await new Promise((resolve) => setTimeout(resolve, REST_MS));
  }

  #add(segment: SegmentFile): void {
    this.#ready.push(segment);
    this.#ready.sort((left, right) => left.number - right.number);
    this.#shortage = undefined;
  }

  #retryLater(): void {
    if (this.#isClosed || this.#retry !== undefined) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      // Whoever needs more than is ready may try again, too.
      this.#shortage = undefined;
      this.#prepare();
    }, RETRY_MS);
    this.#retry.unref();
  }

  #optionsFor(number: number): { directory: string; number: number; bytes: number } {
    return { directory: this.#directory, number, bytes: this.#segmentBytes };
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

export interface SegmentPoolOptions {
  readonly directory: string;
  readonly segmentBytes: number;
  /** Above every number that was ever used. */
  readonly nextNumber: number;
  /** Prepared by an earlier run and never used. */
  readonly ready: readonly SegmentFile[];
}
