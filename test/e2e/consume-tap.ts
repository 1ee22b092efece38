import { Parser } from "tap-parser";

/** What a TAP consumer makes of it. */
export function consumeTap(
  tap: string,
): Promise<{ readonly ok: boolean; readonly files: number; readonly failed: number }> {
  return new Promise((resolve) => {
    const parser = new Parser({ strict: true }, ({ ok, count, fail }) => resolve({ ok, files: count, failed: fail }));
    parser.end(tap);
  });
}
