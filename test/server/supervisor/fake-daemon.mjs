// Stands in for cli.js in the supervisor's tests: announces itself as the real daemons do and does what FAKE tells it to.
// FAKE: comma-separated NAME=BEHAVIOUR, where NAME is `master` or a slave's ID, and BEHAVIOUR is one of
//   fail      announces a failure    | exit     ends without a word   | silent  never announces anything
//   stubborn  ignores SIGTERM        | garbage  announces something else
// With a failpoint of `replay` or `save-epoch` it dies before it announces anything.
// The fake master is a real listener on its status port, which the test plays.
import { createServer } from "node:net";

const [role, ...flags] = process.argv.slice(2);
const options = Object.fromEntries(flags.map((flag) => flag.replace(/^--/, "").split("=")));
const name = role === "master" ? "master" : options.id;
const behaviour = new Map((process.env.FAKE ?? "").split(",").map((entry) => entry.split("="))).get(name);

process.stderr.write(`${name} starts: ${flags.join(" ")}\n`);
if (behaviour === "stubborn") process.on("SIGTERM", () => process.stderr.write("not yet\n"));
process.stdin.on("end", () => process.exit(0)).resume();

const point = process.env.RINGKV_FAILPOINT;
process.stderr.write(`${name} has the failpoint ${point}\n`);
if (/replay|save-epoch/.test(point ?? "")) process.kill(process.pid, "SIGKILL");

const announce = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
switch (behaviour) {
  case "fail":
    announce({ event: "failed", code: "STORAGE", message: "the disk is on fire" });
    process.exit(1);
    break;
  case "exit":
    process.exit(7);
    break;
  case "silent":
    break;
  case "garbage":
    process.stdout.write("hello\n");
    break;
  default:
    if (role === "slave") announce({ event: "ready", role, pid: process.pid, id: name, host: "127.0.0.1", port: 4242 });
    else serveMaster();
}

function serveMaster() {
  const supervisors = new Set();
  let admin;
  const server = createServer((socket) => {
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      const lines = text.split("\n");
      text = lines.pop();
      for (const line of lines) {
        const { type } = JSON.parse(line);
        // What is no supervisor's is the test's, and goes through to the supervisor as it is; its answers go back.
        if (type === "supervise") supervisors.add(socket);
        if (type === "hello") socket.write(`${JSON.stringify({ supervisors: supervisors.size })}\n`);
        else if (supervisors.has(socket)) admin?.write(`${line}\n`);
        else for (const supervisor of supervisors) ((admin = socket), supervisor.write(`${line}\n`));
      }
    });
    socket.on("close", () => supervisors.delete(socket)).on("error", () => undefined);
  });
  server.listen(Number(options["status-port"]), "127.0.0.1", () => {
    const at = (port) => ({ host: "127.0.0.1", port });
    const status = at(server.address().port);
    const other = (flag, free) => at(Number(options[flag]) || free);
    announce({
      event: "ready",
      role,
      pid: process.pid,
      epoch: "1",
      client: other("client-port", 1111),
      registration: other("registration-port", 2222),
      status,
    });
  });
}
