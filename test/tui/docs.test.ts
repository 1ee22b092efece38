import { readFileSync, writeFileSync } from "node:fs";
import t from "tap";
import { KEY_MAP } from "../../src/tui/view/key-map.js";

const FILE = new URL("../../docs/monitor.md", import.meta.url);
const MARKED = /(?<=<!-- keys -->\n).*?(?=<!-- \/keys -->)/s;

/** The keys as docs/monitor.md lists them. */
function table(): string {
  const rows = KEY_MAP.flatMap(({ title, bindings }) => [
    `| **${title}** | |`,
    ...bindings.map(({ label, help }) => `| \`${label}\` | ${help} |`),
  ]);
  return ["", "| key | does |", "|---|---|", ...rows, "", ""].join("\n");
}

t.test("docs/monitor.md lists the keys of the key map", (t) => {
  if (process.env["UPDATE_DOCS"] === "1")
    writeFileSync(
      FILE,
      readFileSync(FILE, "utf8").replace(MARKED, () => table()),
    );
  t.equal(MARKED.exec(readFileSync(FILE, "utf8"))?.[0], table());
  t.end();
});
