import { once } from "node:events";
import { connect } from "node:net";
import { HOST, PeerDaemon, closeAll, freePort, startAll } from "./daemon.js";
import type { Peer } from "./peer.js";

/**
 * Redis as safe as it gets on two disks: a primary and a replica, each forces its append-only file before it answers. No
 * snapshots, and no rewrite of the file meanwhile, which would only slow it.
 */
export async function startRedis(program = "redis-server"): Promise<Peer> {
  const [port, replicaPort] = [await freePort(), await freePort()];
  const daemons = await startAll([
    () => PeerDaemon.start("redis primary", program, (directory) => flags(port, directory)),
    () =>
      PeerDaemon.start("redis replica", program, (directory) => [
        ...flags(replicaPort, directory),
        "--replicaof",
        `${HOST} ${port}`,
      ]),
  ]);
  const [primary] = daemons;
  const close = () => closeAll(daemons);
  try {
    await primary?.until(async () => {
      const told = await info(port);
      if (!/^slave0:.*state=online/m.test(told)) throw new Error(told);
    });
  } catch (error) {
    await close();
    throw error;
  }
  return { host: HOST, port, processes: daemons, close };
}

function flags(port: number, directory: string): readonly string[] {
  return [
    ...["--port", port.toString(), "--bind", HOST, "--dir", directory, "--daemonize", "no", "--save", ""],
    ...["--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0"],
    ...["--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0"],
  ];
}

async function info(port: number): Promise<string> {
  const socket = connect(port, HOST);
  try {
    await once(socket, "connect");
    socket.write("INFO replication\r\n");
    const [answer] = (await once(socket, "data")) as [Buffer];
    return answer.toString();
  } finally {
    socket.destroy();
  }
}
