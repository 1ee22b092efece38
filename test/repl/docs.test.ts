import { readFileSync, writeFileSync } from "node:fs";
import t from "tap";
import { COMMANDS } from "../../src/repl/command-table.js";

const FILE = new URL("../../docs/repl.md", import.meta.url);
const MARKED = /(?<=<!-- commands -->\n).*?(?=<!-- \/commands -->)/s;

/** The commands as docs/repl.md lists them. */
function table(): string {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const rows = COMMANDS.map(
    ({ name, usage, summary }) => `| \`${cell(`${name} ${usage}`.trimEnd())}\` | ${cell(summary)} |`,
  );
  return ["", "| command | does |", "|---|---|", ...rows, "", ""].join("\n");
}

t.test("docs/repl.md lists the commands that there are", (t) => {
  if (process.env["UPDATE_DOCS"] === "1") {
    writeFileSync(
      FILE,
      readFileSync(FILE, "utf8").replace(MARKED, () => table()),
    );
  }
  t.equal(MARKED.exec(readFileSync(FILE, "utf8"))?.[0], table());
  t.end();
});
