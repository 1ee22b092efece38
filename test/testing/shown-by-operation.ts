import fc from "fast-check";
import { type Operation, describeOperation } from "../../src/testing/history.js";

/** Parameters of a property of histories: a counterexample is shown operation by operation. */
export function shownByOperation() {
  return {
    reporter: (details: fc.RunDetails<[readonly Operation[]]>) => {
      if (!details.failed) return;
      const lines = details.counterexample?.[0].map(describeOperation) ?? [];
      throw new Error(`${fc.defaultReportMessage(details) ?? ""}\n${lines.join("\n")}`);
    },
  };
}
