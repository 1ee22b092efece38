import type {
  Address,
  ConnectOptions,
  Connection,
  ConnectionHandlers,
  ListenOptions,
  Listener,
  Progress,
  Transport,
} from "../../../transport/transport.js";
import type { Bond, Life } from "./life.js";

/**
 * A network as one life of a daemon has it. When the life is over its ports are free and its connections end, as those of a
 * process that was killed: what it had handed over arrives, what it had queued is lost. While it is paused its ports take
 * connections and nobody serves them.
 */
export class LifeTransport implements Transport {
  readonly #life: Life;
  readonly #network: Transport;

  constructor(life: Life, network: Transport) {
    this.#life = life;
    this.#network = network;
  }

  async listen(
    options: ListenOptions,
    onConnection: (connection: Connection) => ConnectionHandlers,
  ): Promise<Listener> {
    const life = this.#life;
    life.expect();
    const listener = await this.#network.listen(options, (connection) => {
      const own = new LifeConnection(life, connection);
      life.do(() => own.serve(onConnection(own)));
      return own.handlers;
    });
    const close = async () => {
      await listener.close();
      life.unbind(bond);
    };
    const bond: Bond = { ended: () => void close() };
    life.bind(bond);
    if (life.isOver) bond.ended();
    life.expect();
    return { address: listener.address, close };
  }

  async connect(options: ConnectOptions, handlers: ConnectionHandlers): Promise<Connection> {
    const life = this.#life;
    await life.running();
    const made: { own?: LifeConnection } = {};
    const connection = await this.#network.connect(options, {
      onFrames: (frames) => made.own?.handlers.onFrames(frames),
      onEnd: () => made.own?.handlers.onEnd(),
      onDrain: () => made.own?.handlers.onDrain(),
      onClose: (error) => made.own?.handlers.onClose(error),
    });
    const own = new LifeConnection(life, connection);
    own.serve(handlers);
    made.own = own;
    life.expect();
    return own;
  }
}

/** One of its connections. */
class LifeConnection implements Connection, Bond {
  readonly #life: Life;
  readonly #connection: Connection;
  #served: ConnectionHandlers | undefined;
  /** The daemon's own wish not to read. */
  #isReadingPaused = false;

  constructor(life: Life, connection: Connection) {
    this.#life = life;
    this.#connection = connection;
    life.bind(this);
    if (life.isOver) this.ended();
    else if (life.isPaused) this.paused();
  }

  /** The daemon's handlers; until then nothing arrives. */
  serve(handlers: ConnectionHandlers): void {
    this.#served = handlers;
  }

  /** What the connection below is given. */
  readonly handlers = {
    onFrames: (frames: Parameters<ConnectionHandlers["onFrames"]>[0]): void =>
      this.#life.do(() => this.#served?.onFrames(frames)),
    onEnd: (): void =>
      this.#life.do(() => {
        if (this.#served?.onEnd === undefined) this.#connection.end();
        else this.#served.onEnd();
      }),
    onDrain: (): void => this.#life.do(() => this.#served?.onDrain?.()),
    onClose: (error?: Error): void => {
      this.#life.unbind(this);
      // After the end, too: what the daemon has kept for this connection, timers above all, goes with it.
      if (this.#life.isOver) this.#served?.onClose();
      else this.#life.do(() => this.#served?.onClose(error));
    },
  };

  paused(): void {
    this.#connection.pause();
  }

  resumed(): void {
    if (!this.#isReadingPaused) this.#connection.resume();
  }

  ended(): void {
    this.#connection.destroy();
  }

  get peer(): Address {
    return this.#connection.peer;
  }

  get queuedBytes(): number {
    return this.#connection.queuedBytes;
  }

  get progress(): Progress {
    return this.#connection.progress;
  }

  send(message: object): void {
    this.#life.do(() => this.#connection.send(message));
  }

  sendLine(line: string): void {
    this.#life.do(() => this.#connection.sendLine(line));
  }

  sendLineLater(line: string): void {
    this.#life.do(() => this.#connection.sendLineLater(line));
  }

  flush(): void {
    this.#life.do(() => this.#connection.flush());
  }

  pause(): void {
    this.#isReadingPaused = true;
    this.#connection.pause();
  }

  resume(): void {
    this.#isReadingPaused = false;
    if (!this.#life.isPaused) this.#connection.resume();
  }

  end(): void {
    this.#life.do(() => this.#connection.end());
  }

  destroy(): void {
    this.#life.do(() => this.#connection.destroy());
  }
}
