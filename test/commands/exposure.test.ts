import t from "tap";
import { exposedMasterPorts, exposedSlavePort } from "../../src/commands/exposure.js";

const MASTER = { clientPort: 8080, registrationPort: 9090, statusPort: 8081, tls: undefined, insecure: false };
const TOKENS = { client: "c", admin: "a" };

t.test("addresses of this machine alone need no protection", (t) => {
  for (const host of ["127.0.0.1", "127.8.9.10", "::1", "localhost", "LOCALHOST", "::ffff:127.0.0.1"]) {
    t.strictSame(exposedMasterPorts({ ...MASTER, host }, {}), [], host);
  }
  t.end();
});

t.test("any other address is refused, and each open port is named with its ways out", (t) => {
  for (const host of [
    "0.0.0.0",
    "::",
    "10.0.0.1",
    "ring.example",
    "127.evil.example",
    "1127.0.0.1",
    "::ffff:10.0.0.1",
  ]) {
    t.throws(() => exposedMasterPorts({ ...MASTER, host }, {}), {
      name: "UsageError",
      message: `--host ${host} lets other machines in: the client port (8080) needs --client-token-file or --tls, the registration port (9090) needs --tls, the status port (8081) needs --admin-token-file or --tls; or say --insecure, if everybody there may do anything`,
    });
  }
  t.throws(() => exposedSlavePort({ ...MASTER, host: "0.0.0.0" }), { message: /: the slave's port needs --tls; or/ });
  t.end();
});

t.test("a token protects its own port only", (t) => {
  const open = { ...MASTER, host: "0.0.0.0" };
  t.throws(() => exposedMasterPorts(open, TOKENS), { message: /in: the registration port \(9090\) needs --tls; or/ });
  t.throws(() => exposedMasterPorts(open, { client: "c" }), {
    message: /in: the registration port .*, the status port/,
  });
  t.end();
});

t.test("TLS protects all of them", (t) => {
  t.strictSame(exposedMasterPorts({ ...MASTER, host: "0.0.0.0", tls: "certs" }, {}), []);
  t.strictSame(exposedSlavePort({ ...MASTER, host: "0.0.0.0", tls: "certs" }), []);
  t.end();
});

t.test("whoever says --insecure gets a warning for each open port", (t) => {
  t.strictSame(exposedMasterPorts({ ...MASTER, host: "0.0.0.0", insecure: true }, { admin: "a" }), [
    "INSECURE: the client port (8080) on 0.0.0.0 serves everybody who reaches it",
    "INSECURE: the registration port (9090) on 0.0.0.0 serves everybody who reaches it",
  ]);
  t.end();
});
