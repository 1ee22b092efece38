import { UsageError } from "../config.js";
import { writeText } from "../repl/output.js";
import { dumpLog, verifyLog } from "../server/storage/log-report.js";
import { EXIT } from "./exit-code.js";

/** `ringkv log dump DIR` and `ringkv log verify DIR`; `verify` fails on damage, not on a torn tail, which is no loss. */
export async function run(action: string, directory: string): Promise<number> {
  process.stdout.on("error", () => undefined);
  switch (action) {
    case "dump":
      for (const line of await dumpLog(directory)) await writeText(process.stdout, `${line}\n`);
      return EXIT.done;
    case "verify": {
      const { verdict, text } = await verifyLog(directory);
      await writeText(process.stdout, `${text}\n`);
      return verdict === "damage" ? EXIT.failed : EXIT.done;
    }
    default:
      throw new UsageError(`log <action> <dir>: the action is dump or verify, not ${JSON.stringify(action)}`);
  }
}
