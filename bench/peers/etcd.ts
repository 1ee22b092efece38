import { HOST, PeerDaemon, closeAll, freePort, startAll } from "./daemon.js";
import type { Peer } from "./peer.js";

/** More than a bench writes; etcd's default of 2 GiB is not. */
const QUOTA_BYTES = 8_589_934_592;

/** A cluster of etcd. Clients are told the leader's address, which spares them and it the way over another node. */
export async function startEtcd(nodes: number, program = "etcd"): Promise<Peer> {
  const members: { readonly name: string; readonly client: number; readonly peer: number }[] = [];
  for (let n = 1; n <= nodes; n++) members.push({ name: `n${n}`, client: await freePort(), peer: await freePort() });
  const token = `bench-${process.pid}-${members.map(({ peer }) => peer).join("-")}`;
  const cluster = members.map(({ name, peer }) => `${name}=http://${HOST}:${peer}`).join();
  const daemons = await startAll(
    members.map(
      ({ name, client, peer }) =>
        () =>
          PeerDaemon.start(`etcd ${name}`, program, (directory) => [
            ...["--name", name, "--data-dir", directory, "--initial-cluster", cluster],
            ...["--initial-cluster-token", token, "--initial-cluster-state", "new"],
            ...[
              "--listen-client-urls",
              `http://${HOST}:${client}`,
              "--advertise-client-urls",
              `http://${HOST}:${client}`,
            ],
            ...[
              "--listen-peer-urls",
              `http://${HOST}:${peer}`,
              "--initial-advertise-peer-urls",
              `http://${HOST}:${peer}`,
            ],
            ...["--logger", "zap", "--log-level", "error", "--quota-backend-bytes", QUOTA_BYTES.toString()],
          ]),
    ),
  );
  const close = () => closeAll(daemons);
  try {
    const [first] = daemons;
    const leader = await first?.until(async () => {
      const found = await Promise.all(members.map(async ({ client }) => ((await leads(client)) ? [client] : [])));
      const [port] = found.flat();
      if (port === undefined) throw new Error("no leader yet");
      return port;
    });
    return { host: HOST, port: leader ?? 0, processes: daemons, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Asked through the JSON gateway, which only the start uses. */
async function leads(port: number): Promise<boolean> {
  const answer = await fetch(`http://${HOST}:${port}/v3/maintenance/status`, { method: "POST", body: "{}" });
  const { header, leader } = (await answer.json()) as { header?: { member_id?: string }; leader?: string };
  return leader !== undefined && leader === header?.member_id;
}
