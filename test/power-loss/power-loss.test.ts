import t from "tap";
import { CLI } from "../e2e/cluster.js";
import { Random } from "../random.js";
import { fileURLToPath } from "node:url";
import type { Address } from "../../src/transport/transport.js";
import type { Dishonesty } from "./dishonest-files.js";
import { discardLeftovers, whyNoLoopDisks } from "./loop-disk.js";
import { PowerCuts, SEGMENT_BYTES, SLAVE_ID } from "./power-cuts.js";
import { SlaveProcess } from "./slave-process.js";

const CUTS = Number(process.env["POWER_CUTS"] ?? 200);
const CUTS_OF_DISHONEST = 10;
const random = new Random();
await discardLeftovers();
const skip = await whyNoLoopDisks();
if (skip !== undefined) t.comment(`SKIPPED, nothing was shown about power loss: ${skip}`);

t.test(
  `no acknowledged write is lost in ${CUTS} power cuts under load (SEED=${random.seed})`,
  { skip: skip ?? false, timeout: CUTS * 2_000 },
  async (t) => {
    const begun = performance.now();
    const { cuts, lives, acknowledged, values, faults } = await PowerCuts.run({
      cuts: CUTS,
      random,
      startSlave: (data, { host, port }) =>
        new SlaveProcess([
          process.execPath,
          CLI,
          ...["slave", "--supervised"],
          ...["--id", SLAVE_ID, "--data", data, "--master", `${host}:${port}`],
          ...["--segment-bytes", SEGMENT_BYTES.toString()],
        ]),
    });
    const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
    t.comment(
      `${cuts} power cuts in ${seconds} s, ${lives} processes; ` +
        `${acknowledged} acknowledged writes and ${values} values checked`,
    );
    t.strictSame(faults, []);
    t.ok(acknowledged > 50 * cuts, "writes were acknowledged between the cuts");
  },
);

t.test(
  `the same rig loses acknowledged writes of a slave whose forces do nothing (SEED=${random.seed})`,
  { skip: skip ?? false, timeout: 60_000 },
  async (t) => {
    const { faults, cuts } = await PowerCuts.run({
      cuts: CUTS_OF_DISHONEST,
      random,
      startSlave: (data, master) => dishonestSlave("records-unforced", data, master),
    });
    t.comment(`${faults.length} faults in ${cuts} power cuts, such as: ${faults.slice(0, 3).join("; ")}`);
    t.match(faults.join("\n"), /\(committed, acknowledged\) is reported as nothing/, "acknowledged ops are gone");
    t.match(faults.join("\n"), / is nothing, acknowledged was /, "acknowledged values are gone");
  },
);

function dishonestSlave(dishonesty: Dishonesty, data: string, { port }: Address): SlaveProcess {
  const script = fileURLToPath(new URL("dishonest-slave.ts", import.meta.url));
  const args = [dishonesty, SLAVE_ID, data, port.toString(), SEGMENT_BYTES.toString()];
  return new SlaveProcess([process.execPath, ...process.execArgv, script, ...args]);
}
