import { UsageError, type Values } from "../config.js";
import { DEFAULTS } from "../protocol/limits.js";
import { writeText } from "../repl/output.js";
import { evenlySpreadIds, inRingOrder } from "../server/supervisor/ring-ids.js";
import { CertificateDirectory, wishesOf } from "./certificate-directory.js";
import { EXIT } from "./exit-code.js";
import type { CERTS } from "./settings.js";

/** `ringkv certs DIR`: a CA of one's own, and a certificate for each who needs one. What is there already stays. */
export async function run({ slaves, ids, hosts, days }: Values<typeof CERTS>, path: string): Promise<number> {
  if (ids !== undefined && slaves !== undefined && slaves !== ids.length) {
    throw new UsageError(`--ids names ${ids.length} slaves and --slaves says ${slaves}`);
  }
  const members = ids === undefined ? evenlySpreadIds(slaves ?? DEFAULTS.slaves) : inRingOrder(ids);
  const directory = await CertificateDirectory.open(path);
  const made: string[] = [];
  const kept: string[] = [];
  for (const wish of wishesOf(members, hosts ?? [])) {
    const isNew = await directory.issue({ ...wish, days });
    (isNew ? made : kept).push(`${wish.name}.crt`);
  }
  const told = [
    ...(made.length > 0 ? [`made in ${directory.path}: ${made.join(", ")}, and the key of each`] : []),
    ...(kept.length > 0 ? [`there already, and left as they are: ${kept.join(", ")}`] : []),
    `each machine needs ca.crt and its own pair; keep ca.key apart, for it makes more of them`,
  ];
  await writeText(process.stdout, `${told.join("\n")}\n`);
  return EXIT.done;
}
