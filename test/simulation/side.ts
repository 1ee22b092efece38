import type { RingkvError } from "../../src/protocol/errors.js";
import { LineDecoder } from "../../src/protocol/framing.js";
import { Sending } from "../../src/transport/sending.js";
import type { Address, Connection, ConnectionHandlers, Progress } from "../../src/transport/transport.js";
import type { Life, World } from "./world.js";

/** What travels in one direction: bytes, then perhaps an end. `reset`: the other side has dropped the connection. */
type Cargo = Uint8Array | "end" | "reset";

/** What a side needs of the network that it is on. */
export interface Medium {
  /** How long the next bytes take, in ms. */
  delayMs(): number;
  isBlocked(from: string, to: string): boolean;
  /** Whether the peer of a side that is dropped gets what was under way, or a reset overtakes it. */
  doesResetOvertake(): boolean;
  opened(side: Side): void;
  closed(side: Side): void;
  holdsBack(side: Side, isHolding: boolean): void;
  onLine(from: string, to: string, line: string): void;
}

/** One side of a simulated connection. */
export class Side extends Sending implements Connection {
  readonly peer: Address;
  readonly life: Life;
  readonly host: string;
  readonly #world: World;
  readonly #network: Medium;
  readonly #decoder: LineDecoder;
  #remote: Side | undefined;
  #handlers: ConnectionHandlers | undefined;
  /** The earliest time at which the next thing that we send may arrive. */
  #arrivalMs = 0;
  /** What a partition holds back, in order. */
  #heldBack: Cargo[] = [];
  /** What has arrived before we read, or while we do not. */
  #inbox: Cargo[] = [];
  #isPaused = false;
  #writtenBytes = 0;
  /** We send no more. */
  #hasEnded = false;
  #hasRemoteEnded = false;
  #isClosed = false;
  #error: Error | undefined;
  /** Nothing arrives after this time; what has arrived before can still be read. */
  #cutMs = Infinity;
  /** Its host has lost power without a word. */
  isPeerGone = false;

  constructor(
    world: World,
    network: Medium,
    options: { readonly life: Life; readonly host: string; readonly peer: Address; readonly frameBytesMax: number },
  ) {
    super();
    this.#world = world;
    this.#network = network;
    this.life = options.life;
    this.host = options.host;
    this.peer = options.peer;
    this.#decoder = new LineDecoder(options.frameBytesMax);
    network.opened(this);
  }

  get peerHost(): string {
    return this.peer.host;
  }

  join(remote: Side): void {
    this.#remote = remote;
    remote.#remote = this;
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    if (this.#isClosed) this.#tellClosed();
    else this.#read();
  }

  get queuedBytes(): number {
    return this.#isClosed ? 0 : this.outbox.size + this.#heldBack.reduce((sum, cargo) => sum + cargo.length, 0);
  }

  get progress(): Progress {
    return {
      takenBytes: this.#writtenBytes - (this.queuedBytes - this.outbox.size),
      isMidLine: this.#decoder.isMidLine,
      lineBytes: this.#decoder.pendingBytes,
      isPaused: this.#isPaused,
    };
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#inbox.length > 0) this.#world.after(0, this.life, () => this.#read());
  }

  end(): void {
    if (this.#hasEnded) return;
    this.outbox.flush();
    this.outbox.close();
    this.#hasEnded = true;
    this.#put("end");
    if (this.#hasRemoteEnded) this.#close();
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.outbox.close();
    this.#hasEnded = true;
    this.#drop();
    this.#close();
  }

  /** The process is over: nothing of it is called any more. */
  died(isPowerCut: boolean): void {
    if (this.#isClosed) return;
    this.outbox.close();
    this.#isClosed = true;
    this.#network.closed(this);
    if (!isPowerCut) this.#drop();
    else if (this.#remote !== undefined) this.#remote.isPeerGone = true;
  }

  /** The connection breaks; each side notices when its time is up. */
  cut(noticeMs: number, remoteNoticeMs: number): void {
    this.reset(noticeMs);
    this.#remote?.reset(remoteNoticeMs);
  }

  /** Learns in a while that there is no connection any more; until then nothing arrives. */
  reset(noticeMs: number): void {
    this.#cutMs = Math.min(this.#cutMs, this.#world.nowMs);
    this.#world.after(noticeMs, this.life, () => this.#close(resetError()));
  }

  sendHeldBack(): void {
    this.#network.holdsBack(this, false);
    for (const cargo of this.#heldBack.splice(0)) this.#put(cargo);
  }

  /** What the kernel does for a side that is gone: what was sent arrives and then the end, or a reset overtakes it. */
  #drop(): void {
    if (this.#network.doesResetOvertake() && this.#remote !== undefined) {
      if (!this.#network.isBlocked(this.host, this.peerHost)) this.#remote.reset(this.#network.delayMs());
      else this.#put("reset");
    } else this.#put("reset");
  }

  protected write(bytes: Buffer): void {
    this.#writtenBytes += bytes.length;
    this.#put(bytes);
  }

  #put(cargo: Cargo): void {
    const remote = this.#remote;
    if (remote === undefined || this.#cutMs < Infinity || remote.#isClosed || remote.#cutMs < Infinity) return;
    if (this.#heldBack.length > 0 || this.#network.isBlocked(this.host, this.peerHost)) {
      this.#heldBack.push(cargo);
      this.#network.holdsBack(this, true);
      return;
    }
    this.#arrivalMs = Math.max(this.#arrivalMs, this.#world.nowMs + this.#network.delayMs());
    const arrivalMs = this.#arrivalMs;
    this.#world.at(arrivalMs, remote.life, () => remote.#arrived(cargo, arrivalMs));
  }

  /** @param arrivalMs when it was there; the process may have stood still since */
  #arrived(cargo: Cargo, arrivalMs: number): void {
    if (this.#isClosed || arrivalMs > this.#cutMs) return;
    this.#inbox.push(cargo);
    this.#read();
  }

  #read(): void {
    const handlers = this.#handlers;
    while (handlers !== undefined && !this.#isPaused && !this.#isClosed) {
      const cargo = this.#inbox.shift();
      if (cargo === undefined) return;
      if (cargo === "reset") this.#close(resetError());
      else if (cargo === "end") this.#remoteEnded(handlers);
      else this.#deliver(handlers, this.#decoder.push(cargo));
    }
  }

  #deliver(handlers: ConnectionHandlers, frames: readonly (string | RingkvError)[]): void {
    for (const frame of frames) if (typeof frame === "string") this.#network.onLine(this.peerHost, this.host, frame);
    if (frames.length > 0) handlers.onFrames(frames);
  }

  #remoteEnded(handlers: ConnectionHandlers): void {
    this.#hasRemoteEnded = true;
    this.#deliver(handlers, this.#decoder.end());
    if (this.#isClosed) return;
    if (this.#hasEnded) this.#close();
    else if (handlers.onEnd === undefined) this.end();
    else handlers.onEnd();
  }

  #close(error?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#hasEnded = true;
    this.outbox.close();
    this.#network.closed(this);
    this.#error = error;
    if (this.#handlers !== undefined) this.#tellClosed();
  }

  #tellClosed(): void {
    this.#world.after(0, this.life, () => this.#handlers?.onClose(this.#error));
  }
}

function resetError(): Error {
  return Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });
}
