/**
 * ringkv for tests: whole clusters to break, histories of what clients saw, two linearizability checkers, and a timeline to look
 * at.
 */
export { type HistoryCheck } from "./history-check.js";
export type { ClusterOptions, TestContext } from "./cluster/options.js";
export { startCluster } from "./cluster/start-cluster.js";
export type { PointOptions, TestCluster, TestSlave } from "./cluster/test-cluster.js";
export {
  type Del,
  type Done,
  type Failed,
  type Found,
  type Get,
  type HistorySink,
  type NotFound,
  type Operation,
  type Put,
  type Unknown,
  describeOperation,
  operationsByKey,
} from "./history.js";
export { HistoryWriter, type TextSink, formatHistory, parseHistory } from "./history-file.js";
export {
  type BudgetExceeded,
  type Linearizable,
  type RefereeOptions,
  type Unexplained,
  type Verdict,
  checkLinearizability,
} from "./linearizability.js";
export { RecordedClient } from "./recorded-client.js";
export { type Finding, type TimelineOptions, drawTimeline } from "./timeline.js";
export { type Violation, checkVersions, describeViolation } from "./version-check.js";
