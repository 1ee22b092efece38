import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { runCli } from "../cli/run-cli.js";
import { ANY_PORTS, Daemon, type UpReady } from "./cluster.js";
import { RawClient } from "./raw-client.js";
import { SecuredCluster, addressOf, onceServed, temporaryDirectory } from "./secured-cluster.js";

const CLIENT = "the-token-of-the-clients-0001";
const ADMIN = "the-token-of-the-admins-0002";
const secrets = temporaryDirectory(t);
const clientFile = tokenFile("client", CLIENT);
const adminFile = tokenFile("admin", ADMIN);
const cluster = await SecuredCluster.start(t, ["--client-token-file", clientFile, "--admin-token-file", adminFile]);
const CONNECT = ["--connect", cluster.address];

function tokenFile(name: string, token: string): string {
  const path = join(secrets, name);
  writeFileSync(path, `${token}\n`, { mode: 0o600 });
  return path;
}

t.test(
  "without a token nothing is answered, with the client's the client port is, with the admin's all is",
  async (t) => {
    t.match(await runCli(["get", "city", ...CONNECT]), {
      code: 1,
      out: "",
      err: "UNAUTHORIZED: The client port takes a token, as the first message (`auth`).\n",
    });
    const asClient = [...CONNECT, "--token-file", clientFile];
    t.match(await runCli(["put", "city", "Paris", ...asClient]), { code: 0, out: "OK\n" });
    t.match(await runCli(["status", ...asClient]), {
      code: 1,
      out: "",
      err: "UNAUTHORIZED: This token does not open the status port.\n",
    });
    const script = "get city\nkill s1\nrestart s1\nslaves\n";
    const { code, out } = await runCli(["repl", ...CONNECT, "--token-file", adminFile], script);
    t.match({ code, out }, { code: 0, out: /^Paris\ns1 killed\ns1 is up\ns1 {2}up / });
  },
);

t.test("a token may come from the environment, the admin's before the client's", async (t) => {
  const env = { RINGKV_CLIENT_TOKEN: CLIENT };
  t.match(await runCli(["get", "city", ...CONNECT], "", env), { code: 0, out: "Paris\n" });
  t.match(await runCli(["status", ...CONNECT], "", { ...env, RINGKV_ADMIN_TOKEN: ADMIN }), { code: 0 });
  t.match(await runCli(["get", "city", ...CONNECT], "", { RINGKV_CLIENT_TOKEN: `${CLIENT}x` }), {
    code: 1,
    err: "UNAUTHORIZED: This token does not open the client port.\n",
  });
});

t.test("the library shows its token on every connection that it makes", async (t) => {
  const client = await cluster.client({ token: CLIENT });
  const status = await cluster.status({ token: ADMIN });
  await client.put("a", "1");
  await status.process("kill", "master").catch(() => undefined);
  t.match(await onceServed(() => client.get("a")), { value: "1" });
  await t.rejects(cluster.client({ token: "no token of anybody" }), { code: "UNAUTHORIZED" });
  await t.rejects(cluster.status({ token: CLIENT }), { code: "UNAUTHORIZED" });
});

t.test("over the wire: auth first, or everything is refused; a wrong token ends the connection", async (t) => {
  const raw = await RawClient.connect(cluster.ready.client);
  t.match(await raw.ask('{"type":"ping","id":1}'), { id: 1, code: "UNAUTHORIZED", retriable: false });
  t.match(await raw.ask("no json"), { code: "UNAUTHORIZED" });
  t.match(await raw.ask(`{"type":"auth","id":2,"token":"${CLIENT}"}`), { id: 2, message: "Welcome" });
  t.match(await raw.ask('{"type":"ping","id":3}'), { id: 3, message: "pong" });
  t.match(await raw.ask('{"type":"auth","id":4,"token":"x"}'), { id: 4, code: "BAD_REQUEST" });
  raw.close();
  const guess = await RawClient.connect(cluster.ready.status);
  t.match(await guess.ask('{"type":"subscribe"}'), { code: "UNAUTHORIZED" });
  t.match(await guess.ask(`{"type":"auth","token":"${CLIENT}"}`), { code: "UNAUTHORIZED" });
  t.equal(await guess.answer(), undefined);
  guess.close();
});

t.test("what an admin does is in the master's log with his address; refusals are, too", async (t) => {
  const status = await cluster.status({ token: ADMIN });
  await status.fault("s1", { kind: "delay", ms: 1 });
  await status.fault("s1", { kind: "none" });
  const log = readFileSync(join(cluster.data, "logs", "master.log"), "utf8");
  t.match(log, /kill s1: s1 killed \[by 127\.0\.0\.1:\d+\]\n/);
  t.match(log, /delay s1: the master hears s1 1 ms later \[by 127\.0\.0\.1:\d+\]\n/);
  t.match(log, /127\.0\.0\.1:\d+ was refused at the client port: wrong token\n/);
});

t.test(
  "no token shows in command lines, logs, the feed or help, and no slave knows one",
  { skip: noProc() },
  async (t) => {
    const status = await cluster.status({ token: ADMIN });
    const proc = (pid: number, file: string) => readFileSync(`/proc/${pid}/${file}`, "latin1");
    const { info, slaves } = await status.snapshot();
    const slavePids = slaves.map(({ pid }) => pid ?? 0);
    const shown = [
      ...[cluster.ready.pid, info.pid, ...slavePids].map((pid) => proc(pid, "cmdline")),
      ...slavePids.map((pid) => proc(pid, "environ")),
      ...["master", "s1", "s2"].map((name) => readFileSync(join(cluster.data, "logs", `${name}.log`), "utf8")),
      JSON.stringify([await status.snapshot(), await status.logs({ limit: 2_000 })]),
      (await runCli(["up", "--help"], "", { RINGKV_CLIENT_TOKEN: CLIENT, RINGKV_ADMIN_TOKEN: ADMIN })).out,
      cluster.daemon.stderr,
    ];
    t.match(proc(info.pid, "environ"), `RINGKV_ADMIN_TOKEN=${ADMIN}`, "the master has it from its environment");
    for (const text of shown) t.notMatch(text, new RegExp(`${CLIENT}|${ADMIN}`));
  },
);

t.test("a token's file that others can read is refused, by daemons and by clients", { skip: noProc() }, async (t) => {
  const open = tokenFile("open", CLIENT);
  chmodSync(open, 0o640);
  const data = temporaryDirectory(t);
  const refusal = { code: 2, out: "", err: new RegExp(`${open} holds a secret and has mode 0640: .*chmod 600`) };
  t.match(await runCli(["get", "city", ...CONNECT, "--token-file", open]), refusal);
  t.match(await runCli(["master", ...ANY_PORTS, "--data", data, "--client-token-file", open]), refusal);
  t.match(await runCli(["up", "--headless", ...ANY_PORTS, "--data", data, "--admin-token-file", open]), refusal);
});

t.test("nothing listens where others reach it without protection, unless told so out loud", async (t) => {
  const data = temporaryDirectory(t);
  const open = ["--host", "0.0.0.0", "--data", data];
  const master = ["master", "--slaves", "2", ...ANY_PORTS, ...open];
  const refused =
    /^ringkv: --host 0\.0\.0\.0 lets other machines in: the client port \(0\) needs --client-token-file or --tls, the registration port .* or say --insecure/;
  t.match(await runCli(master), { code: 2, out: "", err: refused });
  t.match(await runCli(["up", "--headless", ...ANY_PORTS, ...open]), { code: 2, out: "", err: refused });
  t.match(await runCli(["slave", "--id", "1", ...open]), {
    code: 2,
    out: "",
    err: /the slave's port needs --tls; or say --insecure/,
  });
  const daemon = new Daemon([...master, "--insecure"]);
  t.teardown(() => daemon.stop());
  const { client } = await daemon.ready<UpReady>();
  t.equal(client.host, "0.0.0.0");
  t.match(daemon.stderr, /warn {2}INSECURE: the client port \(0\) on 0\.0\.0\.0 serves everybody who reaches it\n/);
  t.match(await runCli(["get", "k", "--connect", addressOf({ ...client, host: "127.0.0.1" })]), {
    err: /^RING_INCOMPLETE/,
  });
});

t.test("a ring that is open on purpose works, with all of its slaves", async (t) => {
  const open = await SecuredCluster.start(t, ["--host", "0.0.0.0", "--insecure"]);
  const address = addressOf({ ...open.ready.client, host: "127.0.0.1" });
  t.match(await runCli(["put", "k", "v", "--connect", address]), { code: 0, out: "OK\n" });
  t.match(open.daemon.stderr, /^INSECURE: the client port/);
});

t.test("a cluster for a test is open, whatever tokens lie around", async (t) => {
  const env = { RINGKV_CLIENT_TOKEN: CLIENT, RINGKV_ADMIN_TOKEN: ADMIN };
  t.match(await runCli(["run", "-", "--reporter", "tap"], "put k v\nexpect get k is v\n", env), {
    code: 0,
    out: /^# 1 passed, 0 failed$/m,
  });
});

function noProc(): string | false {
  return existsSync("/proc/self/cmdline") ? false : "this system has no /proc";
}
