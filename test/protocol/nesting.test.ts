import fc from "fast-check";
import t from "tap";
import { RingkvError } from "../../src/protocol/errors.js";
import { LIMITS } from "../../src/protocol/limits.js";
import { clientRequest, decodeMessage } from "../../src/protocol/messages.js";
import { nestsDeeperThan } from "../../src/protocol/nesting.js";

/** The same of what was parsed. */
function depthOf(json: unknown): number {
  if (typeof json !== "object" || json === null) return 0;
  return 1 + Math.max(0, ...Object.values(json).map(depthOf));
}

t.test("the depth told from the text is that of what it parses to, whatever its strings hold", (t) => {
  const json = fc.json({ maxDepth: 8, stringUnit: fc.constantFrom("{", "[", "]", "}", '"', "\\", "a", "é") });
  fc.assert(
    fc.property(json, fc.nat({ max: 9 }), (text, max) => {
      const depth = depthOf(JSON.parse(text));
      return nestsDeeperThan(text, max) === depth > max && !nestsDeeperThan(JSON.stringify(text), max);
    }),
    { numRuns: 2_000 },
  );
  t.end();
});

t.test("a line of nothing but brackets is refused as BAD_FRAME at once, closed or not", (t) => {
  for (const line of [
    "[".repeat(LIMITS.frameBytesMax),
    "[".repeat(500_000) + "]".repeat(500_000),
    `{"type":"ping","x":${'{"a":'.repeat(100_000)}1${"}".repeat(100_000)}}`,
  ]) {
    try {
      decodeMessage(clientRequest, line);
      t.fail("it was taken");
    } catch (error) {
      t.match(error, { code: "BAD_FRAME", message: /nests deeper than 32/ });
      t.ok(error instanceof RingkvError);
    }
  }
  t.end();
});

t.test("a value full of brackets is a value, and a message may nest as deep as the limit", (t) => {
  const value = '[{"'.repeat(50_000);
  t.match(decodeMessage(clientRequest, JSON.stringify({ type: "putreq", key: "k", value })), { value });
  const deep = "[".repeat(LIMITS.nestingMax - 1) + "]".repeat(LIMITS.nestingMax - 1);
  t.match(decodeMessage(clientRequest, `{"type":"ping","x":${deep}}`), { type: "ping" });
  t.throws(() => decodeMessage(clientRequest, `{"type":"ping","x":[${deep}]}`), { code: "BAD_FRAME" });
  t.end();
});
