/** ringkv as a library: a client of a running cluster, its status feed, and the table of errors. */
export {
  type ClientOptions,
  type ConnectionState,
  type KeyPlace,
  type KeysOptions,
  type RequestOptions,
  RingkvClient,
  type VersionedValue,
} from "./client/client.js";
export type { FeedItem } from "./client/feed.js";
export type { SecurityOptions } from "./client/secured.js";
export { findStatusAddress } from "./client/status-address.js";
export {
  type CacheOptions,
  type CopiesOfSlave,
  type CopiesOptions,
  type LogsOptions,
  type ProcessOptions,
  StatusClient,
  type StatusClientOptions,
} from "./client/status-client.js";
export { type WatchItem, type WatchOptions, watchStatus } from "./client/watch-status.js";
export { ERRORS, type ErrorCode, RingkvError } from "./protocol/errors.js";
export type { Epoch, OpId, SlaveId } from "./protocol/ids.js";
export type {
  CacheView,
  ClusterInfo,
  Copy,
  Gap,
  HeldStep,
  LinkFault,
  LoggedLine,
  LogLevel,
  Metrics,
  ProcessVerb,
  SlaveMetrics,
  SlaveState,
  SlaveStatus,
  Snapshot,
  StatusEvent,
  StepMode,
  StepState,
  UnresolvedOp,
} from "./protocol/messages.js";
export type { TlsCredentials, TlsOptions } from "./transport/tls.js";
export type { Address, Transport } from "./transport/transport.js";
