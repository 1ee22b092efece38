/** Redis: SET is answered when it is on the primary's disk. */
import type { ByteSink, OnAnswer, WireSession } from "../../src/bench/generator/wire.js";
import { RedisSession } from "./redis-session.js";

export function openSession(sink: ByteSink, onAnswer: OnAnswer): WireSession {
  return new RedisSession(sink, onAnswer, false);
}
