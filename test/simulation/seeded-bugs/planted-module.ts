import { existsSync, readFileSync } from "node:fs";
import ts from "typescript";
import { type SeededBug, withBug } from "./seeded-bug.js";

/** Names the bug to plant, in the environment of a test process and its children. Nothing in src knows of it. */
export const SEEDED_BUG_VARIABLE = "SEEDED_BUG";

/** What a planted module says on stderr when it runs, so that a bug in a module that never runs is not taken for missed. */
export function plantedLine(bug: SeededBug): string {
  return `seeded bug planted: ${bug.name}`;
}

/** A bug's module as JavaScript, with the bug in it. @throws Error when it has no place in the source, or does not parse */
export function plantedModule(bug: SeededBug): string {
  const file = new URL(`src/${bug.file}`, packageRoot());
  const { outputText, diagnostics = [] } = ts.transpileModule(withBug(readFileSync(file, "utf8"), bug), {
    fileName: file.pathname,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  });
  const [error] = diagnostics;
  if (error !== undefined) {
    throw new Error(`Seeded bug ${bug.name}: ${ts.flattenDiagnosticMessageText(error.messageText, "\n")}`);
  }
  return `${outputText}\nconsole.error(${JSON.stringify(plantedLine(bug))});\n`;
}

/** The package's directory, from wherever below it this is compiled to. */
function packageRoot(): URL {
  for (let directory = new URL("./", import.meta.url); ;) {
    if (existsSync(new URL("package.json", directory))) return directory;
    const parent = new URL("../", directory);
    if (parent.href === directory.href) throw new Error("There is no package.json above the seeded bugs.");
    directory = parent;
  }
}
