import t from "tap";
import type { Connection } from "../../src/transport/transport.js";
import { Random } from "../random.js";
import { Network } from "./network.js";
import { Life, World } from "./world.js";

const FRAME_BYTES_MAX = 1_024;
const CONNECTIONS = 400;
const LINES = 200;

t.test("a connection is first in first out, however the delays of what it carries fall", async (t) => {
  const random = new Random(1);
  const world = new World((_, error) => t.fail(String(error)));
  const network = new Network(world, random, { minMs: 0.1, typicalMs: 1, slowPart: 0.1, slowMs: 300 });
  const [near, far] = [new Life("near"), new Life("far")];
  const seen = new Map<Connection, number[]>();
  const listener = await network
    .transportOf("far", far)
    .listen({ host: "far", port: 0, frameBytesMax: FRAME_BYTES_MAX }, (connection) => {
      const numbers: number[] = [];
      seen.set(connection, numbers);
      return { onFrames: (frames) => numbers.push(...frames.map(Number)), onClose: () => undefined };
    });
  for (let each = 0; each < CONNECTIONS; each += 1) {
    void network
      .transportOf("near", near)
      .connect(
        { ...listener.address, frameBytesMax: FRAME_BYTES_MAX },
        { onFrames: () => undefined, onClose: () => undefined },
      )
      .then((connection) => {
        let afterMs = 0;
        for (let line = 0; line < LINES; line += 1) {
          afterMs += random.next() * 3;
          world.after(afterMs, near, () => connection.sendLine(`${line}\n`));
        }
      });
  }
  await world.run(60_000);
  const inOrder = Array.from({ length: LINES }, (_, line) => line);
  t.equal(seen.size, CONNECTIONS);
  t.equal([...seen.values()].filter((numbers) => numbers.join() !== inOrder.join()).length, 0);
});
