/** What a run of scenarios tells, as it happens; the reporters turn it into text. */
export type ScenarioEvent =
  | { readonly type: "file"; readonly file: string; readonly seed: number }
  | { readonly type: "section"; readonly title: string }
  | TestPoint
  | { readonly type: "note"; readonly text: string }
  /** @param problem why the file could not be run, or not to its end */
  | {
      readonly type: "file-end";
      readonly file: string;
      readonly elapsedMs: number;
      readonly problem: string | undefined;
    };

/** One test: an expectation, or a statement that went wrong. */
export interface TestPoint {
  readonly type: "test";
  readonly ok: boolean;
  /** The statement, its first line. */
  readonly name: string;
  readonly elapsedMs: number;
  /** Where it stands, and what is wrong; undefined when it is as expected. */
  readonly failure: TestFailure | undefined;
}

export interface TestFailure {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly statement: string;
  readonly message: string;
  /** Where the test expects something. */
  readonly expected?: string;
  readonly found?: string;
}

/** Counts of tests. */
export interface Totals {
  readonly passed: number;
  readonly failed: number;
}

/** Turns events into text, each as it comes. */
export interface Reporter {
  /** What to write before the first event. */
  begin(): string;
  report(event: ScenarioEvent): string;
  /** What to write after the last one. */
  end(totals: Totals): string;
}
