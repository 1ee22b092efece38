const SECTOR_BYTES = 512;

/** What a power cut does with writes that were not forced. */
export const TEARS = ["lost", "kept", "prefix", "sectors", "zeros"] as const;
export type Tear = (typeof TEARS)[number];

/** A file of a simulated disk: its bytes as written, as forced, and the writes between the two. */
export class Inode {
  bytes: Uint8Array;
  #forced: Uint8Array;
  #unforced: Write[] = [];
  #clean = 0;

  /** @param bytes what is there, forced */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes.slice();
    this.#forced = bytes.slice();
  }

  /** How many writes there ever were: a force that begins now covers these, and none that comes after a power cut. */
  get writes(): number {
    return this.#clean + this.#unforced.length;
  }

  get isForced(): boolean {
    return this.#unforced.length === 0;
  }

  write(bytes: Uint8Array, position: number): void {
    const write = { bytes: bytes.slice(), position };
    this.bytes = written(this.bytes, write);
    this.#unforced.push(write);
  }

  /**
   * These writes are on disk for good from now on, as far as they are not yet.
   * @param writes how many, from the first ever
   * @param onForced told of the part of the forced content that each of them is
   */
  force(writes: number, onForced: (content: Uint8Array, from: number, to: number) => void = () => undefined): void {
    for (const write of this.#take(writes)) {
      this.#forced = written(this.#forced, write);
      onForced(this.#forced, write.position, write.position + write.bytes.length);
    }
  }

  /** These writes will not reach the disk, as far as they have not yet, though a reader sees them while the host is up. */
  lose(writes: number): void {
    this.#take(writes);
  }

  /**
   * What a power cut now would leave.
   * @param random numbers from 0 up to 1
   */
  torn(tear: Tear, random: () => number): Uint8Array {
    const below = (limit: number) => Math.floor(random() * limit);
    let bytes: Uint8Array = this.#forced.slice();
    const kept = tear === "prefix" ? below(this.#unforced.length + 1) : this.#unforced.length;
    for (const [index, write] of this.#unforced.entries()) {
      switch (tear) {
        case "lost":
          break;
        case "kept":
          bytes = written(bytes, write);
          break;
        case "prefix":
          if (index < kept) bytes = written(bytes, write);
          else if (index === kept) {
            bytes = written(bytes, { ...write, bytes: write.bytes.subarray(0, below(write.bytes.length)) });
          }
          break;
        case "zeros":
          // The size of a file that grew may get to the disk without what is in it.
          if (write.position >= bytes.length) {
            bytes = written(bytes, { ...write, bytes: new Uint8Array(write.bytes.length) });
          }
          break;
        case "sectors":
          for (const part of sectorsOf(write)) if (random() < 0.5) bytes = written(bytes, part);
      }
    }
    return bytes;
  }

  /** Goes through a power cut. */
  tear(tear: Tear, random: () => number): void {
    this.#forced = this.torn(tear, random);
    this.lose(this.writes);
    this.bytes = this.#forced.slice();
  }

  #take(writes: number): Write[] {
    const taken = this.#unforced.splice(0, Math.max(0, writes - this.#clean));
    this.#clean += taken.length;
    return taken;
  }
}

interface Write {
  readonly position: number;
  readonly bytes: Uint8Array;
}

function* sectorsOf({ bytes, position }: Write): Generator<Write> {
  for (let at = 0; at < bytes.length;) {
    const sectorEnd = (Math.floor((position + at) / SECTOR_BYTES) + 1) * SECTOR_BYTES - position;
    yield { position: position + at, bytes: bytes.subarray(at, sectorEnd) };
    at = sectorEnd;
  }
}

/** In place where the file does not grow. */
function written(old: Uint8Array, { bytes, position }: Write): Uint8Array {
  const end = position + bytes.length;
  const target = end <= old.length ? old : new Uint8Array(end);
  if (target !== old) target.set(old);
  target.set(bytes, position);
  return target;
}
