import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import t, { type Test } from "tap";
import { quote } from "../../src/repl/tokenize.js";
import { Pty } from "../tui/pty.js";
import { CLI, type Cluster, startCluster } from "./cluster.js";
import { lastingPorts } from "./lasting-ports.js";
import { RawClient } from "./raw-client.js";
import { Random } from "../random.js";

/** The prompt as people meet it: `ringkv repl` in a terminal, a cluster of processes behind it. */

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const CTRL_R = "\u0012";
const CTRL_Z = "\u001a";
const UP = "\u001b[A";

const pasted = (text: string) => `\u001b[200~${text}\u001b[201~`;

/** For all tests that leave it alone. */
const cluster = await startCluster(t, { slaves: 2 });

interface Options {
  readonly state?: string;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
}

function command(cluster: Cluster): readonly [string, ...string[]] {
  const { host, port } = cluster.ready.client;
  return [process.execPath, CLI, "repl", "--connect", `${host}:${port}`];
}

/** A REPL in a terminal, its prompt shown. */
async function open(t: Test, cluster: Cluster, { state = t.testdir(), columns = 80, env = {} }: Options = {}) {
  const pty = new Pty(command(cluster), {
    columns,
    rows: 24,
    env: { XDG_STATE_HOME: state, FORCE_COLOR: "1", ...env },
  });
  t.teardown(() => pty.end());
  await pty.waitFor(hasPrompt());
  return pty;
}

/** The last line is a prompt with this behind it. */
function hasPrompt(text = ""): (lines: readonly string[]) => boolean {
  return (lines) => {
    const last = lines.findLast((line) => line !== "") ?? "";
    return /^ringkv[^>]*>/.test(last) && last.replace(/^ringkv[^>]*> ?/, "") === text;
  };
}

/** A line has it, or the screen matches. */
const hasText = (text: string | RegExp) => (lines: readonly string[]) =>
  typeof text === "string" ? lines.some((line) => line.includes(text)) : text.test(lines.join("\n").trimEnd());

t.test("history is there in the next REPL: for Up, for Ctrl-R, and for its owner alone", async (t) => {
  const state = t.testdir();
  const first = await open(t, cluster, { state });
  first.type("put city Paris\rget city\rput k <<END\r{\r}\rEND\r");
  await first.waitFor(hasText(/END\nOK.*\nringkv[^>]*>$/));
  first.type(CTRL_D);
  t.equal((await first.exit).code, 0);
  t.equal(statSync(join(state, "ringkv", "history")).mode & 0o777, 0o600);
  const second = await open(t, cluster, { state });
  second.type(UP);
  await second.waitFor(hasText(/put k <<END\n +\.\.\.> \{\n +\.\.\.> \}\n +\.\.\.> END$/));
  second.type(`${CTRL_C}${CTRL_R}par`);
  await second.waitFor(hasText("(search: par) put city Paris"));
  second.type(`${CTRL_C}${CTRL_R}ci`);
  await second.waitFor(hasText("(search: ci) get city"));
  second.type("\r");
  await second.waitFor(hasText(/get city\nParis {2}\(/));
});

t.test("Tab completes a key that was put a moment ago, quoted where it must be", async (t) => {
  const pty = await open(t, cluster);
  pty.type("put user:42 alice\rput 'two words' 2\r");
  await pty.waitFor(hasText(/OK[^]*OK[^]*\nringkv[^>]*>$/));
  pty.type("get us\t");
  await pty.waitFor(hasPrompt("get user:42"));
  pty.type("\r");
  await pty.waitFor(hasText(/\nalice {2}\(.*\nringkv[^>]*>$/));
  pty.type("get tw\t");
  await pty.waitFor(hasPrompt('get "two words"'));
});

const VALUES: readonly (readonly [what: string, value: string])[] = [
  ["quotes and backslashes", `"it's" \\ \\n 'so'`],
  ["newlines and tabs", "one\ntwo\r\n\tthree\n"],
  ["JSON", '{"a": [1, 2.5, "x y"], "ü": null}'],
  ["emoji", "👩🏽‍🚀 👨‍👩‍👧 🇩🇪 ❤️ e\u0301"],
  ["control characters", "\u0000\u0001\u0007\u001b[2J\u001b]0;title\u0007\u007f\u0085\u009b"],
  ["what turns the line around", "\u202eabc\u2066\u200f"],
  ["nothing", ""],
];

t.test("values survive the way in, byte for byte, and come out without steering the terminal", async (t) => {
  const pty = await open(t, cluster);
  const raw = await RawClient.connect(cluster.ready.client);
  t.teardown(() => raw.close());
  for (const [index, [what, value]] of VALUES.entries()) {
    pty.type(`\u000cput v${index} ${quote(value)}\r`);
    await pty.waitFor(hasText(new RegExp(`put v${index} [^]*\\nOK {2}\\(.*\\nringkv[^>]*>$`)));
    t.match(await raw.ask(JSON.stringify({ type: "getreq", key: `v${index}` })), { value }, what);
  }
  const { clears } = pty.emulator;
  pty.type("get v4\r");
  await pty.waitFor(hasText("\\x00\\x01\\x07\\x1b[2J\\x1b]0;title\\x07\\x7f\\x85\\x9b  ("));
  t.equal(pty.emulator.clears, clears);
});

t.test(
  "text that is pasted comes in as it is: JSON as a word, controls within quotes, tabs without completion",
  async (t) => {
    const pty = await open(t, cluster);
    pty.type(pasted('put json {"a": "b c"}\nput raw \'a\tb\u001bc\u0007\'\nhel\tget'));
    await pty.waitFor(hasPrompt("hel\\x09get"));
    t.equal((await cluster.client.get("json"))?.value, '{"a": "b c"}');
    t.equal((await cluster.client.get("raw"))?.value, "a\tb\u001bc\u0007");
  },
);

t.test("a heredoc takes lines as they are, and Ctrl-C drops it", async (t) => {
  const pty = await open(t, cluster);
  pty.type("put gone <<END\rlost");
  await pty.waitFor(hasText(/\.\.\.> lost$/));
  pty.type(CTRL_C);
  await pty.waitFor(hasPrompt());
  pty.type("put text <<END\r  'one'\r\rtwo\rEND\r");
  await pty.waitFor(hasText("OK"));
  t.equal((await cluster.client.get("text"))?.value, "  'one'\n\ntwo");
  t.equal(await cluster.client.get("gone"), undefined);
});

t.test("commands that there are, strings and numbers have colours; hints are dim; NO_COLOR has none", async (t) => {
  const looks = (pty: Pty) => {
    const { lines } = pty.emulator;
    const row = lines.findLastIndex((line) => line.startsWith("ringkv"));
    const surface = pty.emulator.surface();
    const styleOf = (text: string) => surface.styles[row * 80 + (lines[row]?.indexOf(text) ?? 0)];
    return ["put", "'x y'", "ringkv"].map(styleOf);
  };
  const colored = await open(t, cluster);
  colored.type("put 'x y' ");
  await colored.waitFor(hasPrompt("put 'x y' V"));
  t.same(looks(colored), ["36", "32", "1"]);
  const plain = await open(t, cluster, { env: { NO_COLOR: "1" } });
  plain.type("put 'x y' ");
  await plain.waitFor(hasPrompt("put 'x y'"));
  t.same(looks(plain), ["", "", ""]);
});

t.test("in a narrow terminal, and when its size changes, the line is whole and the cursor right", async (t) => {
  const pty = await open(t, cluster, { columns: 33 });
  const text = "put key 'a value of 日本語 and more of it'";
  pty.type(text);
  const isWhole = (lines: readonly string[]) => {
    const start = lines.findLastIndex((line) => line.startsWith("ringkv"));
    return (
      lines
        .slice(start)
        .join("")
        .replace(/^ringkv[^>]*> /, "") === text
    );
  };
  await pty.waitFor(isWhole);
  for (const columns of [71, 20, 50]) {
    pty.resize(columns, 24);
    await pty.waitFor(isWhole);
  }
  pty.type("\r");
  await pty.waitFor(hasText("OK"));
  t.equal((await cluster.client.get("key"))?.value, "a value of 日本語 and more of it");
});

/** A shell that notes the terminal's settings, runs the REPL, and notes them again. */
class Shell {
  readonly pty: Pty;
  readonly #directory: string;

  constructor(t: Test, cluster: Cluster) {
    this.#directory = t.testdir();
    // When the program is stopped, the shell goes on as at its prompt: it waits for a line and continues the program.
    const script = `set -m; stty -a > before; sh -c 'echo $$ > pid; exec "$@"' sh "$@"; code=$?; jobs > jobs
      if [ -s jobs ]; then echo stopped; read line; fg > fg; code=$?; fi
      stty -a > after; echo "code $code"; read line`;
    this.pty = new Pty(["sh", "-c", script, "sh", ...command(cluster)], {
      columns: 80,
      rows: 24,
      cwd: this.#directory,
      env: { XDG_STATE_HOME: this.#directory, FORCE_COLOR: "1" },
    });
    t.teardown(() => this.pty.end());
  }

  /** Signals the REPL. */
  kill(signal: NodeJS.Signals): void {
    process.kill(Number(this.#read("pid")), signal);
  }

  /** The REPL has ended with this code, and the terminal is as it was. */
  async isWhole(t: Test, code: number): Promise<void> {
    await this.pty.waitFor((lines) => lines.includes(`code ${code}`));
    t.equal(this.#read("after"), this.#read("before"));
    t.same(this.pty.emulator.modes, { autowrap: true, bracketedPaste: false, updating: false });
    t.not(this.pty.emulator.cursor, undefined);
  }

  #read(name: string): string {
    return readFileSync(join(this.#directory, name), "utf8").replace(/rows \d+; columns \d+/, "");
  }
}

const ENDS: readonly (readonly [how: string, end: (shell: Shell) => void, code: number])[] = [
  ["Ctrl-D", ({ pty }) => pty.type(CTRL_D), 0],
  ["quit", ({ pty }) => pty.type("quit\r"), 0],
  ["SIGTERM", (shell) => shell.kill("SIGTERM"), 143],
  ["SIGHUP", (shell) => shell.kill("SIGHUP"), 129],
];

t.test("after each way to leave the terminal is as it was, and the shell goes on in a line of its own", async (t) => {
  for (const [how, end, code] of ENDS) {
    await t.test(how, async (t) => {
      const shell = new Shell(t, cluster);
      await shell.pty.waitFor(hasPrompt());
      t.ok(shell.pty.emulator.modes.bracketedPaste);
      end(shell);
      await shell.isWhole(t, code);
    });
  }
});

t.test("Ctrl-Z gives the terminal back to the shell, and fg brings back what was typed", async (t) => {
  const shell = new Shell(t, cluster);
  const { pty } = shell;
  await pty.waitFor(hasPrompt());
  pty.type("put half");
  await pty.waitFor(hasPrompt("put half V"));
  pty.type(CTRL_Z);
  await pty.waitFor(hasText("stopped"));
  t.notOk(pty.emulator.modes.bracketedPaste);
  pty.type("\r");
  await pty.waitFor((lines) => lines.filter((line) => line.includes("put half V")).length === 2);
  pty.type(" 1\r");
  await pty.waitFor(hasText("OK"));
  pty.type(CTRL_D);
  await shell.isWhole(t, 0);
});

t.test("a slave that dies shows in the prompt and above it, with what is typed kept", async (t) => {
  const cluster = await startCluster(t, { slaves: 3 });
  const pty = await open(t, cluster);
  await pty.waitFor(hasText(/^ringkv 3\/3>$/));
  pty.type("put half");
  const [, victim] = cluster.ready.slaves;
  process.kill(victim?.pid ?? 0, "SIGKILL");
  await pty.waitFor(hasText(/^s2 is down\nringkv 2\/3> put half V$/));
  pty.type("\u0015start s2\r");
  await pty.waitFor(hasText(/start s2\n.*ms\)\nringkv 3\/3>$|start s2\n.* s\)\nringkv 3\/3>$/));
  // Whoever starts it need not be told that it is up.
  t.notOk(pty.emulator.lines.includes("s2 is up"));
});

t.test("a master that dies and comes back is told above the prompt, and the next command works", async (t) => {
  const ports = await lastingPorts(new Random(Date.now()));
  const cluster = await startCluster(t, { slaves: 2, ports });
  const pty = await open(t, cluster);
  pty.type("put city Paris\r");
  await pty.waitFor(hasText(/OK.*\nringkv 2\/2>$/));
  pty.type("get city");
  await pty.waitFor(hasPrompt("get city"));
  process.kill(cluster.ready.master.pid, "SIGKILL");
  await pty.waitFor(hasText(/\nthe master is gone\n[^]*ringkv offline> get city$/));
  await pty.waitFor(hasText(/\nthe master is back: epoch 2 \(it was 1\)\n[^]*ringkv 2\/2> get city$/));
  pty.type("\r");
  await pty.waitFor(hasText(/get city\nParis {2}\(.*\nringkv 2\/2>$/));
});
