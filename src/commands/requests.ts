import type { Values } from "../config.js";
import { RingkvClient } from "../client/client.js";
import { RingkvError } from "../protocol/errors.js";
import { OutputClosed, writeText } from "../repl/output.js";
import { quote } from "../repl/tokenize.js";
import { escapeLines } from "../protocol/unprintable.js";
import { targetOf } from "./connection.js";
import { EXIT } from "./exit-code.js";
import type { CONNECT } from "./settings.js";

type Connect = Values<typeof CONNECT>;

/** `ringkv get KEY`: prints the value as it is, and a newline; on a terminal what could act on it is escaped. */
export async function get(to: Connect, key: string): Promise<number> {
  return withClient(to, async (client) => {
    const found = await client.get(key);
    if (found === undefined) throw new RingkvError("KEY_NOT_FOUND", "Key does not exist");
    await writeText(process.stdout, `${process.stdout.isTTY ? escapeLines(found.value) : found.value}\n`);
  });
}

/** `ringkv put KEY [VALUE]`: without a value, all of standard input is the value. */
export async function put(to: Connect, key: string, value: string | undefined): Promise<number> {
  const bytes = value ?? (await readStdin());
  return withClient(to, async (client) => {
    await client.put(key, bytes);
    await writeText(process.stdout, "OK\n");
  });
}

/** `ringkv del KEY` */
export async function del(to: Connect, key: string): Promise<number> {
  return withClient(to, async (client) => {
    await client.del(key);
    await writeText(process.stdout, "OK\n");
  });
}

/** `ringkv keys [PREFIX]`: one key a line, on a terminal quoted where it must be. */
export async function keys(to: Connect, prefix: string): Promise<number> {
  return withClient(to, async (client) => {
    for await (const key of client.keys({ prefix })) {
      await writeText(process.stdout, `${process.stdout.isTTY ? quote(key) : key}\n`);
    }
  });
}

async function withClient(to: Connect, use: (client: RingkvClient) => Promise<void>): Promise<number> {
  process.stdout.on("error", () => undefined);
  const client = await RingkvClient.connect(targetOf(to.connect, to));
  try {
    await use(client);
  } catch (error) {
    if (!(error instanceof OutputClosed)) throw error;
  } finally {
    await client.close();
  }
  return EXIT.done;
}

async function readStdin(): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw new RingkvError("BAD_REQUEST", "Standard input is not valid UTF-8.", { cause: error });
  }
}
