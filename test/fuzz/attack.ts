import { LineDecoder } from "../../src/protocol/framing.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import { Sending } from "../../src/transport/sending.js";
import type {
  ConnectOptions,
  Connection,
  ConnectionHandlers,
  ListenOptions,
  Listener,
  Progress,
  Transport,
} from "../../src/transport/transport.js";

/** A way in for raw bytes: what a listener does with a connection, and the longest line that it takes. */
interface Door {
  readonly frameBytesMax: number;
  readonly accept: (connection: Connection) => ConnectionHandlers;
}

/**
 * The network in memory, and beside it a way to send any bytes to whoever listens on it: they go through the same decoder into
 * the same handlers, in the same turn, so that millions of frames are possible.
 */
export class OpenTransport implements Transport {
  readonly #network = new MemoryTransport({ chunkBytes: 65_536, windowBytes: 1_048_576 });
  readonly #doors = new Map<number, Door>();

  async listen(options: ListenOptions, onConnection: Door["accept"]): Promise<Listener> {
    const listener = await this.#network.listen(options, onConnection);
    this.#doors.set(listener.address.port, { frameBytesMax: options.frameBytesMax, accept: onConnection });
    return listener;
  }

  connect(options: ConnectOptions, handlers: ConnectionHandlers): Promise<Connection> {
    return this.#network.connect(options, handlers);
  }

  /** @param onLine takes each line that comes back */
  attack(port: number, onLine: (line: string) => void): Attacker {
    const door = this.#doors.get(port);
    if (door === undefined) throw new Error(`no one listens on ${port}`);
    return new Attacker(door, onLine);
  }
}

/** The far side of a connection, as the daemon has it; and the attacker's hands. */
export class Attacker extends Sending implements Connection {
  readonly peer = { host: "attacker", port: 1 };
  readonly #decoder: LineDecoder;
  readonly #onLine: (line: string) => void;
  readonly #handlers: ConnectionHandlers;
  #unread: Uint8Array[] = [];
  #isPaused = false;
  #hasFinished = false;
  #isEndTold = false;
  #state: "open" | "ended" | "closed" = "open";
  #closed: () => void = () => undefined;
  /** Resolves when the daemon has been told that the connection is gone. */
  readonly gone = new Promise<void>((resolve) => (this.#closed = resolve));
  /** The daemon dropped the connection, and did not end it in good order. */
  isDropped = false;

  constructor({ frameBytesMax, accept }: Door, onLine: (line: string) => void) {
    super();
    this.#decoder = new LineDecoder(frameBytesMax);
    this.#onLine = onLine;
    this.#handlers = accept(this);
  }

  /** The daemon takes nothing more and says nothing more. */
  get isOver(): boolean {
    return this.#state !== "open";
  }

  /** Sends bytes: what escapes the daemon's handlers comes out here. */
  push(bytes: Uint8Array): void {
    this.#unread.push(bytes);
    this.#deliver();
  }

  /** Has said all; answers may still come. */
  finish(): void {
    this.#hasFinished = true;
    this.#deliver();
  }

  get queuedBytes(): number {
    return this.outbox.size;
  }

  get progress(): Progress {
    const { isMidLine, pendingBytes } = this.#decoder;
    return { takenBytes: 0, isMidLine, lineBytes: pendingBytes, isPaused: this.#isPaused };
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    if (this.#unread.length > 0 || this.#hasFinished) setImmediate(() => this.#deliver());
  }

  end(): void {
    if (this.#state !== "open") return;
    this.outbox.flush();
    this.#close();
  }

  destroy(): void {
    if (this.#state !== "open") return;
    this.isDropped = true;
    this.#close();
  }

  protected write(bytes: Buffer): void {
    if (this.#state !== "open") return;
    for (const line of bytes.toString().split("\n")) if (line !== "") this.#onLine(line);
    setImmediate(() => {
      if (this.#state === "open" && this.queuedBytes === 0) this.#handlers.onDrain?.();
    });
  }

  #deliver(): void {
    while (this.#state === "open" && !this.#isPaused) {
      const bytes = this.#unread.shift();
      if (bytes === undefined) break;
      const frames = this.#decoder.push(bytes);
      if (frames.length > 0) this.#handlers.onFrames(frames);
    }
    if (!this.#hasFinished || this.#isEndTold || this.#unread.length > 0 || this.#isPaused) return;
    if (this.#state !== "open") return;
    this.#isEndTold = true;
    const frames = this.#decoder.end();
    if (frames.length > 0) this.#handlers.onFrames(frames);
    if (this.#handlers.onEnd === undefined) this.end();
    else this.#handlers.onEnd();
  }

  #close(): void {
    this.#state = "ended";
    this.outbox.close();
    setImmediate(() => {
      this.#state = "closed";
      this.#handlers.onClose();
      this.#closed();
    });
  }
}
