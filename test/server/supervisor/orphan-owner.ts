// A process that owns a supervisor of fake daemons, for orphan.test.ts to kill.
import { IDS, fakeCluster } from "./fake-cluster.js";

const [data = "", pause] = process.argv.slice(2);
const { supervisor } = fakeCluster(data);
await supervisor.start();
const pids = [supervisor.master.pid, ...supervisor.slaves.map((slave) => slave.pid)];
if (pause === "true" && IDS[0] !== undefined) await supervisor.control("pause", IDS[0]);
process.stdout.write(`${JSON.stringify(pids)}\n`);
