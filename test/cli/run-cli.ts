import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The built command line, as users run it; `npm test` builds it first. RINGKV_TEST_CLI names another build. */
const CLI = process.env["RINGKV_TEST_CLI"] ?? fileURLToPath(new URL("../../dist/cli.js", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/**
 * Starts `ringkv` with its standard streams as pipes and an environment without what would change its answers. `env` (which
 * becomes node, pid included) takes away what tap's own instrumentation of child processes has put in.
 */
export function startCli(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const unwanted = Object.keys(process.env).filter((name) => /^(?:RINGKV_|NO_COLOR|FORCE_COLOR)/.test(name));
  const without = ["NODE_OPTIONS", ...unwanted].flatMap((name) => ["-u", name]);
  const set = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const child = spawn("env", [...without, ...set, process.execPath, CLI, ...args], { stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.on("error", () => undefined);
  return child;
}

/** Runs `ringkv` to its end. */
export async function runCli(
  args: readonly string[],
  input = "",
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = startCli(args, env);
  child.stdin.end(input);
  const [out, err, code] = await Promise.all([textOf(child.stdout), textOf(child.stderr), exitOf(child)]);
  return { code, out, err };
}

/** Resolves with the exit code, null after a signal. */
export function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
    else child.once("exit", resolve);
  });
}

/** Resolves with the first line of stdout, as JSON. */
export async function readyLine(child: ReturnType<typeof startCli>): Promise<unknown> {
  for await (const line of createInterface({ input: child.stdout })) return JSON.parse(line) as unknown;
  throw new Error("it ended without a ready line");
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += String(chunk);
  return text;
}
