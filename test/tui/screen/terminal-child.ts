// A full-screen program that ends as its argument says; run in a pty by terminal.test.ts.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { ScreenWriter } from "../../../src/tui/screen/screen-writer.js";
import { Surface } from "../../../src/tui/screen/surface.js";
import { Terminal } from "../../../src/tui/screen/terminal.js";

const [, , first = "", signals] = process.argv;
let way = first;

const terminal = Terminal.open({
  input: process.stdin,
  output: process.stdout,
  endsOnSignals: signals !== "callers",
  onResize: (columns, rows) => show(`size ${columns}x${rows}`),
  onContinue: () => {
    writer.forget();
    show("continued");
  },
});
const writer = new ScreenWriter(terminal.write);

function show(text: string): void {
  const surface = new Surface(terminal.columns, terminal.rows);
  surface.canvas.text(0, 0, `${text} ${process.pid}`, "7");
  writer.show(surface);
}

function end(): void {
  switch (way) {
    case "return":
      terminal.restore();
      writeFileSync("restored", stty("-a"));
      break;
    case "caught":
      process.on("uncaughtException", ({ message }) => {
        process.stderr.write(`caught: ${message}\n`);
        process.exit(3);
      });
      throw new Error("thrown to a handler");
    case "changed":
      way = "return";
      // As a shell does with the terminal of a stopped program.
      stty("sane");
      process.kill(process.pid, "SIGCONT");
      break;
    case "dispose":
      terminal[Symbol.dispose]();
      break;
    case "exit":
      process.exit(7);
      break;
    case "throw":
      throw new Error("thrown while it painted");
    case "rejection":
      void Promise.reject(new Error("nobody handles this"));
      break;
    case "in a frame":
      terminal.write("\u001b[?2026h\u001b[5;5H\u001b[0;7;31mhalf a frame");
      throw new Error("thrown within a frame");
    default:
      terminal.write("?");
  }
}

function stty(argument: string): Buffer {
  return execFileSync("stty", [argument], { stdio: ["inherit", "pipe", "inherit"] });
}

process.stdin.on("data", (keys) => {
  if (String(keys) === "\u0003") {
    terminal.restore();
    process.exitCode = 130;
  } else end();
});
process.on("SIGTERM", () => {
  if (signals !== "callers") return;
  terminal.restore();
  process.stderr.write("stopped in good order\n");
  process.exitCode = 143;
});
show("ready");
