/** Turns a transcript (see transcripts.test.ts) into a mermaid sequence diagram of the same events. */
export function diagramOf(transcript: string): string {
  const lines = transcript
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#") && !line.startsWith("> show"));
  const clients = [...new Set(lines.flatMap((line) => /client \d+/.exec(line)?.[0] ?? []))];
  return [
    "```mermaid",
    "sequenceDiagram",
    ...[...clients, "master", "s1", "s2"].map((name) => `    participant ${idOf(name)} as ${name}`),
    ...lines.flatMap(eventOf),
    "```",
  ].join("\n");
}

function eventOf(line: string): string[] {
  if (line.startsWith("> ")) return directionOf(line.slice(2));
  const message = /^(.+?) -> (.+?): (.*)$/.exec(line);
  if (message !== null) {
    const [, from = "", to = "", text = ""] = message;
    return [`    ${idOf(from)}->>${idOf(to)}: ${escaped(text)}`];
  }
  const cut = /^master -x- (.+)$/.exec(line);
  if (cut !== null) return [`    master--x${cut[1] ?? ""}: connection lost`];
  const [, who = "", what = ""] = /^(.+?): (.*)$/.exec(line) ?? [];
  // `show` at the end tells the state and no event.
  if (what.includes("open ops")) return [];
  return [`    Note over ${who}: ${escaped(what)}`];
}

/** Of the stage directions only the passing of time is an event that no other line tells. */
function directionOf(direction: string): string[] {
  const [, ms] = /^wait (\d+)$/.exec(direction) ?? [];
  return ms === undefined ? [] : [`    Note over master: ${ms} ms pass`];
}

function idOf(name: string): string {
  return name.replace(" ", "");
}

/** Mermaid ends a statement at a semicolon and reads `#` as an entity. */
function escaped(text: string): string {
  return text.replaceAll(";", ",").replaceAll("#", "");
}
