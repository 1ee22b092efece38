import t from "tap";
import { Backoff } from "../../src/client/backoff.js";

t.test("the longest pause doubles with each failure, up to two seconds", (t) => {
  const backoff = new Backoff(() => 1);
  t.strictSame(
    Array.from({ length: 8 }, () => backoff.next()),
    [50, 100, 200, 400, 800, 1_600, 2_000, 2_000],
  );
  t.end();
});

t.test("a pause is anywhere between none and the longest", (t) => {
  t.equal(new Backoff(() => 0).next(), 0);
  t.equal(new Backoff(() => 0.5).next(), 25);
  t.end();
});

t.test("success makes the next pause short again", (t) => {
  const backoff = new Backoff(() => 1);
  backoff.next();
  backoff.next();
  backoff.reset();
  t.equal(backoff.next(), 50);
  t.end();
});

t.test("a year of failures overflows nothing", (t) => {
  const backoff = new Backoff(() => 1);
  for (let n = 0; n < 20_000; n++) backoff.next();
  t.equal(backoff.next(), 2_000);
  t.end();
});
