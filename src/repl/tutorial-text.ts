/** A chapter of the tutorial: what to read, and commands that are run against the cluster to show it. */
export interface Chapter {
  readonly title: string;
  readonly text: string;
  /** {primary} and {successor} are the names of the two slaves that hold the key `tutorial:city`. */
  readonly commands: readonly string[];
  /** What to try by oneself, and what to look at. */
  readonly after: string;
}

/** The guided tour: the ring, two-phase commit, crash and recovery, in ten chapters of about a minute. */
export const TUTORIAL: readonly Chapter[] = [
  {
    title: "A store of keys and values",
    text: "ringkv keeps values under keys. What you put is there until someone deletes it. All keys of this tour begin with `tutorial:`.",
    commands: ["put tutorial:city Paris", "get tutorial:city", "put tutorial:river Seine", "keys tutorial:"],
    after: "Try `get tutorial:nothing`: a key that is not there is an error with a code, and every error has one.",
  },
  {
    title: "The ring",
    text: "A key's hash is its place on a ring of 2^64 places. Every slave has a place there too: its ID. The first slave clockwise from a key's place is the key's primary, the next one its successor, and both keep a copy.",
    commands: ["ring", "where tutorial:city"],
    after: "Try `where` with other keys: similar keys land far apart, and so all slaves get their share.",
  },
  {
    title: "Two copies",
    text: "Every key is on two slaves' disks. `diff` compares the copies of all keys that two slaves share, here the two that hold `tutorial:city`.",
    commands: ["diff {primary} {successor}", "explain put tutorial:city"],
    after: "`explain` tells what a request would do, step by step, and does nothing. Try `explain get tutorial:city`.",
  },
  {
    title: "Two-phase commit",
    text: "A write must reach both copies or none. So the master asks first: PREPARE. Each slave writes the update to its log, forces it to the disk, and votes yes. When both have, the update is committed: nothing can undo it any more. The client is told at this moment, the slaves right after. Here is one with its messages and their times.",
    commands: ["trace on", "put tutorial:city Rome", "trace off"],
    after:
      "Most of the time goes into the two forced writes. They happen at the same time, and many updates share one.",
  },
  {
    title: "A slave says no",
    text: "A slave votes no when it cannot do what is asked: deleting a key that is not there, for one. Then the update is aborted, and nothing has changed.",
    commands: ["trace on", "try del tutorial:nowhere", "trace off"],
    after:
      "An update is answered when it is certain what became of it. If that cannot be known, the answer is OUTCOME_UNKNOWN, never a guess.",
  },
  {
    title: "A slave dies",
    text: "Now {successor} is killed with SIGKILL, as a crash would end it. Reads go on, from the other copy or from the master's cache. A write of a key that needs {successor} is refused at once: it could not be on two disks.",
    commands: [
      "kill {successor}",
      "slaves",
      "get tutorial:city",
      "try put tutorial:city Madrid",
      "start {successor}",
      "put tutorial:city Madrid",
    ],
    after: "A slave that comes back reads its log, tells the master what it had left open, and only then serves again.",
  },
  {
    title: "A slave dies at the worst moment",
    text: "The hard case: {successor} dies when it has forced its PREPARED record, and has not voted yet. The master gets no vote, decides to abort, and tells the client so once the other replica has confirmed it. {successor} knows nothing of this: its log says PREPARED. So the update stays unresolved until it is back and asks.",
    commands: [
      "kill {successor} after prepare-forced",
      "try put tutorial:city Berlin",
      "unresolved",
      "get tutorial:city",
      "start {successor}",
      "wait until unresolved is 0 within 10s",
      "get tutorial:city",
      "diff {primary} {successor}",
    ],
    after: "The refused write did not come back, and both copies agree. `help kill` tells of the other moments.",
  },
  {
    title: "The master dies",
    text: "The master keeps no log of updates: what the slaves have forced decides. A new master takes a higher epoch, so that nothing of the old one counts any more, and asks every slave what it has open. Both have PREPARED it: commit. One has not: abort.",
    commands: ["kill master", "wait until ring is up within 20s", "get tutorial:city", "status"],
    after: "The answer is the same as before, and the epoch has grown. The client's connection came back by itself.",
  },
  {
    title: "The caches",
    text: "The master and every slave have a cache of sets. A key belongs to one set; a set that is full lets the entry at its front go, unless it was used since (second chance). A write updates the caches when it is committed, never before.",
    commands: ["get tutorial:river", "get tutorial:river", "explain get tutorial:river", "cache master"],
    after: "A * marks an entry that was used. `cache {primary}` shows a slave's own.",
  },
  {
    title: "On your own",
    text: "In step mode the master holds every phase until you let it go; the monitor's diagram shows what is held. Faults can be set on each slave's connection: `delay`, `drop`, `partition`, and `heal`. What you type can be recorded, run again, and made a test: `help expect`, and the files in scenarios/.",
    commands: [
      "step on",
      "learner: put tutorial:city Lisbon",
      'wait until faults contains "1 held" within 5s',
      "step next",
      "step off",
      "wait for learner within 10s",
      "get tutorial:city",
      "del tutorial:city",
      "del tutorial:river",
    ],
    after: "That was the tour. `help` lists all commands.",
  },
];
