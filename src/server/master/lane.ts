import { performance } from "node:perf_hooks";

/** A message on its way through a lane. */
export interface LaneItem<Message> {
  readonly message: Message;
  readonly arrivedMs: number;
  /** It stays, and what is behind it too, until someone sets this to false and pumps. */
  isHeld: boolean;
}

/**
 * One direction of a link, first in first out: a message leaves when it is at the head, its delay has passed, and it is not
 * held. However delays and holds change, none overtakes another.
 */
export class Lane<Message> {
  readonly #deliver: (message: Message) => void;
  readonly #read: () => number;
  #items: LaneItem<Message>[] = [];
  #delayMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isPumping = false;

  /**
   * @param deliver takes each message that leaves
   * @param read any monotone clock, in ms
   */
  constructor(deliver: (message: Message) => void, read: () => number = () => performance.now()) {
    this.#deliver = deliver;
    this.#read = read;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  /** From now on a message takes so long, those included that are under way. */
  set delayMs(delayMs: number) {
    this.#delayMs = delayMs;
    this.pump();
  }

  /** Puts a message behind all others; it leaves with a `pump`. */
  push(message: Message, isHeld: boolean): LaneItem<Message> {
    const item = { message, arrivedMs: this.#read(), isHeld };
    this.#items.push(item);
    return item;
  }

  /** Lets go what may go. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      for (let head = this.#items[0]; head !== undefined && !head.isHeld; head = this.#items[0]) {
        if (this.#dueInMs(head) > 0) break;
        this.#items.shift();
        this.#deliver(head.message);
      }
    } finally {
      this.#isPumping = false;
    }
    this.#wait();
  }

  /** Everything under way is lost. */
  clear(): void {
    this.#items = [];
    clearTimeout(this.#timer);
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const [head] = this.#items;
    if (head === undefined || head.isHeld) return;
    this.#timer = setTimeout(() => this.pump(), this.#dueInMs(head));
  }

  #dueInMs({ arrivedMs }: LaneItem<Message>): number {
    return arrivedMs + this.#delayMs - this.#read();
  }
}
