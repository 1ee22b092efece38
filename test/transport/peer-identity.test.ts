import t from "tap";
import { describeIdentity, isAnyOf, urisOf } from "../../src/transport/peer-identity.js";

t.test("the URIs are found among a certificate's other names", (t) => {
  t.strictSame(urisOf("DNS:localhost, URI:urn:ringkv:master, IP Address:127.0.0.1, URI:urn:two"), [
    "urn:ringkv:master",
    "urn:two",
  ]);
  t.strictSame(urisOf("URI:urn:ringkv:slave:7"), ["urn:ringkv:slave:7"]);
  t.strictSame(urisOf("DNS:localhost"), []);
  t.strictSame(urisOf(""), []);
  t.end();
});

t.test("a name that contains what looks like a URI is one name", (t) => {
  t.strictSame(urisOf('DNS:"a, URI:urn:ringkv:master, b", URI:urn:ringkv:client'), ["urn:ringkv:client"]);
  t.strictSame(urisOf(String.raw`DNS:"a\", URI:urn:ringkv:master, \"b", URI:urn:ringkv:client`), ["urn:ringkv:client"]);
  t.strictSame(urisOf('URI:"urn:ringkv:master, x"'), ['"urn:ringkv:master, x"']);
  t.end();
});

t.test("only a certificate that holds makes its owner anybody", (t) => {
  const uris = ["urn:ringkv:admin"];
  t.ok(isAnyOf({ kind: "certificate", name: "x", uris: ["urn:other", ...uris] }, uris));
  t.notOk(isAnyOf({ kind: "certificate", name: "urn:ringkv:admin", uris: [] }, uris));
  t.notOk(isAnyOf({ kind: "invalid", reason: "it has expired" }, uris));
  t.notOk(isAnyOf({ kind: "none" }, uris));
  t.notOk(isAnyOf(undefined, uris));
  t.end();
});

t.test("an identity for people cannot act on a terminal", (t) => {
  t.equal(
    describeIdentity({ kind: "certificate", name: "s1\u001b[2J", uris: ["urn:a"] }),
    String.raw`certificate "s1\u001b[2J" (urn:a)`,
  );
  t.end();
});
