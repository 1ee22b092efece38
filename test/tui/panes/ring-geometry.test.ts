import fc from "fast-check";
import t from "tap";
import {
  angleOf,
  arcsOf,
  cellOf,
  clockwise,
  dotsOf,
  ownerAt,
  pointAt,
  turnOf,
} from "../../../src/tui/panes/ring/geometry.js";
import { place, ringIds } from "./ring-arbitrary.js";

t.test("place 0 is at the top, and places go clockwise from there", (t) => {
  const quarter = 2n ** 62n;
  const angles = [0n, 1n, 2n, 3n].map((quarters) => angleOf((quarters * quarter).toString()) / Math.PI);
  t.same(angles, [-0.5, 0, 0.5, 1]);
  t.equal(turnOf((2n ** 64n - 1n).toString()), 1 - 2 ** -53);
  t.end();
});

t.test("places keep the order of IDs, whose upper 53 bits they are, exactly", (t) => {
  fc.assert(
    fc.property(place, place, (left, right) => {
      const [below, above] = [BigInt(left) >> 11n, BigInt(right) >> 11n];
      return turnOf(left) < turnOf(right) === below < above && BigInt(turnOf(left) * 2 ** 53) === below;
    }),
  );
  t.end();
});

t.test("the arcs are the whole circle, once", (t) => {
  fc.assert(
    fc.property(ringIds({ minLength: 1, maxLength: 30 }), place, (ids, hash) => {
      const arcs = arcsOf(ids.map(turnOf));
      const total = arcs.reduce((sum, { span }) => sum + span, 0);
      const turn = turnOf(hash);
      // From the predecessor, exclusive, to the slave, inclusive.
      const holders = arcs.filter(({ to, span }) => clockwise(turn, to) < span);
      return Math.abs(total - 1) < 1e-9 && holders.length === 1;
    }),
  );
  t.end();
});

t.test("a place belongs to the first slave at or after it, past the last one to the first", (t) => {
  fc.assert(
    fc.property(ringIds({ minLength: 1, maxLength: 30 }), place, (ids, hash) => {
      const first = ids.findIndex((id) => BigInt(id) >> 11n >= BigInt(hash) >> 11n);
      return ownerAt(ids.map(turnOf), turnOf(hash)) === Math.max(0, first);
    }),
  );
  t.equal(ownerAt([], 0.5), -1);
  t.end();
});

t.test("the owner of a dot and the slave at the end of its arc agree", (t) => {
  const circle = { x: 59.5, y: 47.5, radius: 42.5 };
  fc.assert(
    fc.property(ringIds({ minLength: 1, maxLength: 12 }), (ids) => {
      const places = ids.map(turnOf);
      const arcs = arcsOf(places);
      return [...dotsOf(circle)].every(({ turn }) => {
        const arc = arcs[ownerAt(places, turn)];
        return arc !== undefined && clockwise(turn, arc.to) < arc.span;
      });
    }),
    { numRuns: 30 },
  );
  t.end();
});

t.test("a circle's dots lie on it, without a gap, and mirror each other", (t) => {
  const circle = { x: 35.5, y: 25.5, radius: 20.5 };
  const dots = [...dotsOf(circle)];
  const isDot = new Set(dots.map(({ x, y }) => `${x.toString()},${y.toString()}`));
  const neighbours = [-1, 0, 1].flatMap((dx) => [-1, 0, 1].map((dy) => [dx, dy] as const));
  for (const { x, y } of dots) {
    t.ok(Math.abs(Math.hypot(x - circle.x, y - circle.y) - circle.radius) < 0.8, "on the circle");
    const near = neighbours.filter(([dx, dy]) => isDot.has(`${(x + dx).toString()},${(y + dy).toString()}`));
    t.ok(near.length >= 3, "two neighbours besides itself");
    t.ok(isDot.has(`${(71 - x).toString()},${y.toString()}`), "its mirror image");
  }
  t.end();
});

t.test("a cell is two dots wide and four high", (t) => {
  t.same(cellOf({ x: 1.4, y: 3.4 }), { x: 0, y: 0 });
  t.same(cellOf({ x: 1.6, y: 3.6 }), { x: 1, y: 1 });
  const top = pointAt({ x: 10, y: 10, radius: 8 }, 0);
  t.same([Math.round(top.x), top.y], [10, 2]);
  t.end();
});
