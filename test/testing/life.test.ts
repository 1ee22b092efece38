import t, { type Test } from "tap";
import { MemoryFiles } from "../../src/server/storage/memory-files.js";
import { MemoryLibrary } from "../../src/server/storage/memory-library.js";
import { filesOf, libraryOf } from "../../src/testing/cluster/in-process/life-disk.js";
import { LifeTransport } from "../../src/testing/cluster/in-process/life-transport.js";
import { Life } from "../../src/testing/cluster/in-process/life.js";
import { MemoryTransport } from "../../src/transport/memory.js";
import type { Connection } from "../../src/transport/transport.js";
import { testTransport, turns } from "../transport/conformance.js";
import { Recorder, deferred } from "../transport/recorder.js";

const FRAME_BYTES_MAX = 4_096;

t.test("a network as a life has it is a Transport", (t) => {
  testTransport(t, () => {
    const network = new MemoryTransport();
    return {
      transport: new LifeTransport(new Life(), network),
      resettable: async ({ host, port }) => {
        await network.connect(
          { host, port, frameBytesMax: 100 },
          { onFrames: () => undefined, onClose: () => undefined },
        );
        return () => network.cut(port);
      },
    };
  });
  t.end();
});

/** A daemon's life with a port, and somebody who is connected to it. */
async function served(t: Test) {
  const network = new MemoryTransport({ chunkBytes: 65_536 });
  const life = new Life();
  t.teardown(() => life.end());
  const transport = new LifeTransport(life, network);
  const daemonLog = new Recorder({}, true);
  const accepted = deferred<Connection>();
  const { address } = await transport.listen({ host: "h", port: 0, frameBytesMax: FRAME_BYTES_MAX }, (connection) => {
    accepted.resolve(connection);
    return daemonLog.handlers;
  });
  const connect = async (log: Recorder) =>
    network.connect({ ...address, frameBytesMax: FRAME_BYTES_MAX }, log.handlers);
  const peerLog = new Recorder();
  const peer = await connect(peerLog);
  const daemon = await accepted.promise;
  return { network, life, transport, address, daemon, daemonLog, peer, peerLog, connect };
}

t.test(
  "when a life ends, what was handed over arrives, what was queued is lost, and the peer hears the end",
  async (t) => {
    const { life, daemon, peerLog } = await served(t);
    daemon.send({ handed: "over" });
    daemon.flush();
    daemon.send({ queued: true });
    life.end();
    await peerLog.closed();
    t.strictSame(peerLog.frames, ['{"handed":"over"}']);
    t.equal(peerLog.closeError, undefined);
  },
);

t.test("nothing that a daemon still does after its end reaches the outside", async (t) => {
  const { network, life, transport, address, daemon, daemonLog, peer, peerLog } = await served(t);
  peer.send({ late: true });
  life.end();
  daemon.send({ undead: true });
  daemon.sendLineLater('{"undead":true}\n');
  daemon.flush();
  daemon.end();
  daemon.destroy();
  const nobody = { onFrames: () => undefined, onClose: () => undefined };
  await t.rejects(transport.connect({ ...address, frameBytesMax: 100 }, nobody), { code: "UNAVAILABLE" });
  await t.rejects(
    transport.listen({ ...address, frameBytesMax: 100 }, () => nobody),
    { code: "UNAVAILABLE" },
  );
  await Promise.all([peerLog.closed(), daemonLog.closed()]);
  t.strictSame(peerLog.frames, []);
  t.strictSame(daemonLog.calls, ["close"], "it may let go of what it kept for the connection");
  const next = await network.listen({ ...address, frameBytesMax: 100 }, () => nobody);
  t.equal(next.address.port, address.port, "its port is free");
  await next.close();
});

t.test("a connection that comes about when the life has ended is closed again", async (t) => {
  const { network, life, transport } = await served(t);
  const log = new Recorder();
  const other = await network.listen({ host: "h", port: 0, frameBytesMax: 100 }, () => log.handlers);
  const nobody = { onFrames: () => undefined, onClose: () => undefined };
  const connecting = transport.connect({ ...other.address, frameBytesMax: 100 }, nobody);
  life.end();
  await t.rejects(connecting, { code: "UNAVAILABLE" });
  await log.closed();
  t.strictSame(log.calls, ["close"]);
  await other.close();
});

t.test("while a life is paused both directions wait, and then go on in order", async (t) => {
  const { life, daemon, daemonLog, peer, peerLog } = await served(t);
  life.pause();
  peer.send({ n: 1 });
  peer.send({ n: 2 });
  daemon.send({ n: 3 });
  daemon.flush();
  daemon.send({ n: 4 });
  await turns(10);
  t.strictSame([daemonLog.frames, peerLog.frames], [[], []]);
  life.resume();
  daemon.send({ n: 5 });
  await Promise.all([daemonLog.framesReach(2), peerLog.framesReach(3)]);
  t.strictSame(daemonLog.frames, ['{"n":1}', '{"n":2}']);
  t.strictSame(peerLog.frames, ['{"n":3}', '{"n":4}', '{"n":5}']);
});

t.test("a paused life hears of its peer's end when it is resumed", async (t) => {
  const { life, daemonLog, peer, peerLog } = await served(t);
  life.pause();
  peer.send({ last: true });
  peer.end();
  await turns(10);
  t.strictSame(daemonLog.calls, []);
  t.notOk(peerLog.calls.includes("close"));
  life.resume();
  await daemonLog.until(() => daemonLog.calls.includes("end"));
  t.strictSame(daemonLog.calls, ["frames", "end"]);
});

t.test(
  "who connects to a paused life is served when it is resumed, as a kernel takes connections meanwhile",
  async (t) => {
    const { life, connect, daemonLog } = await served(t);
    life.pause();
    const log = new Recorder();
    const waiting = await connect(log);
    waiting.send({ hello: true });
    await turns(10);
    t.strictSame(daemonLog.frames, []);
    life.resume();
    await daemonLog.framesReach(1);
    t.strictSame(daemonLog.frames, ['{"hello":true}']);
  },
);

t.test("a daemon's own wish not to read outlives a pause", async (t) => {
  const { life, daemon, daemonLog, peer } = await served(t);
  daemon.pause();
  life.pause();
  peer.send({ n: 1 });
  life.resume();
  await turns(10);
  t.strictSame(daemonLog.frames, []);
  daemon.resume();
  await daemonLog.framesReach(1);
});

t.test("a paused life that ends says nothing of what it held", async (t) => {
  const { life, daemon, peerLog } = await served(t);
  life.pause();
  daemon.send({ held: true });
  daemon.flush();
  life.end();
  life.resume();
  await peerLog.closed();
  t.strictSame(peerLog.frames, []);
});

t.test("files keep what a life has written, and take nothing from it after its end", async (t) => {
  const disk = new MemoryFiles();
  const life = new Life();
  const files = filesOf(life, disk);
  files.makeDirectory("/data");
  const file = files.open("/data/log", "create");
  file.write(new Uint8Array([1, 2, 3]), 0);
  life.end();
  const over = { code: "STORAGE", message: "The process has ended." };
  t.throws(() => file.write(new Uint8Array([9]), 0), over);
  await t.rejects(file.force(), over);
  t.throws(() => files.open("/data/log", "create"), over);
  t.throws(() => files.rename("/data/log", "/data/other"), over);
  await t.rejects(files.remove("/data/log"), over);
  await t.rejects(files.forceDirectory("/data"), over);
  file.close();
  const next = filesOf(new Life(), disk);
  t.strictSame(next.list("/data"), ["log"]);
  t.strictSame(await next.read("/data/log"), new Uint8Array([1, 2, 3]));
});

t.test("a library keeps what a life has written, and takes nothing from it after its end", async (t) => {
  const kept = new MemoryLibrary("/data/store", "a store");
  const life = new Life();
  const library = libraryOf(life, kept);
  await library.write([{ key: "city", value: new Uint8Array([1]) }], 1);
  life.end();
  await t.rejects(library.write([{ key: "city", value: undefined }], -1), { code: "STORAGE" });
  await t.rejects(library.force(), { code: "STORAGE" });
  t.strictSame(libraryOf(new Life(), kept).get("city"), new Uint8Array([1]));
});
