import type { Test } from "tap";
import { RingkvError } from "../../src/protocol/errors.js";
import type { Address, Connection, Transport } from "../../src/transport/transport.js";
import { type Pair, Recorder, deferred } from "./recorder.js";

const HOST = "127.0.0.1";
const FRAME_BYTES_MAX = 4_096;

export interface TransportUnderTest {
  readonly transport: Transport;
  /** Connects to the address; the function it gives breaks that connection with a reset. */
  resettable(address: Address): Promise<() => void>;
}

/** What every Transport does; each implementation runs it. */
export function testTransport(t: Test, make: () => TransportUnderTest): void {
  t.test("frames arrive whole and in order, however long they are and however they were cut", async (t) => {
    const { near, farLog } = await connectPair(t, make());
    const lines = Array.from({ length: 200 }, (_, n) => JSON.stringify({ n, text: "é€😀".repeat(n) }));
    for (const line of lines) near.sendLine(`${line}\n`);
    await farLog.framesReach(lines.length);
    t.strictSame(farLog.frames, lines);
  });

  t.test("both sides talk at once", async (t) => {
    const { near, far, nearLog, farLog } = await connectPair(t, make());
    for (let n = 0; n < 100; n++) {
      near.send({ near: n });
      far.send({ far: n });
    }
    await Promise.all([nearLog.framesReach(100), farLog.framesReach(100)]);
    t.equal(nearLog.frames.at(-1), '{"far":99}');
    t.equal(farLog.frames.at(-1), '{"near":99}');
  });

  t.test("nothing is delivered from inside send", async (t) => {
    const { near, nearLog, farLog } = await connectPair(t, make());
    near.send({ n: 1 });
    t.strictSame([...nearLog.calls, ...farLog.calls], []);
    await farLog.framesReach(1);
  });

  t.test("flush hands over what was queued for this turn and for later, in its order", async (t) => {
    const { near, farLog } = await connectPair(t, make());
    near.sendLineLater('{"n":1}\n');
    near.send({ n: 2 });
    near.flush();
    // What was handed over is not ours any more: it arrives whatever becomes of us.
    near.destroy();
    await farLog.framesReach(2);
    t.strictSame(farLog.frames, ['{"n":1}', '{"n":2}']);
  });

  t.test("an oversized line and invalid UTF-8 arrive as errors, and the next line still works", async (t) => {
    const { near, farLog } = await connectPair(t, make());
    near.sendLine(`${"x".repeat(FRAME_BYTES_MAX + 2)}\n`);
    near.sendLine('{"good":1}\n');
    await farLog.framesReach(2);
    const [refused, good] = farLog.frames;
    t.match(refused, { code: "FRAME_TOO_LARGE" });
    t.ok(refused instanceof RingkvError);
    t.equal(good, '{"good":1}');
  });

  t.test("after end the other side reads the rest, answers, and both close", async (t) => {
    const { near, far, nearLog, farLog } = await connectPair(t, make(), { halfOpen: true });
    near.send({ question: 1 });
    near.end();
    await farLog.until(() => farLog.calls.includes("end"));
    t.strictSame(farLog.frames, ['{"question":1}']);
    t.notOk(farLog.calls.includes("close"));
    far.send({ answer: 1 });
    far.end();
    await Promise.all([nearLog.closed(), farLog.closed()]);
    t.strictSame(nearLog.frames, ['{"answer":1}']);
    t.equal(nearLog.closeError, undefined);
    t.equal(farLog.closeError, undefined);
  });

  t.test("a last line without a newline is a line", async (t) => {
    const { near, farLog } = await connectPair(t, make());
    near.sendLine("last");
    near.end();
    await farLog.closed();
    t.strictSame(farLog.frames, ["last"]);
    t.strictSame(farLog.calls, ["frames", "close"]);
  });

  t.test("without onEnd our side ends when the other does", async (t) => {
    const { near, nearLog, farLog } = await connectPair(t, make());
    near.end();
    await Promise.all([nearLog.closed(), farLog.closed()]);
    t.strictSame(nearLog.calls, ["close"]);
    t.strictSame(farLog.calls, ["close"]);
  });

  t.test("what is sent after end goes nowhere and breaks nothing", async (t) => {
    const { near, nearLog, farLog } = await connectPair(t, make());
    near.end();
    near.end();
    near.send({ late: 1 });
    await Promise.all([nearLog.closed(), farLog.closed()]);
    near.send({ late: 2 });
    near.end();
    near.destroy();
    t.strictSame(farLog.frames, []);
    t.equal(near.queuedBytes, 0);
  });

  t.test("a paused side gets nothing until it resumes, and then everything", async (t) => {
    const { near, nearLog, far, farLog } = await connectPair(t, make());
    far.pause();
    near.send({ n: 1 });
    // The answer to a message in the other direction shows that the first one has had its time.
    far.send({ marker: 1 });
    await nearLog.framesReach(1);
    near.send({ n: 2 });
    t.strictSame(farLog.frames, []);
    far.resume();
    await farLog.framesReach(2);
    t.strictSame(farLog.frames, ['{"n":1}', '{"n":2}']);
  });

  t.test("a paused reader makes the writer's queue grow; drain is told when it is empty again", async (t) => {
    const { near, nearLog, far, farLog } = await connectPair(t, make());
    far.pause();
    const line = `${"v".repeat(FRAME_BYTES_MAX - 1)}\n`;
    const count = 4_096;
    for (let n = 0; n < count; n++) near.sendLine(line);
    t.ok(near.queuedBytes > 0, "queued in this turn");
    await turns(20);
    t.ok(near.queuedBytes > 0, "16 MiB do not fit into what lies between");
    t.equal(nearLog.count("drain"), 0);
    far.resume();
    await Promise.all([farLog.framesReach(count), nearLog.until(() => nearLog.calls.includes("drain"))]);
    t.equal(near.queuedBytes, 0);
    t.equal(nearLog.count("drain"), 1);
  });

  t.test("progress tells of a line that was begun and not ended, and what the system has taken", async (t) => {
    const { near, far, farLog } = await connectPair(t, make());
    t.match(far.progress, { takenBytes: 0, isMidLine: false, lineBytes: 0, isPaused: false });
    near.sendLine('{"n":1}\n{"n":');
    await farLog.framesReach(1);
    await turns(20);
    t.match(far.progress, { isMidLine: true, lineBytes: '{"n":'.length });
    t.equal(near.progress.takenBytes, '{"n":1}\n{"n":'.length);
    near.sendLine("2}\n");
    await farLog.framesReach(2);
    t.match(far.progress, { isMidLine: false, lineBytes: 0 });
    far.pause();
    t.equal(far.progress.isPaused, true);
  });

  t.test("destroy closes once without an error, loses what is queued, and the other side closes too", async (t) => {
    const { near, nearLog, farLog } = await connectPair(t, make());
    near.send({ lost: 1 });
    near.destroy();
    near.destroy();
    t.strictSame(nearLog.calls, [], "close is told later, not from inside destroy");
    t.equal(near.queuedBytes, 0);
    await Promise.all([nearLog.closed(), farLog.closed()]);
    await turns(5);
    t.strictSame(nearLog.calls, ["close"]);
    t.strictSame(farLog.calls, ["close"]);
    t.equal(nearLog.closeError, undefined);
  });

  t.test("after destroy from inside onFrames nothing but close is called", async (t) => {
    const { near, far, farLog } = await connectPair(t, make(), { onFarFrames: () => far.destroy() });
    for (let n = 0; n < 2_000; n++) near.send({ n, pad: "x".repeat(1_000) });
    near.end();
    await farLog.closed();
    await turns(5);
    t.strictSame(farLog.calls, ["frames", "close"]);
  });

  t.test("a peer that destroys while we answer closes us, and nothing is uncaught", async (t) => {
    const { near, far, farLog } = await connectPair(t, make(), { halfOpen: true });
    near.destroy();
    await farLog.until(() => farLog.calls.length > 0);
    while (!farLog.calls.includes("close")) {
      far.send({ answer: "x".repeat(1_000) });
      await turns(1);
    }
    t.equal(farLog.count("close"), 1);
  });

  t.test("a reset closes with its error", async (t) => {
    const under = make();
    const log = new Recorder({}, true);
    const accepted = deferred<Connection>();
    const listener = await listen(t, under.transport, (connection) => {
      accepted.resolve(connection);
      return log.handlers;
    });
    const reset = await under.resettable(listener.address);
    await accepted.promise;
    reset();
    await log.closed();
    t.match(log.closeError, { code: "ECONNRESET" });
    t.strictSame(log.calls, ["close"]);
  });

  t.test("a connection that the acceptor destroys at once closes on both sides", async (t) => {
    const { transport } = make();
    const farLog = new Recorder();
    const listener = await listen(t, transport, (connection) => {
      connection.destroy();
      return farLog.handlers;
    });
    const nearLog = new Recorder();
    await transport.connect({ ...listener.address, frameBytesMax: FRAME_BYTES_MAX }, nearLog.handlers);
    await Promise.all([nearLog.closed(), farLog.closed()]);
    t.strictSame(farLog.calls, ["close"]);
  });

  t.test("what the acceptor sends before it returns its handlers arrives", async (t) => {
    const { transport } = make();
    const farLog = new Recorder();
    const listener = await listen(t, transport, (connection) => {
      connection.send({ hello: 1 });
      return farLog.handlers;
    });
    const nearLog = new Recorder();
    const options = { ...listener.address, frameBytesMax: FRAME_BYTES_MAX };
    const near = await transport.connect(options, nearLog.handlers);
    t.teardown(() => near.destroy());
    await nearLog.framesReach(1);
    t.strictSame(nearLog.frames, ['{"hello":1}']);
  });

  t.test("a refused connection is UNAVAILABLE and carries the system's error", async (t) => {
    const { transport } = make();
    const listener = await transport.listen({ host: HOST, port: 0, frameBytesMax: 100 }, () => new Recorder().handlers);
    await listener.close();
    const connecting = transport.connect({ ...listener.address, frameBytesMax: 100 }, new Recorder().handlers);
    await t.rejects(connecting, { name: "RingkvError", code: "UNAVAILABLE", cause: { code: "ECONNREFUSED" } });
  });

  t.test("an aborted connect rejects with the signal's reason", async (t) => {
    const { transport } = make();
    const log = new Recorder();
    const listener = await listen(t, transport, () => log.handlers);
    const options = { ...listener.address, frameBytesMax: 100 };
    const reason = new Error("changed my mind");
    await t.rejects(transport.connect({ ...options, signal: AbortSignal.abort(reason) }, log.handlers), reason);
    const controller = new AbortController();
    const connecting = transport.connect({ ...options, signal: controller.signal }, log.handlers);
    controller.abort(reason);
    await t.rejects(connecting, reason);
  });

  t.test("a port in use is EADDRINUSE", async (t) => {
    const { transport } = make();
    const listener = await listen(t, transport, () => new Recorder().handlers);
    const again = transport.listen({ ...listener.address, frameBytesMax: 100 }, () => new Recorder().handlers);
    await t.rejects(again, { code: "EADDRINUSE" });
  });

  t.test("a closed listener frees its port and keeps its connections", async (t) => {
    const under = make();
    const { near, farLog, listener } = await connectPair(t, under);
    await listener.close();
    await listener.close();
    await listen(t, under.transport, () => new Recorder().handlers, listener.address.port);
    near.send({ still: "here" });
    await farLog.framesReach(1);
    t.strictSame(farLog.frames, ['{"still":"here"}']);
  });

  t.test("several listeners share a transport, each with connections of its own", async (t) => {
    const under = make();
    const pairs = [await connectPair(t, under), await connectPair(t, under)];
    pairs.forEach(({ near }, index) => near.send({ index }));
    for (const [index, { farLog }] of pairs.entries()) {
      await farLog.framesReach(1);
      t.strictSame(farLog.frames, [JSON.stringify({ index })]);
    }
  });
}

interface PairOptions {
  readonly halfOpen?: boolean;
  readonly onFarFrames?: () => void;
}

/** Two joined connections; the test's end destroys them. */
export async function connectPair(
  t: Test,
  { transport }: TransportUnderTest,
  { halfOpen = false, onFarFrames = () => undefined }: PairOptions = {},
): Promise<Pair> {
  const nearLog = new Recorder({}, halfOpen);
  const farLog = new Recorder({ onFrames: onFarFrames }, halfOpen);
  const accepted = deferred<Connection>();
  const listener = await listen(t, transport, (connection) => {
    accepted.resolve(connection);
    return farLog.handlers;
  });
  const options = { ...listener.address, frameBytesMax: FRAME_BYTES_MAX };
  const near = await transport.connect(options, nearLog.handlers);
  const far = await accepted.promise;
  t.teardown(() => {
    near.destroy();
    far.destroy();
  });
  return { near, nearLog, far, farLog, listener };
}

async function listen(
  t: Test,
  transport: Transport,
  onConnection: Parameters<Transport["listen"]>[1],
  port = 0,
): ReturnType<Transport["listen"]> {
  const listener = await transport.listen({ host: HOST, port, frameBytesMax: FRAME_BYTES_MAX }, onConnection);
  t.teardown(() => listener.close());
  return listener;
}

/** Lets the event loop go round. */
export async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve));
}
