import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { DEFAULTS } from "../../src/protocol/limits.js";
import { Cluster, Daemon } from "./cluster.js";
import { RawClient } from "./raw-client.js";

const KIB = 1_024;

t.test("a cluster of real processes", async (t) => {
  const cluster = await Cluster.start();
  const { ready } = cluster;
  t.teardown(async () => {
    await cluster.stop();
    cluster.remove();
  });
  const raw = async (port: { host: string; port: number } = ready.client) => {
    const client = await RawClient.connect(port);
    t.teardown(() => client.close());
    return client;
  };

  t.test("answers each bad line with its code, and the next good request on the same connection", async (t) => {
    const client = await raw();
    const refused: [name: string, line: string | Uint8Array, code: string][] = [
      ["garbage", "lorem ipsum", "BAD_FRAME"],
      ["a JSON array", "[1]", "BAD_FRAME"],
      ["invalid UTF-8", Uint8Array.of(0x22, 0xff, 0xfe, 0x22), "BAD_FRAME"],
      ["a 2 MiB line", "x".repeat(2 * KIB * KIB), "FRAME_TOO_LARGE"],
      ["an unknown type", '{"type":"nope"}', "BAD_REQUEST"],
      ["no type", "{}", "BAD_REQUEST"],
      ["a missing field", '{"type":"putreq","key":"k"}', "BAD_REQUEST"],
      ["a wrong type", '{"type":"getreq","key":7}', "BAD_REQUEST"],
      ["a lone surrogate", '{"type":"getreq","key":"\\ud800"}', "BAD_REQUEST"],
      ["an empty key", '{"type":"getreq","key":""}', "KEY_EMPTY"],
      ["a key of 257 bytes", `{"type":"getreq","key":"${"k".repeat(257)}"}`, "KEY_TOO_LONG"],
      ["a key of 129 two-byte characters", `{"type":"getreq","key":"${"é".repeat(129)}"}`, "KEY_TOO_LONG"],
      ["a value of 262,145 bytes", `{"type":"putreq","key":"k","value":"${"v".repeat(262_145)}"}`, "VALUE_TOO_LONG"],
    ];
    for (const [name, line, code] of refused) {
      client.send(line);
      client.send("\n");
      t.match(await client.answer(), { type: "resp", code, retriable: false }, name);
      t.match(await client.ask('{"type":"ping","id":"next"}'), { id: "next", message: "pong" }, `after ${name}`);
    }
  });

  t.test("takes keys and values at their limits, and keys named like object properties", async (t) => {
    const value = "é".repeat(131_072);
    for (const key of ["k".repeat(256), "é".repeat(128), "__proto__", "constructor", "a b\n\u0000", "🦀"]) {
      const { opId } = await cluster.client.put(key, value);
      t.strictSame(await cluster.client.get(key), { value, opId });
    }
    await cluster.client.put("empty", "");
    t.equal((await cluster.client.get("empty"))?.value, "", "an empty value is a value");
  });

  t.test("answers a client that ends its side at once", async (t) => {
    const client = await raw();
    client.send('{"type":"putreq","key":"half","value":"closed"}\r\n{"type":"getreq","key":"half"}');
    client.end();
    t.match(await client.answer(), { message: "Success" });
    t.match(await client.answer(), { key: "half", value: "closed" });
    t.equal(await client.answer(), undefined, "then the server ends its side");
  });

  t.test("answers requests without an id in order, and those with one as they come", async (t) => {
    const client = await raw();
    const lines = Array.from({ length: 200 }, (_, n) => [
      `{"type":"putreq","key":"order:${n}","value":"${n}"}`,
      `{"type":"getreq","key":"order:${n}"}`,
    ]);
    client.send(`${lines.flat().join("\n")}\n`);
    for (let n = 0; n < 200; n++) {
      t.match(await client.answer(), { message: "Success" });
      t.match(await client.answer(), { key: `order:${n}`, value: `${n}` });
    }
  });

  t.test("pages through keys in the order of their bytes", async (t) => {
    const keys = Array.from({ length: 25 }, (_, n) => `page:${String.fromCodePoint(0x1f300 + n)}`);
    await Promise.all([...keys].reverse().map((key) => cluster.client.put(key, "v")));
    const client = await raw();
    const listed: unknown[] = [];
    for (let after = "", more = true; more; after = String(listed.at(-1))) {
      const page = await client.ask(JSON.stringify({ type: "keysreq", prefix: "page:", after, limit: 10 }));
      listed.push(...(page?.["keys"] as string[]));
      more = page?.["more"] === true;
    }
    t.strictSame(listed, keys);
  });

  t.test("tells where a key lives", async (t) => {
    const client = await raw();
    const where = await client.ask('{"type":"wherereq","key":"abc"}');
    t.match(where, { key: "abc", hash: 0x44bc2cf5ad770999n.toString() }, "xxHash64 of abc");
    t.strictSame(where?.["replicas"], [ready.slaves[1]?.id, ready.slaves[2]?.id]);
  });

  t.test("lets no stranger speak on the registration port or on a slave's port", async (t) => {
    const registration = await raw(ready.registration);
    t.match(await registration.ask('{"type":"heartbeat"}'), { code: "UNAUTHORIZED" });
    t.equal(await registration.answer(), undefined, "the connection is closed");
    const [slave] = ready.slaves;
    if (slave === undefined) throw new Error("there are slaves");
    const link = await raw({ host: "127.0.0.1", port: slave.port });
    t.equal(await link.ask('{"type":"getreq","id":1,"key":"abc"}'), undefined, "the connection is closed");
    for (const epoch of ["0", ready.master.epoch]) {
      const other = await raw({ host: "127.0.0.1", port: slave.port });
      const hello = { type: "hello", epoch, masterId: "another", slaveId: slave.id };
      t.match(await other.ask(JSON.stringify(hello)), { type: "refused", code: "STALE_EPOCH" }, `epoch ${epoch}`);
    }
    t.match((await cluster.status.snapshot()).slaves[0], { state: "up" }, "the slave serves its master all the while");
  });

  t.test("refuses a second slave with the same ID, and one too many", async (t) => {
    const slave = async (id: string) => {
      const data = mkdtempSync(join(tmpdir(), "ringkv-e2e-slave-"));
      const { host, port } = ready.registration;
      const daemon = new Daemon(["slave", "--id", id, "--master", `${host}:${port}`, "--data", data]);
      const code = await daemon.exited;
      rmSync(data, { recursive: true, force: true });
      return { code, stderr: daemon.stderr };
    };
    const twin = await slave(ready.slaves[0]?.id ?? "");
    t.equal(twin.code, 1);
    t.match(twin.stderr, /DUPLICATE_ID.*stop that one first, or start this one with another --id/);
    const fifth = await slave("12345");
    t.equal(fifth.code, 1);
    t.match(fifth.stderr, /RING_FULL/);
  });

  t.test(
    "with a replica down: a put fails at once, a get is answered by the other, and after the restart a put works",
    async (t) => {
      const client = await raw();
      await cluster.client.put("down", "1");
      const where = await client.ask('{"type":"wherereq","key":"down"}');
      const [primary] = where?.["replicas"] as string[];
      t.equal(
        await cluster.status.process("kill", primary ?? ""),
        `s${ready.slaves.findIndex((s) => s.id === primary) + 1} killed`,
      );
      const begun = performance.now();
      await t.rejects(cluster.client.put("down", "2"), { code: "REPLICA_DOWN", retriable: true });
      t.ok(performance.now() - begun < DEFAULTS.prepareTimeoutMs, "no vote is waited for");
      t.equal((await cluster.client.get("down"))?.value, "1");
      await t.rejects(
        cluster.status.process("kill", primary ?? ""),
        { code: "BAD_REQUEST" },
        "it cannot be killed twice",
      );
      await cluster.status.process("start", primary ?? "");
      await cluster.client.put("down", "3");
      t.equal((await cluster.client.get("down"))?.value, "3");
    },
  );

  t.test("a frozen slave is found out by its silence, and comes back when it thaws", async (t) => {
    const frozen = ready.slaves[2];
    if (frozen === undefined) throw new Error("there are slaves");
    const watcher = await raw(ready.status);
    watcher.send('{"type":"subscribe"}\n');
    await watcher.answer();
    /** The next state of the frozen slave; others may be suspect for a moment on a busy machine. */
    const nextState = async (): Promise<string> => {
      for (;;) {
        const event = await watcher.answer();
        if (event === undefined) throw new Error("the feed ended");
        const slave = event["slave"] as { id: string; state: string } | undefined;
        if (event["event"] === "slave" && slave?.id === frozen.id) return slave.state;
      }
    };
    const until = async (state: string): Promise<string[]> => {
      const states = [await nextState()];
      while (states.at(-1) !== state) states.push(await nextState());
      return states;
    };
    await cluster.status.process("pause", frozen.name);
    t.strictSame((await until("down")).slice(-2), ["suspect", "down"]);
    await cluster.status.process("resume", frozen.name);
    await until("up");
    t.pass("it is up again");
  });
});
