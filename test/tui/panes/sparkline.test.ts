import fc from "fast-check";
import t from "tap";
import { sparkline } from "../../../src/tui/panes/sparkline.js";
import { ASCII } from "../../../src/tui/screen/theme.js";

t.test("values become bars of rising height, the greatest the highest", (t) => {
  t.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7, 8], 9), " ▁▂▃▄▅▆▇█");
  t.end();
});

t.test("the newest values stay when there are too many, and missing ones are blank at the old end", (t) => {
  t.equal(sparkline([8, 8, 4, 8], 2), "▄█");
  t.equal(sparkline([4, 8], 5), "   ▄█");
  t.equal(sparkline([], 3), "   ");
  t.equal(sparkline([1], 0), "");
  t.end();
});

t.test("a given maximum makes sparklines comparable, and what exceeds it is a full bar", (t) => {
  t.equal(sparkline([1, 5, 99], 3, 10), "▁▄█");
  t.end();
});

t.test("one op beside many is still seen", (t) => {
  t.equal(sparkline([1, 100_000], 2), "▁█");
  t.end();
});

t.test("whatever the values, it is as wide as asked for, and ASCII bars are ASCII", (t) => {
  const value = fc.oneof(fc.double(), fc.nat());
  fc.assert(
    fc.property(fc.array(value, { maxLength: 50 }), fc.nat(60), (values, width) => {
      const line = sparkline(values, width, undefined, ASCII.bars);
      return line.length === width && /^[ -~]*$/.test(line) && Array.from(sparkline(values, width)).length === width;
    }),
  );
  t.end();
});
