/** The wire of ringkv with a number as `id` in each request: an answer, and above all a refusal, waits for no other. */
import { LineSession } from "./line-wire.js";
import type { ByteSink, OnAnswer, WireSession } from "./wire.js";

export const answersOvertake = true;

export function openSession(socket: ByteSink, onAnswer: OnAnswer): WireSession {
  return new LineSession(socket, onAnswer, true);
}
