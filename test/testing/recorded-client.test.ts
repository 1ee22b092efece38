import t from "tap";
import { RingkvClient } from "../../src/client/client.js";
import { HistoryWriter, parseHistory } from "../../src/testing/history-file.js";
import { RecordedClient } from "../../src/testing/recorded-client.js";
import { FakeServer, echo } from "../client/fake-server.js";

t.test("every answer goes into the history with its times, refusals and unknown outcomes included", async (t) => {
  const codes = ["KEY_NOT_FOUND", "ABORTED", "OUTCOME_UNKNOWN"];
  const server = await FakeServer.start(t, (request, connection) => {
    const { id, key } = request;
    if (key !== undefined && codes.includes(key)) connection.send({ type: "resp", id, code: key, message: "no" });
    else echo(request, connection);
  });
  let text = "";
  const writer = new HistoryWriter({ write: (line) => (text += line) });
  const client = new RecordedClient("c1", await RingkvClient.connect({ port: server.port }), writer);
  t.teardown(() => client.close());

  const before = performance.now();
  const returned = [
    await client.put("k", "v"),
    await client.get("k"),
    await client.del("k"),
    await client.get("KEY_NOT_FOUND"),
    await client.del("KEY_NOT_FOUND"),
    await client.put("ABORTED", "v"),
    await client.put("OUTCOME_UNKNOWN", "v"),
    await client.del("OUTCOME_UNKNOWN"),
  ];
  const after = performance.now();

  const history = parseHistory(text);
  t.strictSame(history, returned);
  t.strictSame(
    history.map(({ kind, outcome }) => `${kind} ${outcome.type}`),
    [
      ...["put done", "get found", "del done", "get not-found", "del not-found"],
      ...["put failed", "put unknown", "del unknown"],
    ],
  );
  t.match(history[1], { client: "c1", key: "k", outcome: { value: "k", version: "1.1" } });
  let lastMs = before;
  for (const { calledMs, returnedMs } of history) {
    t.ok(lastMs <= calledMs && calledMs <= returnedMs, "one after the other, on one clock");
    lastMs = returnedMs;
  }
  t.ok(lastMs <= after);
});
