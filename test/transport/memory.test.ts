import t from "tap";
import { MemoryTransport } from "../../src/transport/memory.js";
import { connectPair, testTransport } from "./conformance.js";

function memory(chunkBytes: number) {
  return () => {
    const transport = new MemoryTransport({ chunkBytes });
    return {
      transport,
      resettable: async ({ host, port }: { host: string; port: number }) => {
        await transport.connect(
          { host, port, frameBytesMax: 100 },
          { onFrames: () => undefined, onClose: () => undefined },
        );
        return () => transport.cut(port);
      },
    };
  };
}

t.test("the memory transport is a Transport", (t) => {
  testTransport(t, memory(65_536));
  t.end();
});

t.test("the memory transport is a Transport when chunks cut lines and characters", (t) => {
  testTransport(t, memory(1_021));
  t.end();
});

t.test("chunks are as large as asked for, so that each byte may come alone", async (t) => {
  const { near, farLog } = await connectPair(t, memory(1)());
  near.send({ text: "é€😀" });
  near.send({ n: 2 });
  await farLog.framesReach(2);
  t.strictSame(farLog.batches, [['{"text":"é€😀"}'], ['{"n":2}']]);
});

t.test("all that is sent in one turn arrives in one piece when it fits a chunk", async (t) => {
  const { near, farLog } = await connectPair(t, memory(65_536)());
  for (let n = 0; n < 50; n++) near.send({ n });
  await farLog.framesReach(50);
  t.equal(farLog.batches.length, 1);
});
