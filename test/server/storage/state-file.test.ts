import fs from "node:fs";
import path from "node:path";
import t from "tap";
import type { Epoch, SlaveId } from "../../../src/protocol/ids.js";
import { ClusterFile } from "../../../src/server/storage/cluster-file.js";
import { MasterState, type MasterStateContent } from "../../../src/server/storage/master-state.js";
import { SimulatedDisk, randomOf } from "./simulated-disk.js";

const content = (epoch: number): MasterStateContent => ({
  epoch: epoch.toString() as Epoch,
  members: [{ slaveId: "18446744073709551615" as SlaveId, storeId: `store-${epoch}`, epoch: "1" as Epoch }],
});

t.test("a master's state is undefined at first, then what was saved last", async (t) => {
  const directory = t.testdir();
  const state = await MasterState.open(directory);
  t.equal(state.found, undefined);
  await state.save(content(1));
  await Promise.all([state.save(content(2)), state.save(content(3))]);
  t.same((await MasterState.open(directory)).found, content(3));
  t.same(fs.readdirSync(directory), ["master.json"]);
  t.equal(fs.statSync(path.join(directory, "master.json")).mode & 0o777, 0o600);
});

t.test("a cluster file keeps its slaves in their order", async (t) => {
  const directory = t.testdir();
  const slaves = ["5", "3", "9"] as SlaveId[];
  const file = await ClusterFile.open(directory);
  t.equal(file.found, undefined);
  await file.save({ slaves });
  t.same((await ClusterFile.open(directory)).found, { slaves });
});

t.test("a state file with any byte changed or cut is refused by name, never taken for a missing one", async (t) => {
  const directory = t.testdir();
  const file = path.join(directory, "master.json");
  await (await MasterState.open(directory)).save(content(7));
  const whole = fs.readFileSync(file);
  for (let index = 0; index < whole.length - 1; index++) {
    const changed = Buffer.from(whole);
    changed[index] = (changed[index] ?? 0) ^ 0x01;
    for (const bytes of [changed, whole.subarray(0, index)]) {
      fs.writeFileSync(file, bytes);
      const refusal = await MasterState.open(directory).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (!(refusal instanceof Error) || !refusal.message.includes(file)) t.fail(`byte ${index} was not noticed`);
    }
  }
  fs.writeFileSync(file, whole);
  t.same((await MasterState.open(directory)).found, content(7));
});

t.test("a state file of a later version is refused", async (t) => {
  const directory = t.testdir({ "master.json": '{"version":3,"checksum":"0","state":{}}' });
  await t.rejects(MasterState.open(directory), { code: "STORAGE", message: /version is 3/ });
});

t.test(
  "whenever the power goes during a save, the old state or the new one is there, and the new one once saved",
  async (t) => {
    for (let point = 1; ; point++) {
      const disk = new SimulatedDisk();
      await (await MasterState.open("/data", disk)).save(content(1));
      disk.powerCutAt = disk.operations + point;
      const saved = await (await MasterState.open("/data", disk)).save(content(2)).then(
        () => true,
        () => false,
      );
      for (let seed = 0; seed < 20; seed++) {
        const { found } = await MasterState.open("/data", disk.afterPowerCut(randomOf(seed)));
        const epochs = saved ? ["2"] : ["1", "2"];
        if (!epochs.includes(found?.epoch ?? "none")) t.fail(`point ${point}, seed ${seed}: ${found?.epoch}`);
      }
      if (saved) {
        t.ok(point > 4, `${point - 1} points`);
        return;
      }
    }
  },
);

t.test("a save that the disk refuses rejects with STORAGE", async (t) => {
  const disk = new SimulatedDisk();
  const state = await MasterState.open("/data", disk);
  disk.forceError = new Error("EIO");
  await t.rejects(state.save(content(1)), { code: "STORAGE", message: /master\.json: EIO/ });
  disk.forceError = undefined;
  await state.save(content(2));
  t.same((await MasterState.open("/data", disk)).found, content(2));
});
