import { jsonText } from "../repl/json-text.js";
import type { Reporter, ScenarioEvent, Totals } from "./events.js";

/** For programs: each event as one JSON line, and the totals as the last one. */
export class JsonReporter implements Reporter {
  begin(): string {
    return "";
  }

  report(event: ScenarioEvent): string {
    return `${jsonText(event)}\n`;
  }

  end(totals: Totals): string {
    return `${jsonText({ type: "totals", ...totals })}\n`;
  }
}
