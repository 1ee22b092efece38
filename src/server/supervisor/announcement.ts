import { z } from "zod";
import { ERROR_CODES } from "../../protocol/errors.js";

/**
 * The one line that a daemon prints on its standard output: that it is ready, or, for its supervisor only, why it will
 * never be.
 */
const address = z.object({ host: z.string(), port: z.number() });

const masterReady = z.object({
  event: z.literal("ready"),
  role: z.literal("master"),
  pid: z.number(),
  epoch: z.string(),
  client: address,
  registration: address,
  status: address,
});

const slaveReady = z.object({
  event: z.literal("ready"),
  role: z.literal("slave"),
  pid: z.number(),
  id: z.string(),
  host: z.string(),
  port: z.number(),
});

const failed = z.object({ event: z.literal("failed"), code: z.enum(ERROR_CODES), message: z.string() });

export const announcement = z.union([z.discriminatedUnion("role", [masterReady, slaveReady]), failed]);

export type MasterReady = z.output<typeof masterReady>;
export type SlaveReady = z.output<typeof slaveReady>;
export type Ready = MasterReady | SlaveReady;
