import fc from "fast-check";
import t from "tap";
import { quotedKey } from "../../src/server/quoted-key.js";

t.test("a plain key stands in quotes as it is, in any script", (t) => {
  t.equal(quotedKey("user:42"), '"user:42"');
  t.equal(quotedKey("ключ 鍵"), '"ключ 鍵"');
  t.end();
});

t.test("what a terminal or an eye would take for something else is escaped", (t) => {
  t.equal(quotedKey('a"b\n\x1b[31m'), '"a\\"b\\n\\u001b[31m"');
  t.equal(quotedKey("\x7f\x9b\u202e\u2028\u{e0001}"), '"\\u007f\\u009b\\u202e\\u2028\\udb40\\udc01"');
  t.end();
});

t.test("every key can be read back, and none breaks its line", (t) => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (key) => {
      const quoted = quotedKey(key);
      t.equal(JSON.parse(quoted), key);
      t.notMatch(quoted, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }),
  );
  t.end();
});
