import t from "tap";
import type { z } from "zod";
import { RingkvClient } from "../../src/client/client.js";
import { StatusClient } from "../../src/client/status-client.js";
import { RingkvError } from "../../src/protocol/errors.js";
import type { SlaveId } from "../../src/protocol/ids.js";
import { clientRequest, decodeMessage, registrationMessage, statusPortRequest } from "../../src/protocol/messages.js";
import { ClusterFile } from "../../src/server/storage/cluster-file.js";
import { MemoryFiles } from "../../src/server/storage/memory-files.js";
import { Target } from "../fuzz/target.js";

/** Names that a careless lookup in an object finds, and texts that are odd and right. */
const NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "toJSON",
  "then",
  "length",
  "0",
  "\u0000",
  "a\u0000b",
  "\u001b[2J",
  "\ufeff",
  "\n",
  " ",
  "../../etc/passwd",
  "\u{10ffff}",
];

t.test("odd keys and values are keys and values like any other, and no object has them as properties", async (t) => {
  const target = await Target.start({ timeoutMs: 10_000 });
  const at = (port: "client" | "status") => ({
    host: "memory",
    port: target.portOf(port),
    transport: target.transport,
  });
  const client = await RingkvClient.connect(at("client"));
  const status = await StatusClient.connect(at("status"));
  for (const name of NAMES) t.equal(await client.get(name), undefined, `${JSON.stringify(name)} is not there`);
  for (const name of NAMES) await client.put(name, name);
  for (const name of NAMES) t.equal((await client.get(name))?.value, name);
  const listed: string[] = [];
  for await (const key of client.keys()) listed.push(key);
  t.strictSame(listed.sort(), [...NAMES].sort());
  const { copies } = await status.copies("s1");
  t.strictSame(copies.map(({ key }) => key).sort(), [...NAMES].sort());
  for (const name of NAMES) await client.del(name);
  for (const name of NAMES) t.equal(await client.get(name), undefined);
  t.equal(Object.keys(Object.prototype).length, 0);
  await status.close();
  await client.close();
  await target.stop();
});

t.test("a message with a field named __proto__ changes nothing but itself", (t) => {
  const line = '{"type":"getreq","key":"k","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
  t.strictSame(decodeMessage(clientRequest, line), { type: "getreq", key: "k" });
  t.equal(({} as { readonly polluted?: unknown }).polluted, undefined);
  t.throws(() => decodeMessage(clientRequest, '{"__proto__":{"type":"getreq","key":"k"}}'), { code: "BAD_REQUEST" });
  t.end();
});

t.test("a text with half a surrogate pair is refused, whatever it is", (t) => {
  const half = "\\ud800";
  const cases: readonly (readonly [z.ZodType, string])[] = [
    [clientRequest, `{"type":"getreq","key":"${half}"}`],
    [clientRequest, `{"type":"putreq","key":"k","value":"${half}"}`],
    [clientRequest, `{"type":"getreq","id":"${half}","key":"k"}`],
    [clientRequest, `{"type":"keysreq","prefix":"${half}"}`],
    [clientRequest, `{"type":"keysreq","after":"${half}"}`],
    [registrationMessage, `{"type":"register","slaveId":"1","port":1,"storeId":"${half}","epochSeen":"0"}`],
    [registrationMessage, `{"type":"register","slaveId":"1","port":1,"storeId":"s","epochSeen":"0","host":"${half}"}`],
    [registrationMessage, `{"type":"log","time":0,"level":"info","text":"${half}"}`],
    [statusPortRequest, `{"type":"kill","slave":"${half}"}`],
    [statusPortRequest, `{"type":"cachereq","node":"${half}"}`],
  ];
  for (const [schema, line] of cases) t.throws(() => decodeMessage(schema, line), { code: "BAD_REQUEST" }, line);
  t.end();
});

t.test("a time that no clock can show is refused: it made every listing of the log fail", (t) => {
  const line = (time: string) => `{"type":"log","time":${time},"level":"info","text":"x"}`;
  for (const time of ["8640000000000001", "-1e21", "1e400"]) {
    t.throws(() => decodeMessage(registrationMessage, line(time)), { code: "BAD_REQUEST" });
  }
  t.match(decodeMessage(registrationMessage, line("8.64e15")), { time: 8.64e15 });
  t.end();
});

t.test("a ring's file with an ID that is none is refused: an ID names a directory", async (t) => {
  for (const id of ["../elsewhere", "1/2", "", "01", "-1", "0x1", "1\u0000"]) {
    const files = new MemoryFiles();
    files.makeDirectory("/data");
    await (await ClusterFile.open("/data", files)).save({ slaves: [id as SlaveId] });
    const refusal = await ClusterFile.open("/data", files).catch((error: unknown) => error);
    t.ok(refusal instanceof RingkvError && refusal.code === "STORAGE", JSON.stringify(id));
  }
});
