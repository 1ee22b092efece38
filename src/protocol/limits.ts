/**
 * Every limit of the protocol and the daemons, each with its reason. Sizes are bytes, times are milliseconds.
 *
 * Past a limit the peer gets a coded error (errors.ts) where the framing still allows one; nothing is truncated or dropped
 * in silence.
 */
export const LIMITS = {
  /** A key fits a cache set, a log line and a screen; the course allows 256 too. */
  keyBytesMax: 256,
  /** 256 KiB: the course's limit; a prepare of it stays far below one frame. */
  valueBytesMax: 262_144,
  /** One line from a client: the largest value, escaped twofold, with room for the rest. */
  frameBytesMax: 1_048_576,
  /** One line between our own processes: a client's largest line plus the fields that the master adds to it. */
  linkFrameBytesMax: 1_048_576 + 16_384,
  /** Objects and arrays inside one another in a line: our own messages need 5; a deeper line is refused before it is parsed. */
  nestingMax: 32,
  /** A client's `id` is echoed, so it is kept while the request runs. */
  requestIdCharsMax: 64,
  /** A token of 256 random bits takes 64 hex digits; a longer one is no safer, and is hashed before anyone is known. */
  tokenCharsMax: 1_024,
  /** A listing is a page: a larger one would stall the requests behind it. */
  keysPageMax: 1_000,
  /** Keys of one page, as JSON, so that a page of the longest keys still fits a frame. */
  keysPageBytesMax: 524_288,
  /** Values read for one page of a slave's copies: 4 MiB take a few ms, in which the slave does nothing else. */
  copiesValueBytesMax: 4_194_304,
  /** Slaves in a ring: beyond that a screen shows nothing and registration would be the bottleneck. */
  slavesMax: 256,
  /** Requests waiting for one cache set's lock; more means that the clients outrun the ring. */
  lockQueueMax: 4_096,
  /** Requests of one client connection under way at once; past it the connection is paused, not refused. */
  requestsInFlightMax: 1_024,
  /** Bytes of those requests and of the answers that they may get, as far as one can tell; past it the connection is paused. */
  requestsInFlightBytesMax: 4_194_304,
  /** Calls of one client library that wait to be sent; more means a loop that never waits for its answers. */
  clientCallsWaitingMax: 100_000,
  /** Status feed items that wait for the program that reads them; past it they are dropped, counted and told as a `gap`. */
  feedItemsMax: 4_096,
  /** Bytes of all updates under way at the master, so that many clients at their limits do not fill its memory. */
  updateBytesMax: 67_108_864,
  /**
   * Requests under way at the master before it knows how many it answers in a second. Then: as many as it answers in half the
   * prepare timeout, for an update that waits longer may end ABORTED and has cost as much as one that took effect.
   */
  requestsUnderWayAtFirst: 4_096,
  /** However slow the slaves are, fewer would leave them without work. */
  requestsUnderWayMin: 64,
  /** However fast, more would only wait; each costs about 1 KiB besides its value. */
  requestsUnderWayMax: 65_536,
  /** Connections of the client port: each costs some 20 KiB while it is idle, so that all of them cost some 80 MiB. */
  clientConnectionsMax: 4_096,
  /** Connections of the status port: watchers, admins and a supervisor; a watcher that does not read costs 1 MiB. */
  statusConnectionsMax: 128,
  /**
   * Connections of the registration port beyond two for each slave of the ring (the one that it has, and the one that it comes
   * back on before the old one is known to be gone).
   */
  registrationConnectionsSpare: 32,
  /** Connections of a slave's port: a master needs one, and a second when it comes back. */
  slaveConnectionsMax: 16,
  /** Connections of one port that were sent away and have not gone; when there are more, the oldest is dropped. */
  leavingConnectionsMax: 32,
  /** Descriptors that a master keeps for its files and pipes: the client port takes no connection that would need one of them. */
  filesReserved: 64,
  /** Bytes that all connections of a port hold: begun lines and answers not taken. Past it those that hold most are dropped. */
  portBytesMax: 268_435_456,
  /** A line that was begun ends within this time, or its connection does: 256 KiB take 10 s at 26 KB/s. */
  lineWithinMs: 10_000,
  /**
   * A chunk of input, 64 KiB at most, of a line that is too long is taken in so many ms: at full speed its sender would have a
   * core to himself.
   */
  skippedChunkMs: 5,
  /** A refused line of so many characters may be anyone's mistake … */
  refusedCharsFree: 65_536,
  /** … and for a longer one its sender waits as long as it takes at this rate, which leaves others nearly all of the time. */
  refusedCharsPerSecond: 20_000_000,
  /** A peer of a port between our own processes says within this time who it is: they say it at once. */
  introductionWithinMs: 10_000,
  /** A connection that was sent away, by us or by its peer's end, may take this long to get its last answers and go. */
  leaveWithinMs: 10_000,
  /**
   * A client that neither asks nor is answered for this long is gone: pools and people come back sooner, and the client library
   * connects again by itself.
   */
  clientIdleMs: 3_600_000,
  /** A client that takes nothing of what is queued for it in this time does not read. */
  clientUnreadMs: 30_000,
  /** The same for the status port: a watcher may have been stopped to be looked at, and costs at most its bounded queue. */
  watcherUnreadMs: 300_000,
  /** Messages of one slave on its registration in a second; past it we read on in the next one. An honest one sends 110. */
  registrationMessagesPerSecondMax: 1_000,
  /** Bytes queued towards one peer; past it the sender stops reading from that peer's own input. */
  writeQueueBytesMax: 4_194_304,
  /** Bytes queued towards a slave's port; past it updates of its keys are refused until it has taken them. */
  linkQueueBytesMax: 8_388_608,
  /** Bytes queued towards one status subscriber; past it events are dropped, counted and told as a `gap`. */
  subscriberQueueBytesMax: 1_048_576,
  /**
   * Events of ops and of the cache told in a second; the rest shows in the counters only. An op that is told is told whole,
   * in about 8 events.
   */
  tracedPerSecondMax: 500,
  /** A batch of feed events leaves before its time when it is longer; in UTF-16 units. */
  feedBatchCharsMax: 65_536,
  /** A longer answer is encoded anew for each hit, so that the cache does not hold its larger values twice. */
  keptAnswerCharsMax: 1_024,
  /** A larger value is stored but not cached, so that a full cache of 16,384 entries stays below 256 MiB. */
  cachedValueBytesMax: 16_384,
  /** Writes applied at a slave and not yet taken by its store; past it the slave votes abort until the store has caught up. */
  storeBacklogBytesMax: 67_108_864,
  /** The newest log lines that the master keeps for each slave. */
  logLinesKept: 2_000,
  /** One log line: longer ones are cut, so that a few of them cannot fill a frame. */
  logLineCharsMax: 4_096,
  /** Log lines of one answer, as JSON; of more the newest are told, so that it fits a frame. */
  logsBytesMax: 524_288,
  /** The same for those of a snapshot, which has more to carry. */
  snapshotLogsBytesMax: 131_072,
  /** Log lines in a snapshot; `logsreq` gives more. */
  snapshotLogLines: 100,
  /** Unresolved ops told in a snapshot, oldest first, so that it fits a frame under any load. */
  snapshotUnresolvedMax: 256,
  /** Cache sets in one answer: no screen shows more. */
  cachePageSetsMax: 64,
  /** Cached keys of one answer, as JSON, so that sets of many ways and long keys still fit a frame. */
  cachePageBytesMax: 524_288,
  /** Lines about steps of two-phase commit that a slave tells the master in one step interval; the rest are only counted. */
  stepLinesPerIntervalMax: 25,
} as const;

/** Defaults of the flags that several commands share. */
export const DEFAULTS = {
  host: "127.0.0.1",
  clientPort: 8080,
  registrationPort: 9090,
  statusPort: 8081,
  slaves: 4,
  cacheSets: 4_096,
  cacheWays: 4,
  prepareTimeoutMs: 2_000,
  heartbeatIntervalMs: 500,
  heartbeatTimeoutMs: 3_000,
  readTimeoutMs: 1_000,
  metricsIntervalMs: 250,
  stepLinesIntervalMs: 250,
  /** A start reads about this much of the log at most, and this much log is forced at a time without touching metadata. */
  segmentBytes: 16_777_216,
} as const;
