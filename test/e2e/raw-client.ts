import { type Socket, connect } from "node:net";
import { createInterface } from "node:readline";

/** A client that sends any bytes it likes and reads answers line by line. */
export class RawClient {
  readonly #socket: Socket;
  readonly #answers: AsyncIterator<string>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    this.#answers = createInterface(socket)[Symbol.asyncIterator]();
  }

  static async connect(address: { readonly host: string; readonly port: number }): Promise<RawClient> {
    const socket = connect(address);
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new RawClient(socket);
  }

  send(bytes: string | Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Ends our side only, as `nc -N` does. */
  end(): void {
    this.#socket.end();
  }

  /** The next answer; undefined when the server has ended the connection. */
  async answer(): Promise<Readonly<Record<string, unknown>> | undefined> {
    const next = await this.#answers.next();
    return next.done === true ? undefined : (JSON.parse(next.value) as Readonly<Record<string, unknown>>);
  }

  /** Sends a line and waits for the answer. */
  ask(line: string): ReturnType<RawClient["answer"]> {
    this.send(`${line}\n`);
    return this.answer();
  }

  close(): void {
    this.#socket.destroy();
  }
}
