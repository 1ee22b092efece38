import type { Connection, Progress } from "../../src/transport/transport.js";

/** A connection that keeps what is sent, for tests of what stands above it. */
export class FakeConnection implements Connection {
  readonly peer = { host: "127.0.0.1", port: 40_000 };
  readonly sent: unknown[] = [];
  queuedBytes = 0;
  /** What the peer has done so far; a test sets it. */
  line: Pick<Progress, "isMidLine" | "lineBytes"> = { isMidLine: false, lineBytes: 0 };
  takenBytes = 0;
  isPaused = false;
  isEnded = false;
  isDestroyed = false;

  get progress(): Progress {
    return { ...this.line, takenBytes: this.takenBytes, isPaused: this.isPaused };
  }

  send(message: object): void {
    this.sendLine(JSON.stringify(message));
  }

  sendLineLater(line: string): void {
    this.sendLine(line);
  }

  sendLine(lines: string): void {
    for (const line of lines.trimEnd().split("\n")) this.sent.push(JSON.parse(line));
  }

  flush(): void {
    // What is sent is kept at once.
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  end(): void {
    this.isEnded = true;
  }

  destroy(): void {
    this.isDestroyed = true;
  }
}
