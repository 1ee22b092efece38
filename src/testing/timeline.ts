import { type Operation, describeOperation, describeOutcome, operationsByKey } from "./history.js";
import { escapeHtml } from "./html.js";
import { AXIS_HEIGHT, type Bar, type Layout, layOut } from "./timeline-layout.js";
import { TIMELINE_STYLE } from "./timeline-style.js";

/** What a timeline shows. */
export interface TimelineOptions {
  /** The key whose operations are drawn. */
  readonly key: string;
  /** What stands above it. Undecided: a check was given up. */
  readonly verdict: "linearizable" | "violation" | "undecided";
  /** What the checks found, to be explained and marked. */
  readonly findings: readonly Finding[];
  /** Operations that are drawn at most, those around the marked ones; a page of more is hard to read. Default: 400. */
  readonly operationsMax?: number;
}

/** One thing that a check found wrong with a key. */
export interface Finding {
  /** Which check says so. */
  readonly title: string;
  readonly reason: string;
  /** The operations to mark: those of the history itself, not copies. */
  readonly operations: readonly Operation[];
}

const HEADLINES = {
  linearizable: { glyph: "✓", text: "linearizable", style: "right" },
  violation: { glyph: "✗", text: "not linearizable", style: "wrong" },
  undecided: { glyph: "?", text: "undecided: the search was given up", style: "wrong" },
} as const;

const OPERATIONS_MAX = 400;
/** Code points of a value that are drawn; the table and the tooltips have all of it. */
const VALUE_DRAWN_MAX = 16;
const CELL_WIDTH = 6.7;
const LABEL_INDENT = 6;

/**
 * Draws what clients did to one key as an HTML page: a row for each client, a bar for each operation from its call to its
 * return, the offending ones marked, the explanation above. The page stands alone: no script, no network. All that comes from
 * the history is escaped.
 */
export function drawTimeline(
  history: Iterable<Operation>,
  { key, verdict, findings, operationsMax = OPERATIONS_MAX }: TimelineOptions,
): string {
  const all = operationsByKey(history).get(key) ?? [];
  const marked = new Set(findings.flatMap(({ operations }) => operations));
  const drawn = around(all, marked, operationsMax);
  const layout = layOut(drawn, (operation) => cellsOf(labelOf(operation, marked)) * CELL_WIDTH + 2 * LABEL_INDENT);
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    `<title>${escapeHtml(key)}: ${HEADLINES[verdict].text}</title>`,
    `<style>${TIMELINE_STYLE}</style>\n</head>\n<body>\n<main>`,
    `<h1>Key <code>${escapeHtml(quote(key))}</code></h1>`,
    ...explanation(verdict, findings, marked.size > 0),
    "<h2>Timeline</h2>",
    `<p class="faint">${legend(drawn.length, all.length)}</p>`,
    chart(layout, marked),
    "<h2>Operations</h2>",
    table(drawn, marked),
    "</main>\n</body>\n</html>\n",
  ].join("\n");
}

/** The operations to draw, in the order of calls: all, or those next to the first marked one and whatever else is marked. */
function around(all: readonly Operation[], marked: ReadonlySet<Operation>, max: number): readonly Operation[] {
  const byCall = all.toSorted((left, right) => left.calledMs - right.calledMs);
  if (byCall.length <= max) return byCall;
  const middle = Math.max(
    0,
    byCall.findLastIndex((operation) => marked.has(operation)),
  );
  const first = Math.min(Math.max(0, middle - Math.ceil((max * 3) / 4)), byCall.length - max);
  return byCall.filter((operation, index) => (index >= first && index < first + max) || marked.has(operation));
}

function explanation(
  verdict: TimelineOptions["verdict"],
  findings: readonly Finding[],
  isMarked: boolean,
): readonly string[] {
  const { glyph, text, style } = HEADLINES[verdict];
  const link = isMarked ? ' · <a href="#contradiction">to the contradiction</a>' : "";
  return [
    `<p><span class="${style}">${glyph} ${text}</span>${link}</p>`,
    ...findings.map(({ title, reason, operations }) => {
      const items = operations.map((operation) => `<li><code>${escapeHtml(describeOperation(operation))}</code></li>`);
      const list = items.length === 0 ? "" : `\n<ul>${items.join("\n")}</ul>`;
      return `<h2>${escapeHtml(title)}</h2>\n<p>${escapeHtml(reason)}</p>${list}`;
    }),
  ];
}

function legend(drawn: number, all: number): string {
  const count = drawn === all ? `${all.toString()} operations` : `${drawn.toString()} of ${all.toString()} operations`;
  return (
    `${count}. A bar runs from call to return; times are the history's, in ms, and long waits are drawn shorter. ` +
    "Dashed with an open end: outcome unknown, it may take effect at any later time or never. Dotted: failed, without effect. " +
    "✗: contradiction."
  );
}

function chart({ width, height, rows, bars, ticks }: Layout, marked: ReadonlySet<Operation>): string {
  const odd = (index: number) => (index % 2 === 1 ? "odd" : "even");
  const names = rows.map(({ client, height }, index) => {
    return `<div class="${odd(index)}" style="height:${px(height)}px" title="${escapeHtml(client)}">${escapeHtml(client)}</div>`;
  });
  const stripes = rows.map(({ top, height }, index) => {
    return `<rect class="row ${odd(index)}" x="0" y="${px(top)}" width="${px(width)}" height="${px(height)}"/>`;
  });
  const axis = ticks.map(({ ms, left }) => {
    const line = `<line x1="${px(left)}" x2="${px(left)}" y1="${AXIS_HEIGHT.toString()}" y2="${px(height)}"/>`;
    return `${line}<text class="tick" x="${px(left)}" y="16">${ms.toFixed(3)}</text>`;
  });
  const moments = bars.filter(({ operation }) => marked.has(operation)).flatMap(({ left, right }) => [left, right]);
  const guides = moments.map((left) => {
    return `<line class="moment" x1="${px(left)}" x2="${px(left)}" y1="${AXIS_HEIGHT.toString()}" y2="${px(height)}"/>`;
  });
  const first = bars.find(({ operation }) => marked.has(operation));
  return [
    '<div class="chart" role="region" aria-label="Timeline" tabindex="0">',
    `<div class="names"><div style="height:${AXIS_HEIGHT.toString()}px">ms</div>${names.join("")}</div>`,
    `<svg width="${px(width)}" height="${px(height)}" role="img" aria-label="One row for each client; the table below tells the same">`,
    ...stripes,
    ...axis,
    ...guides,
    ...bars.map((bar) => drawBar(bar, marked, bar === first)),
    "</svg>\n</div>",
  ].join("\n");
}

function drawBar(
  { operation, left, right, top, height }: Bar,
  marked: ReadonlySet<Operation>,
  isFirst: boolean,
): string {
  const { kind, outcome } = operation;
  const classes = [kind, outcome.type, ...(marked.has(operation) ? ["marked"] : [])].join(" ");
  const middle = px(top + height / 2);
  // A path of three sides for what has no end, of four for the rest.
  const outline = `M${px(right)} ${px(top)}H${px(left)}V${px(top + height)}H${px(right)}${outcome.type === "unknown" ? "" : "Z"}`;
  return [
    `<g class="${classes}"${isFirst ? ' id="contradiction"' : ""}><title>${escapeHtml(describeOperation(operation))}</title>`,
    `<path class="bar" d="${outline}"/>`,
    outcome.type === "unknown"
      ? `<line class="open" x1="${px(right)}" x2="${px(right + 12)}" y1="${middle}" y2="${middle}"/>`
      : "",
    `<text x="${px(left + LABEL_INDENT)}" y="${px(top + 14)}">${escapeHtml(labelOf(operation, marked))}</text></g>`,
  ].join("");
}

function table(operations: readonly Operation[], marked: ReadonlySet<Operation>): string {
  const rows = operations.map((operation) => {
    const { client, calledMs, returnedMs, outcome } = operation;
    const end = outcome.type === "unknown" ? "…" : returnedMs.toFixed(3);
    const cells = [calledMs.toFixed(3), end, client, actOf(operation), describeOutcome(outcome)];
    const mark = marked.has(operation);
    const row = [mark ? "✗ contradiction" : "", ...cells].map((cell) => `<td>${escapeHtml(cell)}</td>`).join("");
    return `<tr${mark ? ' class="marked"' : ""}>${row}</tr>`;
  });
  const head = ["", "called", "returned", "client", "operation", "answer"].map(
    (name) => `<th scope="col">${name}</th>`,
  );
  return `<div class="scroll"><table>\n<thead><tr>${head.join("")}</tr></thead>\n<tbody>\n${rows.join("\n")}\n</tbody>\n</table></div>`;
}

function labelOf(operation: Operation, marked: ReadonlySet<Operation>): string {
  return `${marked.has(operation) ? "✗ contradiction: " : ""}${actOf(operation, shorten)} → ${describeOutcome(operation.outcome, shorten)}`;
}

function actOf(operation: Operation, shown: (value: string) => string = quote): string {
  return operation.kind === "put" ? `put ${shown(operation.value)}` : operation.kind;
}

function quote(value: string): string {
  return JSON.stringify(value);
}

function shorten(value: string): string {
  const points = Array.from(value.slice(0, 4 * VALUE_DRAWN_MAX));
  return points.length <= VALUE_DRAWN_MAX ? quote(value) : `${quote(points.slice(0, VALUE_DRAWN_MAX).join(""))}…`;
}

/** The cells of a monospaced font that a text takes; about, for East Asian letters and emoji count as two. */
function cellsOf(text: string): number {
  let cells = 0;
  for (const point of text) cells += (point.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1;
  return cells;
}

function px(length: number): string {
  return (Math.round(length * 10) / 10).toString();
}
