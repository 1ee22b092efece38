/** What is read of a `.cpuprofile`. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    /** The functions that it calls. */
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** A function's own time. */
export interface SelfTime {
  /** With file and line, where it has them. */
  readonly name: string;
  readonly ms: number;
  /** Its part of the time in which the process was not idle, 0 to 1. */
  readonly part: number;
}

/** Where a process spent its time. */
export interface SelfTimes {
  /** The part of the time in which it was not idle, 0 to 1. */
  readonly busy: number;
  /** The longest first. */
  readonly functions: readonly SelfTime[];
}

const NAMELESS = "(anonymous)";

/** Adds up the samples of a profile by function. */
export function selfTimesOf({ nodes, samples, timeDeltas }: CpuProfile): SelfTimes {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, describeFrame(callFrame)]));
  for (const { id, children = [] } of nodes) {
    // A native function without a name is known by who calls it.
    for (const child of children)
      if (names.get(child) === NAMELESS) names.set(child, `native, from ${names.get(id) ?? ""}`);
  }
  const micros = new Map<string, number>();
  let total = 0;
  samples.forEach((id, at) => {
    // A delta is the time before its sample.
    const delta = Math.max(0, timeDeltas[at + 1] ?? 0);
    const name = names.get(id) ?? "(unknown)";
    micros.set(name, (micros.get(name) ?? 0) + delta);
    total += delta;
  });
  const idle = micros.get("(idle)") ?? 0;
  micros.delete("(idle)");
  micros.delete("(root)");
  const busy = Math.max(1, total - idle);
  const functions = [...micros]
    .map(([name, time]) => ({ name, ms: time / 1_000, part: time / busy }))
    .sort((left, right) => right.ms - left.ms);
  return { busy: total === 0 ? 0 : busy / total, functions };
}

function describeFrame({ functionName, url, lineNumber }: CpuProfile["nodes"][number]["callFrame"]): string {
  const name = functionName === "" ? NAMELESS : functionName;
  if (url === "") return name;
  const file = /.*\/(?:dist|src|node_modules)\/(.*)$/.exec(url)?.[1] ?? url.replace(/^.*\/(?=[^/]*\/)/, "");
  return `${name} ${file}:${lineNumber + 1}`;
}
