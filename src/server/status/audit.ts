import { RingkvError } from "../../protocol/errors.js";
import type { LogLevel } from "../../protocol/messages.js";
import type { Connection } from "../../transport/transport.js";
import { describePeer } from "../access/refusals.js";
import type { Log } from "../log.js";
import type { StatusPortHost } from "./status-port.js";

/**
 * The master as one admin reaches it: whatever he does to the ring leaves a line in the log that tells what it was, what came
 * of it, and who he is.
 */
export function audited(host: StatusPortHost & { readonly log: Log }, admin: Connection): StatusPortHost {
  const { feed, control, view, slaveControl, masterControl, faults, stepMode } = host;
  const who = describePeer(admin);
  const tell = (level: LogLevel, what: string, outcome: string) => host.log(level, `${what}: ${outcome} [by ${who}]`);
  const failed = (what: string, error: unknown) => {
    if (error instanceof RingkvError) tell("warn", what, `${error.code} ${error.message}`);
  };
  const now = (what: string, act: () => string): string => {
    try {
      const outcome = act();
      tell("warn", what, outcome);
      return outcome;
    } catch (error) {
      failed(what, error);
      throw error;
    }
  };
  const later = async <Done>(what: string, act: () => Promise<Done>, told: (done: Done) => string): Promise<Done> => {
    try {
      const done = await act();
      tell("warn", what, told(done));
      return done;
    } catch (error) {
      failed(what, error);
      throw error;
    }
  };
  return {
    feed,
    control,
    view,
    slaveControl: {
      run(verb, slave, point) {
        // By the slave's own name: what the admin has written is never put into the log.
        const { name } = view.find(slave);
        return later(
          commandOf(verb, name, point),
          () => slaveControl.run(verb, slave, point),
          (message) => message,
        );
      },
    },
    masterControl: {
      run: (verb, point) =>
        later(
          commandOf(verb, "master", point),
          () => masterControl.run(verb, point),
          ({ message }) => message,
        ),
    },
    faults: {
      set: (slave, fault) => now(`${fault.kind} ${view.find(slave).name}`, () => faults.set(slave, fault)),
    },
    stepMode: { run: (mode) => now(`step ${mode}`, () => stepMode.run(mode)) },
  };
}

function commandOf(verb: string, name: string, point: string | undefined): string {
  return point === undefined ? `${verb} ${name}` : `${verb} ${name} ${point}`;
}
