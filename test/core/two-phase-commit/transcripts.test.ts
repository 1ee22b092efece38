import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import t from "tap";
import { diagramOf } from "./diagrams.js";
import { Stage } from "./stage.js";

/**
 * The transcripts in ./transcripts read like plays: a line with `> ` is a stage direction, the lines below it are what the
 * cores did. `UPDATE_TRANSCRIPTS=1` writes them anew; read the diff before you commit it.
 */
const directory = new URL("transcripts/", import.meta.url);
const isUpdating = process.env["UPDATE_TRANSCRIPTS"] === "1";
const DIAGRAMS_HEAD = `# The failure matrix, drawn

Each scene is a transcript of the shipped coordinator and participant, played by \`npm test\`; \`npm run docs\` draws them anew. Both
slaves hold every key here. What is forced, and when, is a note over its slave.
`;
const diagrams = new URL("../../../docs/failure-scenes.md", import.meta.url);
const names = readdirSync(directory)
  .filter((file) => file.endsWith(".txt"))
  .sort();

for (const name of names) {
  const file = new URL(name, directory);
  const text = readFileSync(file, "utf8");
  t.test(`${name}: ${titleOf(text)}`, (t) => {
    const played = perform(text);
    if (isUpdating) writeFileSync(file, played);
    t.equal(text, played);
    t.end();
  });
}

t.test("docs/failure-scenes.md draws what the transcripts say", (t) => {
  const scenes = names.map((name) => {
    const transcript = readFileSync(new URL(name, directory), "utf8");
    return `## ${name.slice(0, 2)}. ${titleOf(transcript)}\n\n${diagramOf(transcript)}\n`;
  });
  const text = `${DIAGRAMS_HEAD}\n${scenes.join("\n")}`;
  if (isUpdating) writeFileSync(diagrams, text);
  t.equal(readFileSync(diagrams, "utf8"), text);
  t.end();
});

function titleOf(transcript: string): string {
  return transcript.split("\n", 1)[0]?.replace(/^# /, "") ?? "";
}

/** Plays the directions of a transcript and writes down what happened below each. */
function perform(text: string): string {
  const stage = new Stage();
  const lines: string[] = [];
  for (const line of text.split("\n")) {
    if (line.startsWith("#")) lines.push(line);
    else if (line.startsWith("> ")) {
      lines.push("", line, ...stage.play(line.slice(2)));
    }
  }
  return `${lines.join("\n")}\n`;
}
