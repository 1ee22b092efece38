import { X509Certificate } from "node:crypto";
import { readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { CertificateDirectory, wishesOf } from "../../src/commands/certificate-directory.js";
import { clientCredentials, daemonCredentials } from "../../src/commands/credentials.js";
import type { SlaveId } from "../../src/protocol/ids.js";

const SLAVES = ["7", "18446744073709551615"] as SlaveId[];

async function made(path: string): Promise<readonly boolean[]> {
  const directory = await CertificateDirectory.open(path);
  const results: boolean[] = [];
  for (const wish of wishesOf(SLAVES, ["ring.example", "10.0.0.1"])) results.push(await directory.issue(wish));
  return results;
}

function read(path: string, name: string): X509Certificate {
  return new X509Certificate(readFileSync(join(path, `${name}.crt`)));
}

t.test("everyone in a ring gets a certificate that its CA has signed and that says what he is", async (t) => {
  const path = join(t.testdir(), "certs");
  await made(path);
  const ca = read(path, "ca");
  t.equal(ca.ca, true);
  for (const [name, uri] of [
    ["master", "urn:ringkv:master"],
    ["slave-7", "urn:ringkv:slave:7"],
    ["slave-18446744073709551615", "urn:ringkv:slave:18446744073709551615"],
    ["client", "urn:ringkv:client"],
    ["admin", "urn:ringkv:admin"],
  ] as const) {
    const certificate = read(path, name);
    t.ok(certificate.checkIssued(ca) && certificate.verify(ca.publicKey), name);
    t.match(certificate.subjectAltName, `URI:${uri}`);
    t.equal(certificate.ca, false);
    t.equal(certificate.subject, `CN=${name}`);
    const days = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 86_400_000;
    t.equal(Math.round(days), 365);
  }
});

t.test("only the master's is for hosts, and clients' are for connecting only", async (t) => {
  const path = join(t.testdir(), "certs");
  await made(path);
  const master = read(path, "master");
  for (const host of ["localhost", "ring.example"]) t.equal(master.checkHost(host), host);
  for (const address of ["127.0.0.1", "::1", "10.0.0.1"]) t.ok(master.checkIP(address), address);
  t.equal(read(path, "slave-7").checkHost("localhost"), undefined);
  const [server, client] = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];
  t.strictSame(
    [master.keyUsage, read(path, "slave-7").keyUsage],
    [
      [server, client],
      [server, client],
    ],
  );
  t.strictSame([read(path, "client").keyUsage, read(path, "admin").keyUsage], [[client], [client]]);
});

t.test("all files are for their owner only", { skip: process.platform === "win32" }, async (t) => {
  const path = join(t.testdir(), "certs");
  await made(path);
  t.equal(statSync(path).mode & 0o777, 0o700);
  for (const file of readdirSync(path)) t.equal(statSync(join(path, file)).mode & 0o777, 0o600, file);
});

t.test("what is there stays, what is missing is made, with the same CA", async (t) => {
  const path = join(t.testdir(), "certs");
  t.strictSame(new Set(await made(path)), new Set([true]));
  const before = new Map(readdirSync(path).map((file) => [file, readFileSync(join(path, file), "utf8")]));
  t.strictSame(new Set(await made(path)), new Set([false]));
  rmSync(join(path, "master.crt"));
  t.strictSame(await made(path), [true, false, false, false, false]);
  for (const [file, text] of before) {
    if (file !== "master.crt") t.equal(readFileSync(join(path, file), "utf8"), text, file);
  }
  t.ok(read(path, "master").checkIssued(read(path, "ca")));
});

t.test("without the CA's key nothing is signed", async (t) => {
  const path = join(t.testdir(), "certs");
  await made(path);
  rmSync(join(path, "ca.key"));
  rmSync(join(path, "admin.crt"));
  await t.rejects(made(path), { code: "BAD_REQUEST", message: /ca\.key is not there, so admin\.crt cannot be signed/ });
});

t.test("a client takes the admin's certificate, else the client's, else knows the master only", async (t) => {
  const path = join(t.testdir(), "certs");
  await made(path);
  const text = (file: string) => readFileSync(join(path, file), "utf8");
  t.strictSame(clientCredentials(path), daemonCredentials(path, "admin"));
  rmSync(join(path, "admin.crt"));
  t.strictSame(clientCredentials(path), { ca: text("ca.crt"), cert: text("client.crt"), key: text("client.key") });
  rmSync(join(path, "client.crt"));
  t.strictSame(clientCredentials(path), { ca: text("ca.crt") });
  t.throws(() => daemonCredentials(path, "slave-8"), { name: "UsageError", message: /slave-8\.crt/ });
});
