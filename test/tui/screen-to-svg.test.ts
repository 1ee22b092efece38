import t from "tap";
import { Surface } from "../../src/tui/screen/surface.js";
import { shapeOf } from "./cell-shapes.js";
import { screenToSvg } from "./screen-to-svg.js";

function picture(paint: (surface: Surface) => void, cursor?: { readonly x: number; readonly y: number }): string {
  const surface = new Surface(20, 3);
  paint(surface);
  return screenToSvg(surface, { title: "ring & <keys>", cursor });
}

t.test("the picture is as large as the screen and needs nothing from elsewhere", (t) => {
  const svg = picture(() => undefined);
  t.match(
    svg,
    /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" width="192" height="96" viewBox="0 0 192 96" role="img">\n/,
  );
  t.match(svg, /<\/svg>\n$/);
  t.notMatch(svg, /href|url\(|@import|<script/);
  t.match(svg, "<title>ring &amp; &lt;keys&gt;</title>");
  t.end();
});

t.test("text has its place and its length, and blanks in a row divide it", (t) => {
  const svg = picture(({ canvas }) => void canvas.text(1, 1, "up 3  <b>"));
  t.match(svg, '<text x="20.4" y="61.5" textLength="33.6" fill="#d5d9e0">up 3</text>');
  t.match(svg, '<text x="70.8" y="61.5" textLength="25.2" fill="#d5d9e0">&lt;b&gt;</text>');
  t.end();
});

t.test("each glyph outside ASCII has a place of its own, and what follows a wide one is two columns on", (t) => {
  const svg = picture(({ canvas }) => void canvas.text(0, 0, "●é漢x"));
  for (const text of [
    'x="12" y="43.5" fill="#d5d9e0">●',
    'x="20.4" y="43.5" fill="#d5d9e0">é',
    'x="45.6" y="43.5" fill="#d5d9e0">x',
  ]) {
    t.match(svg, text);
  }
  t.end();
});

t.test("styles become colours, weight, opacity and grounds", (t) => {
  const styles = ["1;31", "2", "4;94", "7", "7;32", "41", "38;5;196", "38;2;1;2;3", "48;5;244"];
  const svg = picture(({ canvas }) => {
    for (const [x, style] of styles.entries()) canvas.text(2 * x, 0, "x", style);
  });
  for (const looks of [
    'fill="#e06c75" font-weight="bold">',
    'fill="#d5d9e0" opacity="0.55">',
    'fill="#8cc8ff" text-decoration="underline">',
    'fill="#161a21">x',
    'fill="rgb(255,0,0)">x',
    'fill="rgb(1,2,3)">x',
    '<rect x="62.4" y="30" width="8.4" height="18" fill="#d5d9e0"/>',
    '<rect x="79.2" y="30" width="8.4" height="18" fill="#98c379"/>',
    '<rect x="96" y="30" width="8.4" height="18" fill="#e06c75"/>',
    '<rect x="146.4" y="30" width="8.4" height="18" fill="rgb(128,128,128)"/>',
  ]) {
    t.match(svg, looks);
  }
  t.end();
});

t.test("the cursor is a bar at the left of its cell", (t) => {
  t.match(
    picture(() => undefined, { x: 2, y: 2 }),
    '<rect x="28.8" y="66" width="2" height="18" fill="#d5d9e0"/>',
  );
  t.end();
});

t.test("a border is one line, without the gaps of fonts", (t) => {
  const svg = picture(({ canvas }) => void canvas.text(0, 0, "╭──╮", "36"));
  const path = "M16.2 48Q16.2 39 20.4 39M24.6 39H28.8M24.6 39H20.4M33 39H37.2M33 39H28.8M41.4 48Q41.4 39 37.2 39";
  t.match(svg, `<path d="${path}" fill="none" stroke="#56b6c2" stroke-width="1.1"/>`);
  t.notMatch(svg, "─");
  t.end();
});

t.test("bars and braille fill their parts of the cell", (t) => {
  const box = { x: 0, y: 0, width: 8, height: 16 };
  t.same(shapeOf("▂", box), { kind: "fill", path: "M0 12h8v4h-8z" });
  t.same(shapeOf("█", box), { kind: "fill", path: "M0 0h8v16h-8z" });
  t.same(shapeOf("▎", box), { kind: "fill", path: "M0 0h2v16h-2z" });
  t.same(shapeOf("▀", box), { kind: "fill", path: "M0 0h8v8h-8z" });
  t.equal(shapeOf("⠀", box)?.path, "");
  t.equal(shapeOf("⡀", box)?.path, "M0.96 14a1.04 1.04 0 0 1 2.08 0a1.04 1.04 0 0 1 -2.08 0z");
  t.equal(shapeOf("⣿", box)?.path.match(/M/g)?.length, 8);
  t.end();
});

t.test("lines reach the edges that their glyph reaches, heavy ones as such", (t) => {
  const box = { x: 0, y: 0, width: 8, height: 16 };
  t.same(shapeOf("┏", box), { kind: "heavy", path: "M4 8H8M4 8V16" });
  t.same(shapeOf("┤", box), { kind: "stroke", path: "M4 8V0M4 8V16M4 8H0" });
  t.equal(shapeOf("●", box), undefined);
  t.end();
});
