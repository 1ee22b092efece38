/** The monitor, and with it Ink and React: half a second of reading code, which no other command pays. */
export async function loadMonitor() {
  // React's development build is slow.
  process.env["NODE_ENV"] ??= "production";
  return import("../tui/full-screen.js");
}

/** Whether a person looks at a terminal here that can show a screen; a dumb one can but print lines. */
export function hasScreen(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY && process.env["TERM"] !== "dumb";
}
