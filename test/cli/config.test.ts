import { writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { CONNECT, MASTER, SETTING_NAMES, SLAVE, UP } from "../../src/commands/settings.js";
import { type Sources, UsageError, envOf, flagOf, readConfigFile, resolveSettings } from "../../src/config.js";

const NOTHING: Sources = { flags: {}, env: {}, file: undefined };

/** Writes a config file and reads it. */
function fileOf(t: { testdir(): string }, content: string) {
  const path = join(t.testdir(), "ringkv.json");
  writeFileSync(path, content);
  return readConfigFile(path, SETTING_NAMES);
}

t.test("a setting's flag and variable follow from its name", (t) => {
  t.equal(flagOf("clientPort"), "--client-port");
  t.equal(envOf("clientPort"), "RINGKV_CLIENT_PORT");
  t.end();
});

t.test("flags beat environment, which beats the config file, which beats defaults", (t) => {
  const file = fileOf(t, '{"client-port": 3, "status-port": 3, "registration-port": 3}');
  const env = { RINGKV_CLIENT_PORT: "2", RINGKV_STATUS_PORT: "2" };
  const values = resolveSettings(MASTER, { flags: { clientPort: "1" }, env, file });
  t.match(values, { clientPort: 1, statusPort: 2, registrationPort: 3, cacheWays: 4 });
  t.end();
});

t.test("a default of the master is that of the protocol's table", (t) => {
  t.match(resolveSettings(MASTER, NOTHING), { host: "127.0.0.1", clientPort: 8080, statusPort: 8081, slaves: 4 });
  t.end();
});

t.test("64-bit IDs keep every digit, from flags, environment and file", (t) => {
  const id = "18446744073709551615";
  t.equal(resolveSettings(SLAVE, { ...NOTHING, flags: { id } }).id, id);
  t.equal(resolveSettings(SLAVE, { ...NOTHING, env: { RINGKV_ID: id } }).id, id);
  t.equal(resolveSettings(SLAVE, { ...NOTHING, file: fileOf(t, `{"id": "${id}"}`) }).id, id);
  t.same(resolveSettings(UP, { ...NOTHING, flags: { ids: `${id}, 7` } }).ids, [id, "7"]);
  t.same(resolveSettings(UP, { ...NOTHING, file: fileOf(t, `{"ids": ["${id}", 7]}`) }).ids, [id, "7"]);
  t.equal(resolveSettings(SLAVE, { ...NOTHING, flags: { id: "-1" } }).id, id, "two's complement");
  t.end();
});

t.test("an ID that JSON has rounded is refused rather than taken wrongly", (t) => {
  t.throws(() => fileOf(t, '{"id": 18446744073709551615}'), { name: "UsageError", message: /write it as a string/ });
  t.end();
});

t.test("a wrong value is refused with the place where it stands", (t) => {
  const flags = { clientPort: "65536" };
  t.throws(() => resolveSettings(MASTER, { ...NOTHING, flags }), { message: /^--client-port must be a port/ });
  const env = { RINGKV_SLAVES: "many" };
  t.throws(() => resolveSettings(MASTER, { ...NOTHING, env }), { message: /^RINGKV_SLAVES must be .* not "many"/ });
  const file = fileOf(t, '{"slaves": 1.5}');
  t.throws(() => resolveSettings(MASTER, { ...NOTHING, file }), { message: /ringkv\.json: `slaves` must be/ });
  t.end();
});

t.test("a config file with an unknown name is refused, for it is a typing error", (t) => {
  t.throws(() => fileOf(t, '{"client-prt": 1}'), { message: /there is no setting `client-prt`/ });
  t.end();
});

t.test("a config file that is missing, no JSON or no object is refused with its name", (t) => {
  t.throws(() => readConfigFile("/nonexistent.json", SETTING_NAMES), UsageError);
  t.throws(() => fileOf(t, "{"), { message: /ringkv\.json/ });
  t.throws(() => fileOf(t, "[]"), { message: /one JSON object/ });
  t.end();
});

t.test("the environment of other commands is no business of this one", (t) => {
  const env = { RINGKV_SLAVES: "nonsense", RINGKV_UNKNOWN: "x" };
  t.match(resolveSettings(CONNECT, { ...NOTHING, env }), { connect: { host: "127.0.0.1", port: 8080 } });
  t.end();
});

t.test("an empty variable counts as unset", (t) => {
  t.equal(resolveSettings(MASTER, { ...NOTHING, env: { RINGKV_SLAVES: "" } }).slaves, 4);
  t.end();
});

t.test("switches read true, false, 1 and 0", (t) => {
  t.equal(resolveSettings(UP, { ...NOTHING, flags: { headless: true } }).headless, true);
  t.equal(resolveSettings(UP, { ...NOTHING, env: { RINGKV_HEADLESS: "0" } }).headless, false);
  t.throws(() => resolveSettings(UP, { ...NOTHING, env: { RINGKV_HEADLESS: "maybe" } }), /true or false/);
  t.end();
});

t.test("an address is HOST:PORT, an IPv6 one in brackets", (t) => {
  const connect = (text: string) => resolveSettings(CONNECT, { ...NOTHING, flags: { connect: text } }).connect;
  t.same(connect("db.example:9"), { host: "db.example", port: 9 });
  t.same(connect("[::1]:9"), { host: "::1", port: 9 });
  for (const wrong of ["", "host", ":9", "host:0", "host:65536", "::1:9", "a b:9"]) {
    t.throws(() => connect(wrong), UsageError, wrong);
  }
  t.end();
});
