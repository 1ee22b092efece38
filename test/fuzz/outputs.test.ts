import { Writable } from "node:stream";
import fc from "fast-check";
import t from "tap";
import type { OpId } from "../../src/protocol/ids.js";
import { jsonText } from "../../src/repl/json-text.js";
import { PLAIN_PAINT } from "../../src/repl/paint.js";
import type { ScenarioEvent } from "../../src/scenario/events.js";
import { JsonReporter } from "../../src/scenario/json-reporter.js";
import { SpecReporter } from "../../src/scenario/spec-reporter.js";
import { TapReporter } from "../../src/scenario/tap-reporter.js";
import { stderrLog } from "../../src/server/log.js";
import { dumpLog, verifyLog } from "../../src/server/storage/log-report.js";
import { MemoryFiles } from "../../src/server/storage/memory-files.js";
import type { Operation } from "../../src/testing/history.js";
import { drawTimeline } from "../../src/testing/timeline.js";
import { printFrame } from "../../src/tui/print-frame.js";
import { printLines } from "../../src/tui/print-lines.js";
import { openLog, prepared } from "../server/storage/log-fixtures.js";
import { HOSTILE, HostileCluster } from "./hostile-cluster.js";
import { rawControlIn } from "./raw-controls.js";

/** Hostile texts: the known ones, any characters, and both mixed. */
const hostile = fc.oneof(
  fc.constant(HOSTILE),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({
    unit: fc.constantFrom("\u001b", "[", "]", "\u009b", "\u0007", "\n", "\r", "<", "&", "'", '"', "\u202e", "a"),
  }),
);

function checks(seed = Date.now() % 1_000_000) {
  t.comment(`seed ${seed}`);
  return { numRuns: 200, seed };
}

/** A stream that keeps what is written. */
class Collected extends Writable {
  text = "";

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

t.test("a daemon's log is one line for each text, and acts on no terminal", (t) => {
  const lines: string[] = [];
  t.capture(process.stderr, "write", (line: string) => lines.push(line));
  fc.assert(
    fc.property(hostile, (text) => {
      lines.length = 0;
      stderrLog("warn", text);
      const [line = ""] = lines;
      return lines.length === 1 && rawControlIn(line) === undefined && line.indexOf("\n") === line.length - 1;
    }),
    checks(),
  );
  t.end();
});

t.test("the reporters of scenarios print no control character, and JSON that is JSON", (t) => {
  fc.assert(
    fc.property(hostile, (text) => {
      const failure = { file: text, line: 1, statement: text, message: text, expected: text, found: text };
      const events: readonly ScenarioEvent[] = [
        { type: "file", file: text, seed: 1 },
        { type: "section", title: text },
        { type: "test", ok: false, name: text, elapsedMs: 1, failure },
        { type: "note", text },
        { type: "file-end", file: text, elapsedMs: 1, problem: text },
      ];
      for (const reporter of [new SpecReporter(PLAIN_PAINT), new TapReporter()]) {
        const output = [reporter.begin(), ...events.map((event) => reporter.report(event))].join("");
        const control = rawControlIn(output);
        if (control !== undefined) throw new Error(`${reporter.constructor.name}: ${control}`);
      }
      for (const event of events) {
        const json = new JsonReporter().report(event);
        if (rawControlIn(json) !== undefined) throw new Error("JSON with a control character");
        JSON.parse(json);
      }
    }),
    checks(),
  );
  t.end();
});

t.test("a line that a scenario names cannot forge a test point of TAP", (t) => {
  const reporter = new TapReporter();
  reporter.begin();
  const text = "name\nok 99 - forged # SKIP";
  const output = reporter.report({ type: "test", ok: false, name: text, elapsedMs: 1, failure: undefined });
  t.notMatch(output, /^\s*ok 99/m);
  t.notMatch(output, /[^\\]# SKIP/);
  t.end();
});

t.test("a timeline holds no control character, and of what is stored no markup", (t) => {
  fc.assert(
    fc.property(hostile, (text) => {
      const operation: Operation = {
        client: text,
        kind: "put",
        key: text,
        value: text,
        calledMs: 1,
        returnedMs: 2,
        outcome: { type: "done", version: "1.1" as OpId },
      };
      const read: Operation = {
        ...operation,
        kind: "get",
        outcome: { type: "found", value: text, version: "1.1" as OpId },
      };
      const html = drawTimeline([operation, read], {
        key: text,
        verdict: "violation",
        findings: [{ title: "t", reason: text, operations: [read] }],
      });
      const control = rawControlIn(html);
      if (control !== undefined) throw new Error(control);
      // The page's own elements, whatever is stored: an attribute or a tag of the text would add to them.
      if (
        /<(?!\/?(?:!doctype|html|head|meta|title|style|body|main|h1|h2|code|p|span|a|ul|li|ol|div|svg|rect|line|text|g|path|table|thead|tbody|tr|td|th)\b)/i.test(
          html,
        )
      ) {
        throw new Error("an element that the page does not have");
      }
      if (/onerror=alert/.test(html.replaceAll(/&[a-z#0-9]+;/g, "")) && /<img/.test(html)) throw new Error("markup");
    }),
    checks(),
  );
  t.end();
});

t.test("`log dump` and `log verify` print no control character of what is stored", async (t) => {
  await fc.assert(
    fc.asyncProperty(
      hostile.filter((text) => text.isWellFormed() && text !== ""),
      async (text) => {
        const files = new MemoryFiles();
        const { log, durable } = await openLog("/data", { segmentBytes: 4_096, files });
        await durable(log.append({ ...prepared(1, text), key: text } as ReturnType<typeof prepared>, "force"));
        await durable(
          log.append(
            { type: "epoch", epoch: "2", masterId: text, newest: "1.1" } as ReturnType<typeof prepared>,
            "force",
          ),
        );
        await log.close();
        for (const line of [...(await dumpLog("/data", files)), (await verifyLog("/data", files)).text]) {
          const control = rawControlIn(line) ?? (line.includes("\n") ? "a line end" : undefined);
          if (control !== undefined) throw new Error(control);
        }
      },
    ),
    { ...checks(), numRuns: 60 },
  );
  t.pass();
});

t.test("a frame of the monitor, and the feed as lines, hold no control character", async (t) => {
  for (const [columns, rows] of [
    [80, 24],
    [200, 60],
    [40, 12],
  ] as const) {
    for (const ascii of [true, false]) {
      const output = new Collected();
      await printFrame({ cluster: new HostileCluster(), output, columns, rows, ascii });
      t.equal(rawControlIn(output.text), undefined, `${columns} × ${rows}`);
    }
  }
  const cluster = new HostileCluster();
  const snapshot = await cluster.snapshot();
  const feed = async function* () {
    yield await Promise.resolve(snapshot);
    yield { type: "event", seq: 1, time: 8.64e15, event: "log", level: "error", text: HOSTILE } as const;
    yield { type: "event", seq: 2, time: 1, event: "log", level: "warn", text: HOSTILE } as const;
  };
  const output = new Collected();
  await printLines(feed(), output);
  t.match(output.text, /script/);
  t.equal(rawControlIn(output.text), undefined);
});

t.test("JSON for programs parses to what it tells, and acts on no terminal either", (t) => {
  fc.assert(
    fc.property(hostile, (text) => {
      const json = jsonText({ text });
      return rawControlIn(json) === undefined && (JSON.parse(json) as { readonly text: string }).text === text;
    }),
    checks(),
  );
  t.end();
});
