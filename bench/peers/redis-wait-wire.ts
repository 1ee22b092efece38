/** Redis: a put is a SET and a WAIT 1, done when the replica has it, too. */
import type { ByteSink, OnAnswer, WireSession } from "../../src/bench/generator/wire.js";
import { RedisSession } from "./redis-session.js";

export function openSession(sink: ByteSink, onAnswer: OnAnswer): WireSession {
  return new RedisSession(sink, onAnswer, true);
}
