import t from "tap";
import { HASHES } from "../../src/core/hash.js";

t.test("xxh64 gives the published vectors for seed 0", (t) => {
  t.equal(HASHES.xxh64(""), 0xef46db3751d8e999n);
  t.equal(HASHES.xxh64("a"), 0xd24ec4f1a98c6e5bn);
  t.equal(HASHES.xxh64("abc"), 0x44bc2cf5ad770999n);
  t.end();
});

t.test("xxh64 hashes the UTF-8 bytes, not the UTF-16 units", (t) => {
  t.not(HASHES.xxh64("é"), HASHES.xxh64("e\u0301"));
  t.equal(HASHES.xxh64("é"), HASHES.xxh64(new TextDecoder().decode(Uint8Array.of(0xc3, 0xa9))));
  t.end();
});

t.test("poly31 is the course's hash: 31*h + unit from 1125899906842597, 64 bits, unsigned", (t) => {
  t.equal(HASHES.poly31(""), 1_125_899_906_842_597n);
  t.equal(HASHES.poly31("a"), 31n * 1_125_899_906_842_597n + 97n);
  t.equal(HASHES.poly31("ab"), BigInt.asUintN(64, 31n * (31n * 1_125_899_906_842_597n + 97n) + 98n));
  t.end();
});

t.test("poly31 puts similar keys side by side, which is why it is not the default", (t) => {
  t.equal(HASHES.poly31("key2") - HASHES.poly31("key1"), 1n);
  t.end();
});
