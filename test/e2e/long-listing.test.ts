import t from "tap";
import { startCluster } from "./cluster.js";

/** Six bytes of JSON for each of its 256. */
const longest = (index: number) => `${"\u0001".repeat(252)}${index.toString().padStart(4, "0")}`;
const KEYS = 1_200;

t.test("keys that grow sixfold on their way are listed whole, and no slave is lost by it", async (t) => {
  const { client, status } = await startCluster(t, { slaves: 3 });
  const wanted = Array.from({ length: KEYS }, (_, index) => longest(index));
  await Promise.all(wanted.map((key) => client.put(key, "")));
  const listed: string[] = [];
  for await (const key of client.keys()) listed.push(key);
  t.strictSame(listed, wanted);
  const { slaves } = await status.snapshot();
  t.strictSame(new Set(slaves.map(({ state }) => state)), new Set(["up"]));
});
