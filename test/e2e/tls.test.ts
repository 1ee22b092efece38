import { once } from "node:events";
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import tls from "node:tls";
import t from "tap";
import type { SlaveId } from "../../src/protocol/ids.js";
import { evenlySpreadIds } from "../../src/server/supervisor/ring-ids.js";
import { TlsTransport } from "../../src/transport/tls.js";
import { TestCertificates } from "../certificates.js";
import { runCli } from "../cli/run-cli.js";
import { Recorder } from "../transport/recorder.js";
import { ANY_PORTS, Daemon, type UpReady } from "./cluster.js";
import { SecuredCluster, addressOf, onceServed, temporaryDirectory } from "./secured-cluster.js";

const SLAVES = evenlySpreadIds(2);
const [S1 = "" as SlaveId] = SLAVES;
const certificates = await TestCertificates.make(t, SLAVES);
const others = await TestCertificates.make(t, SLAVES);
const cluster = await SecuredCluster.start(t, ["--tls", certificates.path]);
const ADMIN = { tls: certificates.of("admin") };

/** A directory with the CA and some pairs, each under the name that it has there. */
function directoryWith(t: Parameters<typeof temporaryDirectory>[0], pairs: Readonly<Record<string, string>>): string {
  const path = temporaryDirectory(t);
  copyFileSync(join(certificates.path, "ca.crt"), join(path, "ca.crt"));
  for (const [name, source] of Object.entries(pairs)) {
    for (const kind of ["crt", "key"])
      copyFileSync(join(certificates.path, `${source}.${kind}`), join(path, `${name}.${kind}`));
  }
  return path;
}

t.test("a whole cluster over mutual TLS: put, get, kill, restart, and a new master", async (t) => {
  const client = await cluster.client(ADMIN);
  const status = await cluster.status(ADMIN);
  await client.put("city", "Paris");
  t.match(await client.get("city"), { value: "Paris" });
  await status.process("kill", "s1");
  await t.rejects(client.put("city", "Rome"), { code: "REPLICA_DOWN" });
  t.match(await client.get("city"), { value: "Paris" });
  await status.process("restart", "s1");
  await client.put("city", "Rome");
  const { out } = await runCli(["repl", "--connect", cluster.address, "--tls", certificates.path], "kill master\n");
  t.match(out, /^master killed; a new one serves with epoch 2 /);
  t.match(await onceServed(() => client.get("city")), { value: "Rome" });
});

t.test("the command line says in words why it is not let in, or does not go in", async (t) => {
  const plain = await SecuredCluster.start(t, []);
  const host = `127\\.0\\.0\\.1:\\d+`;
  for (const [what, address, flags, code, err] of [
    ["plain text to a TLS port", cluster.address, [], 1, "UNAUTHORIZED: This port speaks TLS only\\."],
    [
      "TLS to a plain port",
      plain.address,
      ["--tls", certificates.path],
      3,
      `UNAVAILABLE: No connection to ${host} \\(it does not speak TLS\\)\\.`,
    ],
    [
      "another CA",
      cluster.address,
      ["--tls", others.path],
      1,
      `UNAUTHORIZED: The certificate of ${host} does not hold: another CA signed it than the one that is trusted here\\.`,
    ],
    [
      "no certificate",
      cluster.address,
      ["--tls", directoryWith(t, {})],
      1,
      "UNAUTHORIZED: The client port takes a certificate for urn:ringkv:client or urn:ringkv:admin\\. You have shown no certificate\\.",
    ],
    [
      "a slave's certificate",
      cluster.address,
      ["--tls", directoryWith(t, { client: `slave-${S1}` })],
      1,
      `UNAUTHORIZED: The client port takes .* You have shown certificate "slave-${S1}" \\(urn:ringkv:slave:${S1}\\)\\.`,
    ],
  ] as const) {
    const ended = await runCli(["get", "city", "--connect", address, ...flags]);
    t.match(ended, { code, out: "", err: new RegExp(`^${err}\n$`) }, what);
  }
});

t.test("a client's certificate opens the client port and not the status port", async (t) => {
  const flags = ["--connect", cluster.address, "--tls", directoryWith(t, { client: "client" })];
  t.match(await runCli(["put", "mine", "1", ...flags]), { code: 0, out: "OK\n" });
  t.match(await runCli(["status", ...flags]), {
    code: 1,
    out: "",
    err: /^UNAUTHORIZED: The status port takes a certificate for urn:ringkv:admin\./,
  });
});

t.test("a master whose certificate has expired, or is for another name, is not spoken to", async (t) => {
  for (const [wish, why] of [
    [{ days: -1, hosts: ["127.0.0.1"] }, "does not hold: it has expired\\."],
    [{ hosts: ["ring.example"] }, "is for another: .*127\\.0\\.0\\.1"],
  ] as const) {
    const made = await TestCertificates.make(t);
    rmSync(join(made.path, "master.crt"));
    await made.issue({ name: "master", uri: "urn:ringkv:master", ...wish });
    const data = temporaryDirectory(t);
    const master = new Daemon(["master", "--slaves", "2", "--data", data, ...ANY_PORTS, "--tls", made.path]);
    t.teardown(() => master.stop());
    const { client } = await master.ready<UpReady>();
    t.match(await runCli(["get", "city", "--connect", addressOf(client), "--tls", made.path]), {
      code: 1,
      out: "",
      err: new RegExp(`^UNAUTHORIZED: The certificate of .* ${why}`),
    });
  }
});

t.test("a slave with another's certificate is refused, and the master's log tells of it", async (t) => {
  const args = ["--id", "7", "--master", addressOf(cluster.ready.registration), "--data", temporaryDirectory(t)];
  t.match(await runCli(["slave", ...args, "--tls", directoryWith(t, { "slave-7": `slave-${S1}` })]), {
    code: 1,
    out: "",
    err: new RegExp(
      `UNAUTHORIZED: Slave 7 must show a certificate for urn:ringkv:slave:7\\. It has shown certificate "slave-${S1}"`,
    ),
  });
  const log = readFileSync(join(cluster.data, "logs", "master.log"), "utf8");
  t.match(log, /refused at the registration port: its certificate is not that of slave 7\n/);
  t.match(await runCli(["slave", ...args]), { code: 1, err: /UNAUTHORIZED: This port speaks TLS only\./ });
});

t.test("a slave registers with a master only, and with none that has another slave's certificate", async (t) => {
  const impostor = await new TlsTransport(certificates.of(`slave-${S1}`)).listen(
    { host: "127.0.0.1", port: 0, frameBytesMax: 1_000 },
    () => new Recorder().handlers,
  );
  t.teardown(() => impostor.close());
  const args = ["--id", S1, "--master", addressOf(impostor.address), "--data", temporaryDirectory(t)];
  t.match(await runCli(["slave", ...args, "--tls", certificates.path]), {
    code: 1,
    err: new RegExp(
      `UNAUTHORIZED: The certificate of .* is for another: it is for urn:ringkv:slave:${S1}, not for urn:ringkv:master\\.`,
    ),
  });
});

t.test("a slave's port takes nothing from anybody but a master", async (t) => {
  const port = cluster.ready.slaves[1]?.port ?? 0;
  for (const name of ["admin", `slave-${S1}`]) {
    const log = new Recorder();
    const transport = new TlsTransport(certificates.of(name));
    const target = { host: "127.0.0.1", port, frameBytesMax: 10_000, peerUri: `urn:ringkv:slave:${SLAVES[1] ?? ""}` };
    const connection = await transport.connect(target, log.handlers);
    connection.send({ type: "hello", epoch: "999", masterId: "me", slaveId: SLAVES[1] });
    await log.closed();
    t.equal(log.frames.length, 1);
    t.match(JSON.parse(String(log.frames[0])), { type: "refused", code: "UNAUTHORIZED" });
  }
  await (await cluster.client(ADMIN)).put("still", "served");
});

t.test("up does not start a ring that lacks a certificate", async (t) => {
  const args = ["up", "--headless", "--data", temporaryDirectory(t), ...ANY_PORTS, "--slaves", "2"];
  t.match(await runCli([...args, "--tls", directoryWith(t, { admin: "admin", master: "master" })]), {
    code: 2,
    err: /slave-\d+\.crt/,
  });
});

t.test("after SIGHUP new connections see new certificates, while a client goes on over its old one", async (t) => {
  const made = await TestCertificates.make(t, SLAVES);
  const own = await SecuredCluster.start(t, ["--tls", made.path]);
  const states: string[] = [];
  const client = await own.client({ tls: made.of("client") }, { onConnection: (state) => states.push(state) });
  await client.put("before", "1");
  const serialOf = async (port: number) => {
    const socket = tls.connect({ host: "127.0.0.1", port, ...made.of("admin"), checkServerIdentity: () => undefined });
    await once(socket, "secureConnect");
    const { serialNumber } = socket.getPeerCertificate();
    socket.destroy();
    return serialNumber;
  };
  const ports = [own.ready.client.port, own.ready.registration.port, ...own.ready.slaves.map(({ port }) => port)];
  const before = await Promise.all(ports.map(serialOf));
  for (const wish of ["master", ...SLAVES.map((id) => `slave-${id}`)]) {
    rmSync(join(made.path, `${wish}.crt`));
    rmSync(join(made.path, `${wish}.key`));
  }
  await made.renewAll(SLAVES);
  own.daemon.child.kill("SIGHUP");
  for (const [index, port] of ports.entries()) {
    do await client.put("meanwhile", "2");
    while ((await serialOf(port)) === before[index]);
  }
  t.match(await client.get("before"), { value: "1" });
  t.strictSame(states, ["connected"]);
  t.match(await (await own.client({ tls: made.of("client") })).get("meanwhile"), { value: "2" });
});

t.test("certificates that cannot be used change nothing", async (t) => {
  const made = await TestCertificates.make(t);
  const data = temporaryDirectory(t);
  const master = new Daemon(["master", "--slaves", "2", "--data", data, ...ANY_PORTS, "--tls", made.path]);
  t.teardown(() => master.stop());
  const { client } = await master.ready<UpReady>();
  rmSync(join(made.path, "master.key"));
  copyFileSync(join(made.path, "client.key"), join(made.path, "master.key"));
  master.child.kill("SIGHUP");
  while (!/the certificates stay as they were: .*cannot be used/.test(master.stderr)) {
    await once(master.child.stderr ?? master.child, "data");
  }
  t.match(await runCli(["get", "k", "--connect", addressOf(client), "--tls", made.path]), {
    code: 1,
    err: /^RING_INCOMPLETE/,
  });
});
