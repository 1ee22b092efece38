/** Frames of HTTP/2 (RFC 9113, section 4), as far as a client of unary calls needs them. Text stands for bytes, one each. */
export const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

export const FRAME = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
} as const;

export const FLAG = { ack: 0x1, endStream: 0x1, endHeaders: 0x4 } as const;

const HEAD_BYTES = 9;

export function uint32(number: number): string {
  return String.fromCharCode(number >>> 24, (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff);
}

export function frame(type: number, flags: number, stream: number, payload: string): string {
  return uint32(payload.length).slice(1) + String.fromCharCode(type, flags) + uint32(stream) + payload;
}

/** Bytes in, frames out. */
export class FrameReader {
  readonly #onFrame: (type: number, flags: number, stream: number, payload: Buffer) => void;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Nothing can be read before so many bytes are there. */
  #needed = HEAD_BYTES;

  constructor(onFrame: (type: number, flags: number, stream: number, payload: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes < this.#needed) return;
    const bytes = this.#pending.length === 1 ? chunk : Buffer.concat(this.#pending, this.#pendingBytes);
    let at = 0;
    this.#needed = HEAD_BYTES;
    while (bytes.length - at >= HEAD_BYTES) {
      const length = bytes.readUIntBE(at, 3);
      this.#needed = HEAD_BYTES + length;
      if (bytes.length - at < this.#needed) break;
      const start = at + HEAD_BYTES;
      const stream = bytes.readUInt32BE(at + 5) & 0x7fff_ffff;
      this.#onFrame(bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, stream, bytes.subarray(start, start + length));
      at = start + length;
      this.#needed = HEAD_BYTES;
    }
    this.#pending = at === bytes.length ? [] : [bytes.subarray(at)];
    this.#pendingBytes = bytes.length - at;
  }
}
