import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import t from "tap";
import ts from "typescript";
import { SEEDED_BUGS, seededBug } from "./catalogue.js";
import { SEEDED_BUG_VARIABLE, plantedLine, plantedModule } from "./planted-module.js";
import { withBug } from "./seeded-bug.js";
import { seededBugsTable, withTable } from "./table.js";

const ROOT = new URL("../../../", import.meta.url);

/** A file of the package as JSON; tsconfig files have no comments. */
function json(file: string): unknown {
  return JSON.parse(readFileSync(new URL(file, ROOT), "utf8"));
}

t.test("there are at least 25 seeded bugs, and each has a name of its own in kebab-case", (t) => {
  const names = SEEDED_BUGS.map(({ name }) => name);
  t.ok(names.length >= 25, `${names.length}`);
  t.equal(new Set(names).size, names.length);
  t.strictSame(
    names.filter((name) => !/^[a-z]+(-[a-z]+)*$/.test(name)),
    [],
  );
  t.end();
});

t.test("no two seeded bugs are the same change", (t) => {
  const changes = SEEDED_BUGS.map(({ file, find, replace }) => JSON.stringify([file, find, replace]));
  t.equal(new Set(changes).size, changes.length);
  t.end();
});

for (const bug of SEEDED_BUGS) {
  t.test(`${bug.name} has its one place in src/${bug.file}, and parses there`, (t) => {
    t.not(bug.find, bug.replace);
    t.match(plantedModule(bug), plantedLine(bug));
    t.end();
  });
}

t.test("a bug whose text is not in the source, or there twice, is refused", (t) => {
  const bug = { name: "a-bug", what: "", file: "core/ring.ts", find: "x = 1", replace: "x = 2" };
  t.equal(withBug("let x = 1;", bug), "let x = 2;");
  t.throws(() => withBug("let y = 1;", bug), { message: /0 times in src\/core\/ring.ts/ });
  t.throws(() => withBug("x = 1; x = 1;", bug), { message: /2 times/ });
  t.end();
});

t.test("a bug that does not parse is refused", (t) => {
  const bug = {
    name: "a-bug",
    what: "",
    file: "core/ring.ts",
    find: "export class Ring {",
    replace: "export class {{",
  };
  t.throws(() => plantedModule(bug), { message: /^Seeded bug a-bug: / });
  t.end();
});

t.test("nothing under src knows of seeded bugs", (t) => {
  const files = readdirSync(new URL("src/", ROOT), { recursive: true, encoding: "utf8" });
  const sources = files.filter((file) => /\.tsx?$/.test(file));
  t.ok(sources.length > 50);
  const knowing = sources.filter((file) => {
    return /seeded.?bug/i.test(readFileSync(new URL(`src/${file}`, ROOT), "utf8"));
  });
  t.strictSame(knowing, []);
  t.end();
});

t.test("the package has what is built from src, pages, examples and scenarios, and no part of the tests", (t) => {
  const { files } = json("package.json") as { readonly files: readonly string[] };
  t.strictSame(
    files.filter(
      (entry) => !["dist", "docs", "examples", "scenarios"].includes(entry) && !/^[A-Z]+(\.md)?$/.test(entry),
    ),
    [],
  );
  const build = json("tsconfig.build.json") as {
    readonly include: readonly string[];
    readonly compilerOptions: { readonly rootDir: string; readonly outDir: string };
  };
  t.strictSame(build.include, ["src"]);
  t.match(build.compilerOptions, { rootDir: "src", outDir: "dist" });
  t.end();
});

/** What the probe prints, where each of the three threads and processes has loaded the module. */
const PROBE = `
  import { spawnSync } from "node:child_process";
  import { Worker, isMainThread } from "node:worker_threads";
  const { deriveOutcome } = await import("./src/core/two-phase-commit/recovery.js");
  const place = process.argv[2] ?? (isMainThread ? "process" : "worker");
  console.log(place + ": " + deriveOutcome("prepared", "prepared"));
  if (place === "process") {
    await new Promise((resolve) => new Worker(new URL(import.meta.url)).on("exit", resolve));
    process.stdout.write(spawnSync(process.execPath, ["probe.js", "child"], { encoding: "utf8" }).stdout);
  }
`;

t.test("a bug is planted in a process that names it, in its workers and children, and nowhere else", async (t) => {
  const compiled = t.testdir({ "probe.js": PROBE });
  transpile(["src/core/two-phase-commit/recovery.ts", ...seededBugsFiles()], compiled);
  const plant = `${compiled}/test/simulation/seeded-bugs/plant.js`;
  const run = async (environment: Readonly<Record<string, string>>) => {
    const { PATH } = process.env;
    const options = { cwd: compiled, env: { PATH, ...environment } };
    return promisify(execFile)(process.execPath, ["probe.js"], options);
  };
  const bug = seededBug("both-prepared-aborts");
  const planted = await run({ NODE_OPTIONS: `--import=${plant}`, [SEEDED_BUG_VARIABLE]: bug.name });
  t.equal(planted.stdout, "process: abort\nworker: abort\nchild: abort\n");
  t.match(planted.stderr, plantedLine(bug));
  t.equal((await run({ [SEEDED_BUG_VARIABLE]: bug.name })).stdout, "process: commit\nworker: commit\nchild: commit\n");
});

function seededBugsFiles(): string[] {
  const directory = fileURLToPath(new URL(".", import.meta.url));
  const names = readdirSync(directory).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  return names.map((name) => `test/simulation/seeded-bugs/${name}`);
}

/** Compiles files of the package, each for itself. */
function transpile(files: readonly string[], to: string): void {
  for (const file of files) {
    const { outputText } = ts.transpileModule(readFileSync(new URL(file, ROOT), "utf8"), {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
    });
    const target = `${to}/${file.replace(/\.ts$/, ".js")}`;
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
}

t.test("the table has a row for each bug, and says which were not caught", (t) => {
  const bugs = ["first", "second"].map((name) => ({ name, what: "It breaks.", file: "a.ts", find: "a", replace: "b" }));
  const table = seededBugsTable(bugs, { first: { seed: 7, violation: "k0: a | b" } });
  t.equal(
    withTable("above\n<!-- seeded-bugs:begin -->\nold\n<!-- seeded-bugs:end -->\nbelow\n", table),
    [
      "above",
      "<!-- seeded-bugs:begin -->",
      "| bug | in src/ | what it breaks | first seed | how it showed |",
      "| --- | --- | --- | --- | --- |",
      "| first | `a.ts` | It breaks. | 7 | k0: a \\| b |",
      "| second | `a.ts` | It breaks. | **not caught** |  |",
      "<!-- seeded-bugs:end -->",
      "below",
      "",
    ].join("\n"),
  );
  t.throws(() => withTable("a page without a place", table), { message: /seeded-bugs:begin/ });
  t.end();
});
