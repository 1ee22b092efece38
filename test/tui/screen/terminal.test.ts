import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import t, { type Test } from "tap";
import { Pty } from "../pty.js";

const CHILD = fileURLToPath(new URL("terminal-child.ts", import.meta.url));

/**
 * A shell in a pty that notes the terminal's settings, runs the program, and notes them again. It says with which code the program
 * has ended, and waits, so that the screen can be read.
 */
class Session {
  readonly pty: Pty;
  readonly #directory: string;

  constructor(t: Test, ...args: readonly string[]) {
    this.#directory = t.testdir();
    // When the program is stopped, the shell goes on as at its prompt: it waits for a line and continues the program.
    const script = `set -m; stty -a > before; echo shell; "$@"; code=$?; jobs > jobs
      if [ -s jobs ]; then echo stopped; read line; fg > /dev/null; code=$?; fi
      stty -a > after; echo "code $code"; read line`;
    this.pty = new Pty(["sh", "-c", script, "sh", process.execPath, ...process.execArgv, CHILD, ...args], {
      columns: 100,
      rows: 30,
      cwd: this.#directory,
    });
    t.teardown(() => this.pty.end());
  }

  /** The program's pid, once it has shown its first frame. */
  async ready(word = "ready"): Promise<number> {
    await this.pty.waitFor(([first = ""]) => new RegExp(`^${word} \\d+$`).test(first));
    return Number(this.pty.emulator.lines[0]?.split(" ")[1]);
  }

  /** The terminal is as it was, and the screen shows the shell's lines and no others of the program than these. */
  async isWhole(t: Test, code: number, text?: RegExp): Promise<void> {
    await this.pty.waitFor((lines) => lines.includes(`code ${code}`));
    const { emulator } = this.pty;
    t.equal(this.settings("after"), this.settings("before"));
    t.equal(emulator.isAlternate, false);
    t.same(emulator.modes, { autowrap: true, bracketedPaste: false, updating: false });
    t.ok(emulator.cursor !== undefined);
    const { lines } = emulator;
    t.equal(lines[0], "shell");
    t.notMatch(lines.join("\n"), /ready|half a frame/);
    if (text === undefined) t.equal(lines[1], `code ${code}`);
    else t.match(lines.join("\n"), text);
    t.ok(emulator.surface().styles.every((style) => style === ""));
  }

  /** What `stty -a` said, without the size, to which the terminal need not return. */
  settings(name: "before" | "restored" | "after"): string {
    return readFileSync(join(this.#directory, name), "utf8").replace(/rows \d+; columns \d+/, "");
  }
}

t.test("while the program has it, the terminal is on the alternate screen and raw", async (t) => {
  const session = new Session(t, "return");
  await session.ready();
  const { emulator } = session.pty;
  t.equal(emulator.isAlternate, true);
  t.equal(emulator.cursor, undefined);
  t.same(emulator.modes, { autowrap: false, bracketedPaste: true, updating: false });
  t.equal(emulator.surface().styles[0], "7");
  session.pty.type("x");
  await session.isWhole(t, 0);
});

t.test("the terminal is whole as soon as it is restored, though the program goes on", async (t) => {
  const session = new Session(t, "return");
  await session.ready();
  session.pty.type("x");
  await session.isWhole(t, 0);
  t.equal(session.settings("restored"), session.settings("before"));
});

for (const [title, way, code, text] of [
  ["its owner leaves its scope", "dispose", 0, undefined],
  ["process.exit is called", "exit", 7, undefined],
  ["an error is thrown that nobody catches", "throw", 1, /Error: thrown while it painted\n.* at /],
  ["a rejection is not handled", "rejection", 1, /Error: nobody handles this\n.* at /],
  ["an error is thrown to a handler, which prints it", "caught", 3, /^shell\ncaught: thrown to a handler\n/],
  ["an error is thrown within a frame", "in a frame", 1, /Error: thrown within a frame\n.* at /],
] as const) {
  t.test(`the terminal is whole again when ${title}`, async (t) => {
    const session = new Session(t, way);
    await session.ready();
    session.pty.type("x");
    await session.isWhole(t, code, text);
  });
}

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  t.test(`the terminal is whole again after ${signal}, and the code tells it`, async (t) => {
    const session = new Session(t, "wait");
    process.kill(await session.ready(), signal);
    await session.isWhole(t, code);
  });
}

t.test("Ctrl-C arrives as a key", async (t) => {
  const session = new Session(t, "wait");
  await session.ready();
  session.pty.type("\u0003");
  await session.isWhole(t, 130);
});

t.test("signals can be the caller's", async (t) => {
  const session = new Session(t, "wait", "callers");
  process.kill(await session.ready(), "SIGTERM");
  await session.isWhole(t, 143, /^shell\nstopped in good order\ncode 143/);
});

t.test("the new size is told when the terminal is resized", async (t) => {
  const session = new Session(t, "return");
  await session.ready();
  session.pty.resize(90, 28);
  await session.ready("size 90x28");
  session.pty.type("x");
  await session.isWhole(t, 0);
});

t.test(
  "stopped, it gives the terminal back; continued, it takes it again, in the size that it has by then",
  async (t) => {
    const session = new Session(t, "return");
    const { pty } = session;
    process.kill(await session.ready(), "SIGTSTP");
    await pty.waitFor((lines) => lines.includes("stopped"));
    t.equal(pty.emulator.lines[0], "shell");
    t.equal(pty.emulator.isAlternate, false);
    pty.resize(90, 28);
    pty.type("\r");
    await session.ready("size 90x28");
    t.equal(pty.emulator.isAlternate, true);
    t.equal(pty.emulator.cursor, undefined);
    pty.type("x");
    await session.isWhole(t, 0, /^shell\nstopped\n+code 0/);
  },
);

t.test("continued, it is raw again, though the shell has changed the mode meanwhile", async (t) => {
  const session = new Session(t, "changed");
  await session.ready();
  session.pty.type("x");
  await session.ready("continued");
  session.pty.type("x");
  await session.isWhole(t, 0);
});
