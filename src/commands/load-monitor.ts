/** The monitor, and with it Ink and React: half a second of reading code, which no other command pays. */
export async function loadMonitor() {
  // React's development build is slow.
  process.env["NODE_ENV"] ??= "production";
  return import("../tui/full-screen.js");
}
