/**
 * etcd over gRPC, its own protocol, with a small HTTP/2 client: the JSON gateway would cost etcd a second hop inside itself,
 * and a full HTTP/2 library would make the generator the bottleneck. A put is a Put; a get is a Range, which is linearizable.
 * Answers of one connection may overtake each other.
 */
import type { ByteSink, OnAnswer, WireSession } from "../../src/bench/generator/wire.js";
import { FLAG, FRAME, FrameReader, PREFACE, frame, uint32 } from "./http2-frames.js";

const PUT_PATH = "/etcdserverpb.KV/Put";
const RANGE_PATH = "/etcdserverpb.KV/Range";
/** Windows of what etcd may send, so large that no answer waits for leave. */
const STREAM_WINDOW = 16_777_216;
const CONNECTION_WINDOW = 1_073_741_824;
const WINDOW_REFILL = 268_435_456;
const DEFAULT_WINDOW = 65_535;
const FRAME_BYTES_MAX = 16_384;
const SETTING_INITIAL_WINDOW = 4;

export const answersOvertake = true;

export function openSession(sink: ByteSink, onAnswer: OnAnswer): WireSession {
  return new EtcdSession(sink, onAnswer);
}

interface Upload {
  readonly stream: number;
  readonly body: string;
  at: number;
  window: number;
}

class EtcdSession implements WireSession {
  readonly #sink: ByteSink;
  readonly #onAnswer: OnAnswer;
  readonly #reader = new FrameReader((type, flags, stream, payload) => this.#take(type, flags, stream, payload));
  readonly #putHeaders = headers(PUT_PATH);
  readonly #rangeHeaders = headers(RANGE_PATH);
  #text: string;
  #nextStream = 1;
  /** What etcd lets us send. */
  #window = DEFAULT_WINDOW;
  #streamWindow = DEFAULT_WINDOW;
  readonly #uploads: Upload[] = [];
  /** Bytes of the answers under way, by stream. */
  readonly #answers = new Map<number, number>();
  #received = 0;

  constructor(sink: ByteSink, onAnswer: OnAnswer) {
    this.#sink = sink;
    this.#onAnswer = onAnswer;
    this.#text =
      PREFACE +
      frame(FRAME.settings, 0, 0, `\0${String.fromCharCode(SETTING_INITIAL_WINDOW)}${uint32(STREAM_WINDOW)}`) +
      frame(FRAME.windowUpdate, 0, 0, uint32(CONNECTION_WINDOW - DEFAULT_WINDOW));
  }

  put(key: string, value: string): void {
    this.#request(this.#putHeaders, bytesField(1, key) + bytesField(2, value));
  }

  get(key: string): void {
    this.#request(this.#rangeHeaders, bytesField(1, key));
  }

  flush(): void {
    this.#upload();
    if (this.#text !== "") this.#sink.write(this.#text, "latin1");
    this.#text = "";
  }

  take(chunk: Buffer): void {
    this.#reader.push(chunk);
    this.flush();
  }

  #request(headerBlock: string, message: string): void {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    this.#answers.set(stream, 0);
    this.#text += frame(FRAME.headers, FLAG.endHeaders, stream, headerBlock);
    this.#uploads.push({ stream, body: `\0${uint32(message.length)}${message}`, at: 0, window: this.#streamWindow });
  }

  /** Sends of the requests' bodies what etcd has room for. */
  #upload(): void {
    for (let upload = this.#uploads[0]; upload !== undefined; upload = this.#uploads[0]) {
      const room = Math.min(this.#window, upload.window, FRAME_BYTES_MAX);
      if (room <= 0) return;
      const part = upload.body.slice(upload.at, upload.at + room);
      upload.at += part.length;
      upload.window -= part.length;
      this.#window -= part.length;
      const isLast = upload.at === upload.body.length;
      this.#text += frame(FRAME.data, isLast ? FLAG.endStream : 0, upload.stream, part);
      if (isLast) this.#uploads.shift();
    }
  }

  #take(type: number, flags: number, stream: number, payload: Buffer): void {
    switch (type) {
      case FRAME.data:
        this.#answers.set(stream, (this.#answers.get(stream) ?? 0) + payload.length);
        this.#refill(payload.length);
        break;
      case FRAME.resetStream:
        this.#end(stream, "RESET");
        return;
      case FRAME.settings:
        if ((flags & FLAG.ack) === 0) this.#settings(payload);
        return;
      case FRAME.ping:
        if ((flags & FLAG.ack) === 0) this.#text += frame(FRAME.ping, FLAG.ack, 0, payload.toString("latin1"));
        return;
      case FRAME.windowUpdate:
        this.#widen(stream, payload.readUInt32BE(0));
        return;
      case FRAME.goAway:
        for (const open of this.#answers.keys()) this.#end(open, "GOAWAY");
        return;
    }
    // A call that failed has no message, only headers that say why.
    if ((flags & FLAG.endStream) !== 0) this.#end(stream, (this.#answers.get(stream) ?? 0) > 0 ? undefined : "REFUSED");
  }

  #end(stream: number, failure: string | undefined): void {
    const bytes = this.#answers.get(stream);
    if (bytes === undefined) return;
    this.#answers.delete(stream);
    this.#onAnswer(failure, bytes, (stream - 1) / 2);
  }

  #settings(payload: Buffer): void {
    for (let at = 0; at + 6 <= payload.length; at += 6) {
      if (payload.readUInt16BE(at) !== SETTING_INITIAL_WINDOW) continue;
      const size = payload.readUInt32BE(at + 2);
      for (const upload of this.#uploads) upload.window += size - this.#streamWindow;
      this.#streamWindow = size;
    }
    this.#text += frame(FRAME.settings, FLAG.ack, 0, "");
  }

  #widen(stream: number, bytes: number): void {
    if (stream === 0) this.#window += bytes;
    else for (const upload of this.#uploads) if (upload.stream === stream) upload.window += bytes;
  }

  #refill(bytes: number): void {
    this.#received += bytes;
    if (this.#received < WINDOW_REFILL) return;
    this.#text += frame(FRAME.windowUpdate, 0, 0, uint32(this.#received));
    this.#received = 0;
  }
}

/** A field of bytes of a protobuf message. */
function bytesField(number: number, bytes: string): string {
  let length = bytes.length;
  let varint = "";
  for (; length >= 0x80; length >>>= 7) varint += String.fromCharCode((length & 0x7f) | 0x80);
  return String.fromCharCode((number << 3) | 2) + varint + String.fromCharCode(length) + bytes;
}

/** The header block of a gRPC call (HPACK): indexes of the static table, and literals that no table keeps. */
function headers(path: string): string {
  const text = (value: string) => String.fromCharCode(value.length) + value;
  const post = "\x83";
  const http = "\x86";
  return `${post}${http}\x04${text(path)}\x01${text("etcd")}\x0f\x10${text("application/grpc")}\0${text("te")}${text("trailers")}`;
}
