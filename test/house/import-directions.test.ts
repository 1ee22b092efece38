import { fileURLToPath } from "node:url";
import { ESLint } from "eslint";
import t from "tap";

/** Plants a line at the top of an existing file, in memory, and returns the rules that the lint finds broken. */
async function plant(file: string, line: string): Promise<string[]> {
  const cwd = fileURLToPath(new URL("../..", import.meta.url));
  const [result] = await new ESLint({ cwd }).lintText(`${line}\n`, { filePath: `${cwd}/src/${file}` });
  return (result?.messages ?? []).map(({ ruleId }) => ruleId ?? "parse error");
}

const refused: [file: string, line: string, rule: string][] = [
  ["core/ring.ts", 'import "node:net";', "no-restricted-imports"],
  ["core/ring.ts", 'import "../server/log.js";', "no-restricted-imports"],
  ["core/ring.ts", 'export const x = await import("node:fs");', "no-restricted-syntax"],
  ["core/two-phase-commit/recovery.ts", 'import "zod";', "no-restricted-imports"],
  ["core/ring.ts", "export const now = Date.now();", "no-restricted-globals"],
  ["core/ring.ts", "export const luck = Math.random();", "no-restricted-properties"],
  ["protocol/ids.ts", 'import "../core/ring.js";', "no-restricted-imports"],
  ["repl/tokenize.ts", 'import "../server/log.js";', "no-restricted-imports"],
  ["repl/tokenize.ts", 'import "../core/ring.js";', "no-restricted-imports"],
  ["client/client.ts", 'import "node:net";', "no-restricted-imports"],
  ["client/client.ts", 'import "../server/log.js";', "no-restricted-imports"],
  ["transport/tcp.ts", 'import "../server/log.js";', "no-restricted-imports"],
  ["server/log.ts", 'import "node:fs";', "no-restricted-imports"],
  ["server/log.ts", 'import "node:child_process";', "no-restricted-imports"],
  ["server/log.ts", "export default 1;", "no-restricted-syntax"],
  ["client/client.ts", 'import "../testing/history.js";', "no-restricted-imports"],
  ["testing/history.ts", 'import "../core/ring.js";', "no-restricted-imports"],
  ["testing/history.ts", 'import "node:fs";', "no-restricted-imports"],
  ["testing/history.ts", 'import "../server/log.js";', "no-restricted-imports"],
  ["testing/cluster/until.ts", 'import "../../core/ring.js";', "no-restricted-imports"],
  ["testing/cluster/until.ts", 'import "../../repl/tokenize.js";', "no-restricted-imports"],
  ["testing/cluster/until.ts", 'import "node:child_process";', "no-restricted-imports"],
];

for (const [file, line, rule] of refused) {
  t.test(`the lint refuses \`${line}\` in src/${file}`, async (t) => {
    t.ok((await plant(file, line)).includes(rule), rule);
  });
}

const allowed: [file: string, line: string][] = [
  ["core/ring.ts", 'import "../protocol/ids.js";'],
  ["server/log.ts", 'import "../core/ring.js";'],
  ["transport/tcp.ts", 'import "node:net";'],
  ["testing/history.ts", 'import "../client/client.js";'],
  ["testing/cluster/until.ts", 'import "../../server/log.js";'],
];

for (const [file, line] of allowed) {
  t.test(`the lint allows \`${line}\` in src/${file}`, async (t) => {
    t.strictSame(await plant(file, line), []);
  });
}
