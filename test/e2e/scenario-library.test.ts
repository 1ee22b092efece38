import { fileURLToPath } from "node:url";
import t from "tap";
import { runCli } from "../cli/run-cli.js";
import { consumeTap } from "./consume-tap.js";

const SCENARIOS = fileURLToPath(new URL("../../scenarios", import.meta.url));

t.test("every scenario of the library passes on a cluster of processes", async (t) => {
  const { code, out, err } = await runCli(["run", SCENARIOS, "--reporter", "tap"]);
  t.same(
    out.split("\n").filter((line) => line.includes("not ok")),
    [],
    err,
  );
  t.equal(code, 0);
  const { ok, files, failed } = await consumeTap(out);
  t.ok(ok);
  t.ok(files >= 26, `${files} files`);
  t.equal(failed, 0);
});
