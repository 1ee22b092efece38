import { jsonText } from "../repl/json-text.js";
import { escapeUnprintable } from "../protocol/unprintable.js";
import type { Reporter, ScenarioEvent, TestFailure, TestPoint, Totals } from "./events.js";

/**
 * TAP version 14 (testanything.org): a file is a subtest, and so is a section in it; a failure comes with a YAML block that tells
 * where it stands, what was expected, and what was found.
 */
export class TapReporter implements Reporter {
  #files: Counter | undefined;
  #file: Counter | undefined;
  #section: (Counter & { readonly title: string }) | undefined;

  begin(): string {
    this.#files = new Counter();
    return "TAP version 14\n";
  }

  report(event: ScenarioEvent): string {
    switch (event.type) {
      case "file":
        this.#file = new Counter();
        return `# Subtest: ${escaped(event.file)}\n    # seed ${event.seed}\n`;
      case "section": {
        const before = this.#endSection();
        this.#section = Object.assign(new Counter(), { title: event.title });
        return `${before}    # Subtest: ${escaped(event.title)}\n`;
      }
      case "test":
        return this.#testPoint(event);
      case "note":
        return `${this.#indent}# ${escapeUnprintable(event.text.replaceAll("\n", " "))}\n`;
      case "file-end":
        return this.#endFile(event);
    }
  }

  end({ passed, failed }: Totals): string {
    return `1..${this.#files?.total ?? 0}\n# ${passed} passed, ${failed} failed\n`;
  }

  get #indent(): string {
    return this.#section === undefined ? "    " : "        ";
  }

  #testPoint({ ok, name, elapsedMs, failure }: TestPoint): string {
    const counter = this.#section ?? this.#file ?? new Counter();
    const line = `${this.#indent}${counter.next(ok)} - ${escaped(name)} # time=${elapsedMs.toFixed(3)}ms\n`;
    return failure === undefined ? line : line + yamlBlock(failure, `${this.#indent}  `);
  }

  #endSection(): string {
    const section = this.#section;
    this.#section = undefined;
    if (section === undefined) return "";
    const plan = `        ${section.plan}\n`;
    return `${plan}    ${this.#file?.next(section.isOk) ?? ""} - ${escaped(section.title)}\n`;
  }

  #endFile({ file, elapsedMs, problem }: Extract<ScenarioEvent, { type: "file-end" }>): string {
    const sections = this.#endSection();
    const counter = this.#file ?? new Counter();
    const last =
      problem === undefined
        ? ""
        : `    ${counter.next(false)} - the scenario runs to its end\n${yamlText("message", problem, "      ")}`;
    const plan = `    ${counter.plan}\n`;
    const line = `${this.#files?.next(counter.isOk) ?? ""} - ${escaped(file)} # time=${elapsedMs.toFixed(3)}ms\n`;
    return sections + last + plan + line;
  }
}

/** The test points of one level. */
class Counter {
  total = 0;
  #failed = 0;

  next(ok: boolean): string {
    this.total += 1;
    if (!ok) this.#failed += 1;
    return `${ok ? "ok" : "not ok"} ${this.total}`;
  }

  get isOk(): boolean {
    return this.#failed === 0;
  }

  get plan(): string {
    return `1..${this.total}`;
  }
}

/** A description: what TAP would take for a directive or an escape is escaped, and it is one line. */
function escaped(text: string): string {
  return escapeUnprintable(text.replaceAll(/[\r\n]+/g, " ")).replaceAll(/[\\#]/g, "\\$&");
}

function yamlBlock({ file, line, statement, message, expected, found }: TestFailure, indent: string): string {
  const fields = {
    message,
    ...(expected !== undefined && { expected }),
    ...(found !== undefined && { found }),
    at: `${file}:${line}`,
    statement,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${indent}${name}: ${jsonText(value)}\n`);
  return `${indent}---\n${lines.join("")}${indent}...\n`;
}

function yamlText(name: string, value: string, indent: string): string {
  return `${indent}---\n${indent}${name}: ${jsonText(value)}\n${indent}...\n`;
}
