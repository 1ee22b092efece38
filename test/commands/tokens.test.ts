import { chmodSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { masterTokens, ownToken, tokenVariables } from "../../src/commands/tokens.js";

const TOKEN = "0123456789abcdef";
const OTHER = "fedcba9876543210";
const NONE = { clientTokenFile: undefined, adminTokenFile: undefined };

/** A file of this mode. */
function file(directory: string, text: string, mode = 0o600): string {
  const path = join(directory, `token-${mode.toString(8)}`);
  writeFileSync(path, text, { mode: 0o600 });
  chmodSync(path, mode);
  return path;
}

t.beforeEach(() => {
  delete process.env["RINGKV_CLIENT_TOKEN"];
  delete process.env["RINGKV_ADMIN_TOKEN"];
});

t.test("a token is what a file of its owner's only holds, without the line's end", (t) => {
  const directory = t.testdir();
  for (const mode of [0o600, 0o400]) t.equal(ownToken({ tokenFile: file(directory, `${TOKEN}\n`, mode) }), TOKEN);
  t.end();
});

t.test("a file that others may read, or write, is refused", { skip: process.platform === "win32" }, (t) => {
  const directory = t.testdir();
  for (const mode of [0o640, 0o604, 0o660, 0o666, 0o644, 0o620]) {
    t.throws(() => ownToken({ tokenFile: file(directory, TOKEN, mode) }), {
      name: "UsageError",
      message: new RegExp(`has mode 0${mode.toString(8)}: make it its owner's only \\(chmod 600 `),
    });
  }
  const link = join(directory, "link");
  symlinkSync(file(directory, TOKEN, 0o644), link);
  t.throws(() => ownToken({ tokenFile: link }), { message: /has mode 0644/ }, "what counts is the file itself");
  t.throws(() => ownToken({ tokenFile: join(directory, "none") }), { name: "UsageError", message: /ENOENT/ });
  t.end();
});

t.test("a token that could be guessed, or is none, is refused and not told", (t) => {
  const directory = t.testdir();
  for (const text of [
    "short-secret",
    "",
    "two words and more",
    "with\ttabs-in-the-middle",
    "ümläute-überall-hier",
    "x".repeat(1_025),
  ]) {
    const error = t.throws(() => ownToken({ tokenFile: file(directory, text) }), {
      name: "UsageError",
      message: /must hold a token: 16 to 1024 characters/,
    });
    if (text !== "") t.notMatch(String(error), text);
  }
  t.end();
});

t.test("tokens of the environment are taken out of it, so that no child inherits them", (t) => {
  process.env["RINGKV_CLIENT_TOKEN"] = TOKEN;
  process.env["RINGKV_ADMIN_TOKEN"] = OTHER;
  const tokens = masterTokens(NONE);
  t.strictSame(tokens, { client: TOKEN, admin: OTHER });
  t.notOk("RINGKV_CLIENT_TOKEN" in process.env || "RINGKV_ADMIN_TOKEN" in process.env);
  t.strictSame(tokenVariables(tokens), { RINGKV_CLIENT_TOKEN: TOKEN, RINGKV_ADMIN_TOKEN: OTHER });
  t.strictSame(masterTokens(NONE), { client: undefined, admin: undefined });
  t.end();
});

t.test("a file beats the environment; of the environment a client shows the admin's token first", (t) => {
  process.env["RINGKV_CLIENT_TOKEN"] = OTHER;
  t.equal(ownToken({ tokenFile: file(t.testdir(), TOKEN) }), TOKEN);
  process.env["RINGKV_CLIENT_TOKEN"] = TOKEN;
  t.equal(ownToken({ tokenFile: undefined }), TOKEN);
  process.env["RINGKV_CLIENT_TOKEN"] = TOKEN;
  process.env["RINGKV_ADMIN_TOKEN"] = OTHER;
  t.equal(ownToken({ tokenFile: undefined }), OTHER);
  t.equal(ownToken({ tokenFile: undefined }), undefined);
  t.end();
});
