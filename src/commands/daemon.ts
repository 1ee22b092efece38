import { RingkvError } from "../protocol/errors.js";
import type { RunningDaemon } from "../server/daemon.js";
import { stderrLog } from "../server/log.js";
import { EXIT, describeError } from "./exit-code.js";
import { StopSignal } from "./stop-signal.js";

/** A daemon stops in good order within this time, in ms, or is ended. */
const STOP_LIMIT_MS = 5_000;

/**
 * Runs a daemon in this process until a signal stops it: announces it as one JSON line on stdout when it is ready.
 *
 * @param supervised it also stops when standard input ends, which is how the end of its supervisor shows; and a failed
 *   start is announced too, so that the supervisor can tell why
 * @param renew reads certificates anew, at SIGHUP; without it SIGHUP stops the daemon like the others
 */
export async function runDaemon(
  start: () => Promise<RunningDaemon<object>>,
  { supervised, renew }: { readonly supervised: boolean; readonly renew: (() => void) | undefined },
): Promise<number> {
  // What the daemons keep is for their owner only, also where a library below makes the files.
  process.umask(0o077);
  const stop = new StopSignal(STOP_LIMIT_MS, renew && (() => renewCertificates(renew)));
  // A supervisor that has gone away reads no announcement.
  process.stdout.on("error", () => undefined);
  if (supervised) process.stdin.on("close", stop.request).on("error", stop.request).resume();
  try {
    const starting = start();
    const daemon = await Promise.race([starting, stop.requested]);
    // Before it is ready it holds nothing that a crash could not interrupt, so it needs no good order.
    if (daemon === undefined) process.exit(EXIT.done);
    announce(daemon.ready);
    await Promise.race([daemon.stopped, stop.requested]);
    if (stop.isRequested) await daemon.stop();
    await daemon.stopped;
    return EXIT.done;
  } catch (error) {
    if (supervised) {
      const code = error instanceof RingkvError ? error.code : "INTERNAL";
      const message = error instanceof RingkvError ? error.message : describeError(error);
      announce({ event: "failed", code, message });
    }
    throw error;
  } finally {
    stop.dispose();
    process.stdin.destroy();
  }
}

/** Certificates that cannot be used change nothing: the daemon goes on with those that it has. */
function renewCertificates(renew: () => void): void {
  try {
    renew();
    stderrLog("info", "the certificates were read anew");
  } catch (error) {
    stderrLog("error", `the certificates stay as they were: ${describeError(error)}`);
  }
}

function announce(announcement: object): void {
  process.stdout.write(`${JSON.stringify(announcement)}\n`);
}
