import { StatementReader } from "./statement-reader.js";

/** The whole statements that a text is, each of one line but for heredocs; undefined while the last one is open. */
export function wholeStatements(text: string): readonly string[] | undefined {
  const reader = new StatementReader();
  const whole = text.split("\n").map((line) => reader.push(line));
  return reader.isOpen ? undefined : whole.filter((statement) => statement !== undefined);
}
