/** A line of a plot. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Plot {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly series: readonly Series[];
}

const WIDTH = 720;
const HEIGHT = 400;
const AREA = { left: 70, right: 190, top: 48, bottom: 52 };
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000"];
const GRID_LINES = 5;

/**
 * Draws lines as an SVG picture. The x axis is logarithmic, because what is doubled or tenfold is compared; the y axis begins
 * at 0, so that heights can be compared.
 */
export function drawPlot({ title, xTitle, yTitle, series }: Plot): string {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].sort((left, right) => left - right);
  const yMax = niceCeiling(Math.max(1e-9, ...series.flatMap(({ points }) => points.map(([, y]) => y))));
  const [low, high] = [Math.log(xs[0] ?? 1), Math.log(xs.at(-1) ?? 1)];
  const width = WIDTH - AREA.left - AREA.right;
  const height = HEIGHT - AREA.top - AREA.bottom;
  const xOf = (x: number) => AREA.left + (high === low ? 0.5 : (Math.log(x) - low) / (high - low)) * width;
  const yOf = (y: number) => AREA.top + (1 - y / yMax) * height;
  const bottom = AREA.top + height;

  const grid = Array.from({ length: GRID_LINES + 1 }, (_, n) => {
    const y = (yMax * n) / GRID_LINES;
    return [
      `<line class="grid" x1="${AREA.left}" y1="${at(yOf(y))}" x2="${AREA.left + width}" y2="${at(yOf(y))}"/>`,
      label(AREA.left - 8, yOf(y) + 4, tick(y), "end"),
    ];
  }).flat();
  const ticks = xs.flatMap((x) => [
    `<line class="axis" x1="${at(xOf(x))}" y1="${bottom}" x2="${at(xOf(x))}" y2="${bottom + 5}"/>`,
    label(xOf(x), bottom + 20, x.toLocaleString("en-US"), "middle"),
  ]);
  const lines = series.flatMap(({ name, points }, n) => {
    const colour = COLOURS[n % COLOURS.length] ?? "#000000";
    const path = points.map(([x, y]) => `${at(xOf(x))},${at(yOf(y))}`).join(" ");
    const legendY = AREA.top + 10 + n * 20;
    const legendX = AREA.left + width + 16;
    return [
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${path}"/>`,
      ...points.map(([x, y]) => `<circle cx="${at(xOf(x))}" cy="${at(yOf(y))}" r="3.5" fill="${colour}"/>`),
      `<line x1="${legendX}" y1="${legendY}" x2="${legendX + 20}" y2="${legendY}" stroke="${colour}" stroke-width="2"/>`,
      label(legendX + 26, legendY + 4, name, "start"),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}">`,
    "<style>text{font:12px sans-serif;fill:#222}.title{font-size:15px;font-weight:bold}" +
      ".grid{stroke:#ddd}.axis{stroke:#222}</style>",
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text class="title" x="${AREA.left}" y="24">${escape(title)}</text>`,
    label(AREA.left, AREA.top - 8, yTitle, "start"),
    ...grid,
    `<line class="axis" x1="${AREA.left}" y1="${bottom}" x2="${AREA.left + width}" y2="${bottom}"/>`,
    ...ticks,
    label(AREA.left + width / 2, bottom + 42, xTitle, "middle"),
    ...lines,
    "</svg>",
    "",
  ].join("\n");
}

function label(x: number, y: number, text: string, anchor: "start" | "middle" | "end"): string {
  return `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}">${escape(text)}</text>`;
}

function at(number: number): string {
  return (Math.round(number * 10) / 10).toString();
}

function tick(number: number): string {
  return number >= 100 ? Math.round(number).toLocaleString("en-US") : Number(number.toPrecision(3)).toString();
}

/** The next of 1, 2, 2.5 and 5 times a power of ten. */
function niceCeiling(number: number): number {
  const power = 10 ** Math.floor(Math.log10(number));
  const factor = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= number) ?? 10;
  return factor * power;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
