import t from "tap";
import { keyChooser } from "../../src/bench/load/key-choice.js";
import { randomFrom } from "../../src/bench/load/random.js";
import { RequestSource } from "../../src/bench/load/request-source.js";
import { keyName, keysFor } from "../../src/bench/load/workload.js";

const DRAWS = 100_000;

function draw(distribution: "uniform" | "zipfian", keys: number): number[] {
  const choose = keyChooser(distribution, keys, randomFrom(7));
  const counts = new Array<number>(keys).fill(0);
  for (let n = 0; n < DRAWS; n++) {
    const key = choose();
    counts[key] = (counts[key] ?? Number.NaN) + 1;
  }
  return counts.toSorted((left, right) => right - left);
}

t.test("uniform keys are all asked for alike", (t) => {
  const counts = draw("uniform", 100);
  t.ok((counts[0] ?? 0) < DRAWS / 80 && (counts.at(-1) ?? 0) > DRAWS / 120);
  t.end();
});

t.test("of zipfian keys the hottest gets its share, and the second about half of that", (t) => {
  const keys = 1_000;
  const counts = draw("zipfian", keys);
  let zeta = 0;
  for (let n = 1; n <= keys; n++) zeta += 1 / n ** 0.99;
  t.ok(Math.abs((counts[0] ?? 0) * zeta - DRAWS) < DRAWS / 20);
  t.ok(Math.abs((counts[1] ?? 0) / (counts[0] ?? 1) - 0.5) < 0.05);
  t.end();
});

t.test("every key that is chosen is one of the keys, even of one or two", (t) => {
  for (const keys of [1, 2, 3]) {
    for (const distribution of ["uniform", "zipfian"] as const) {
      const counts = draw(distribution, keys);
      t.equal(counts.length, keys);
      t.equal(
        counts.reduce((sum, count) => sum + count, 0),
        DRAWS,
      );
    }
  }
  t.end();
});

t.test("a mix has its share of puts", (t) => {
  for (const [mix, share] of [
    ["put", 1],
    ["a", 0.5],
    ["b", 0.05],
    ["c", 0],
    ["get", 0],
  ] as const) {
    const source = new RequestSource({ mix, distribution: "uniform", keys: 1, valueBytes: 1 }, 3);
    let puts = 0;
    for (let n = 0; n < DRAWS; n++) if (source.operation() === "put") puts++;
    t.ok(Math.abs(puts / DRAWS - share) < 0.01, mix);
  }
  t.end();
});

t.test("values have the size that was asked for, and differ", (t) => {
  for (const valueBytes of [0, 100, 65_536]) {
    const source = new RequestSource({ mix: "put", distribution: "uniform", keys: 5, valueBytes }, 3);
    const values = new Set(Array.from({ length: 20 }, () => source.value()));
    t.ok([...values].every((value) => value.length === valueBytes && /^[A-Za-z0-9_-]*$/.test(value)));
    t.ok(valueBytes === 0 || values.size > 10);
    t.match(source.key(), new RegExp(`^bench:${valueBytes}:[0-4]$`));
  }
  t.end();
});

t.test("large values have fewer keys, so that a bench does not fill a disk", (t) => {
  t.equal(keysFor(10_000, 100), 10_000);
  t.equal(keysFor(10_000, 65_536), 4_096);
  t.not(keyName(100, 1), keyName(1_024, 1));
  t.end();
});
