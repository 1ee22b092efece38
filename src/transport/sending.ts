import { encodeFrame } from "../protocol/framing.js";
import { Outbox } from "./outbox.js";

/** How every connection sends, over whatever it writes to: lines are collected, and leave together. */
export abstract class Sending {
  protected readonly outbox = new Outbox((bytes) => this.write(bytes));

  send(message: object): void {
    this.outbox.add(encodeFrame(message));
  }

  sendLine(line: string): void {
    this.outbox.add(line);
  }

  sendLineLater(line: string): void {
    this.outbox.addLater(line);
  }

  flush(): void {
    this.outbox.flush();
  }

  /** Hands bytes on, in the order of the calls. */
  protected abstract write(bytes: Buffer): void;
}
