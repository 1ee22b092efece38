import { fileURLToPath } from "node:url";
import { join } from "node:path";
import type { Values } from "../config.js";
import { RingkvError } from "../protocol/errors.js";
import type { Cluster } from "../repl/cluster.js";
import { openLogFile } from "../server/storage/log-file.js";
import { openClusterData } from "../server/supervisor/cluster-data.js";
import { ProcessLauncher } from "../server/supervisor/process-launcher.js";
import { Supervisor, reachable } from "../server/supervisor/supervisor.js";
import { checkDaemonCredentials, supervisorTransport } from "./daemon-transport.js";
import { EXIT, describeError } from "./exit-code.js";
import { exposedMasterPorts } from "./exposure.js";
import { escapeLines } from "../protocol/unprintable.js";
import { hasScreen, loadMonitor } from "./load-monitor.js";
import type { UP } from "./settings.js";
import { StopSignal } from "./stop-signal.js";
import { masterTokens, tokenVariables } from "./tokens.js";

/** The daemons stop within 3 s, or are killed; the rest of the time, in ms, is for our own end. */
const STOP_LIMIT_MS = 6_000;

/** After the last ready line all slaves are up within moments; past this time, in ms, something is wrong with one. */
const WHOLE_TIMEOUT_MS = 10_000;

/** `ringkv up`: a whole cluster, and whoever is at standard input talks with it. */
export async function run(values: Values<typeof UP>): Promise<number> {
  const startedAt = performance.now();
  const isInteractive = process.stdin.isTTY && process.stdout.isTTY;
  // The cluster's data and logs are for their owner only.
  process.umask(0o077);
  let notify = (text: string): void => void process.stderr.write(`${escapeLines(text)}\n`);
  const tokens = masterTokens(values);
  for (const warning of exposedMasterPorts(values, tokens)) notify(warning);
  const { transport, renew } = supervisorTransport(values.tls, tokens);
  const onHangup = () => {
    try {
      renew?.();
      supervisor.renew();
    } catch (error) {
      notify(`the certificates stay as they were: ${describeError(error)}`);
    }
  };
  // A terminal that is gone ends all; without one, certificates are read anew.
  const stop = new StopSignal(STOP_LIMIT_MS, renew === undefined || isInteractive ? undefined : onHangup);
  const data = await openClusterData(values);
  try {
    if (values.tls !== undefined) checkDaemonCredentials(values.tls, data.slaves);
  } catch (error) {
    data.close();
    stop.dispose();
    throw error;
  }
  const supervisor = new Supervisor({
    slaves: data.slaves,
    launcher: new ProcessLauncher({
      settings: values,
      masterEnvironment: tokenVariables(tokens),
      data: data.path,
      slaves: data.slaves.length,
      command: [process.execPath, fileURLToPath(new URL("supervised.js", import.meta.url))],
      openLog: (name) => openLogFile(join(data.path, "logs", `${name}.log`)),
    }),
    transport,
    restart: values.restart,
    onNotice: (text) => notify(text),
  });
  const session = async (): Promise<number> => {
    const monitor = hasScreen() && !values.plain && !values.headless ? loadMonitor() : undefined;
    const [{ ConnectedCluster, runSession }] = await Promise.all([loadSession(), supervisor.start()]);
    const cluster = await ConnectedCluster.connect({
      ...reachable(supervisor.master.client),
      transport,
      isPatient: isInteractive,
    });
    try {
      await untilWhole(cluster, stop);
      if (values.headless) {
        process.stdout.write(`${JSON.stringify({ event: "ready", role: "up", ...describe(supervisor) })}\n`);
        await stop.requested;
        return EXIT.done;
      }
      const news = welcome(supervisor, performance.now() - startedAt);
      if (monitor !== undefined) {
        const { runFullScreen } = await monitor;
        await runFullScreen({
          ...values,
          cluster,
          status: await cluster.statusAddress(),
          startsInCommandLine: true,
          endsOnSignals: false,
          onOpen: (screen) => {
            notify = (text) => screen.notify(text);
            notify(news);
            void stop.requested.then(() => screen.close());
          },
        });
        return EXIT.done;
      }
      notify(news);
      return await runSession({
        cluster,
        errors: process.stdout,
        onPrompt: (prompt) => {
          notify = (text) => prompt.notify(text);
          void stop.requested.then(() => prompt.close());
        },
      });
    } finally {
      await cluster.close();
    }
  };
  try {
    const running = session();
    // When a signal wins the race, the session ends with the cluster under its feet; its complaint is no news.
    running.catch(() => undefined);
    return await Promise.race([
      running,
      stop.requested.then(() => (values.headless || isInteractive ? EXIT.done : EXIT.failed)),
    ]);
  } finally {
    stop.request();
    notify = () => undefined;
    await supervisor.stop();
    data.close();
    stop.dispose();
    process.stdin.destroy();
  }
}

/** Loaded while the daemons start. */
async function loadSession() {
  const [{ ConnectedCluster }, { runSession }] = await Promise.all([
    import("../repl/connected-cluster.js"),
    import("../repl/session.js"),
  ]);
  return { ConnectedCluster, runSession };
}

/** A slave that has registered is not up before its open updates are settled. */
async function untilWhole(cluster: Cluster, stop: StopSignal): Promise<void> {
  const deadline = performance.now() + WHOLE_TIMEOUT_MS;
  while (!stop.isRequested) {
    const { info, slaves } = await cluster.snapshot();
    if (info.ringComplete && slaves.every((slave) => slave.state === "up" && slave.supervised)) return;
    if (performance.now() > deadline) {
      const late = slaves.filter((slave) => slave.state !== "up").map((slave) => `${slave.name} is ${slave.state}`);
      throw new RingkvError("TIMEOUT", `the ring did not become whole: ${late.join(", ")}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function describe({ master, slaves }: Supervisor) {
  const { client, registration, status } = master;
  return { pid: process.pid, master: { pid: master.pid, epoch: master.epoch }, client, registration, status, slaves };
}

function welcome({ master, slaves }: Supervisor, elapsedMs: number): string {
  const { client, status } = master;
  const count = slaves.length === 1 ? "1 slave" : `${slaves.length.toString()} slaves`;
  return `ringkv: ${count} up in ${(elapsedMs / 1_000).toFixed(2)} s, clients ${client.host}:${client.port.toString()}, status ${status.host}:${status.port.toString()}`;
}
