import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import t from "tap";
import { Stage } from "./stage.js";

/**
 * The transcripts in ./transcripts read like plays: a line with `> ` is a stage direction, the lines below it are what the
 * cores did. `UPDATE_TRANSCRIPTS=1` writes them anew; read the diff before you commit it.
 */
const directory = new URL("transcripts/", import.meta.url);
const isUpdating = process.env["UPDATE_TRANSCRIPTS"] === "1";

for (const name of readdirSync(directory).filter((file) => file.endsWith(".txt"))) {
  const file = new URL(name, directory);
  const text = readFileSync(file, "utf8");
  const title = text.split("\n", 1)[0]?.replace(/^# /, "") ?? name;
  t.test(`${name}: ${title}`, (t) => {
    const played = perform(text);
    if (isUpdating) writeFileSync(file, played);
    t.equal(text, played);
    t.end();
  });
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
