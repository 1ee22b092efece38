import t, { type Test } from "tap";
import { Pty } from "./pty.js";

function shell(t: Test, script: string): Pty {
  const pty = new Pty(["sh", "-c", script], { columns: 40, rows: 5 });
  t.teardown(() => pty.end());
  return pty;
}

t.test("what the program writes is on the screen, and what is typed reaches it", async (t) => {
  const pty = shell(t, 'echo ready; read name; echo "hello $name"; exit 3');
  await pty.waitFor(([first]) => first === "ready");
  pty.type("ring\r");
  await pty.waitFor((lines) => lines.includes("hello ring"));
  t.same(await pty.exit, { code: 3, signal: 0 });
});

t.test("the program has the size it was given, and another when it is resized", async (t) => {
  const pty = shell(t, "stty size; read line; stty size");
  await pty.waitFor(([first]) => first === "5 40");
  pty.resize(60, 8);
  pty.type("\r");
  await pty.waitFor((lines) => lines.includes("8 60"));
});

t.test("the program finds CI switched off, and nothing that would change its answers", async (t) => {
  const pty = shell(t, 'echo "$CI, $TERM, <$NODE_OPTIONS>"');
  await pty.exit;
  t.equal(pty.emulator.lines[0], "false, xterm-256color, <>");
});

t.test("a signal ends it, and the end tells which", async (t) => {
  const pty = shell(t, "echo ready; exec sleep 60");
  await pty.waitFor(([first]) => first === "ready");
  pty.kill("SIGTERM");
  t.same(await pty.exit, { code: 0, signal: 15 });
  await pty.end();
});

t.test("waiting fails with the screen when the time is over or the program has ended", async (t) => {
  const pty = shell(t, "echo ready; read line");
  await pty.waitFor(([first]) => first === "ready");
  await t.rejects(
    pty.waitFor(() => false, 1),
    /^not within 1 ms; the screen:\nready/,
  );
  const waiting = pty.waitFor(() => false);
  pty.type("\r");
  await t.rejects(waiting, /^the program has ended; the screen:\nready/);
  await t.rejects(
    pty.waitFor(() => false),
    /^the program has ended; the screen:\nready/,
  );
});
