import { RingkvError } from "../protocol/errors.js";
import type { Command, CommandContext } from "./command.js";
import { quote } from "./tokenize.js";
import { escapeUnprintable } from "../protocol/unprintable.js";

/** Reading and writing keys. */
export const DATA_COMMANDS: readonly Command[] = [
  {
    name: "get",
    usage: "K",
    summary: "print the value of a key",
    examples: ["get city", 'get "a key with blanks"'],
    arity: { min: 1, max: 1 },
    completes: ["key"],
    run: (context, [key = ""]) =>
      traced(context, "get", key, async ({ cluster, output, signal }) => {
        const found = await cluster.get(key, { signal });
        if (found === undefined) throw new RingkvError("KEY_NOT_FOUND", "Key does not exist");
        const { value, opId } = found;
        await output.print(output.terminal ? escapeUnprintable(value) : value, { key, value, opId });
      }),
  },
  {
    name: "put",
    usage: "K V",
    summary: "write a value; it is on two slaves' disks when OK comes",
    detail: `Quoting: "…" knows \\n \\r \\t \\b \\a \\\\ \\" \\xHH \\u{H…}; '…' is literal, with \\' for a quote. A JSON object or array needs no quotes. <<END takes the lines up to END.`,
    examples: [
      "put city Paris",
      'put greeting "good\\nmorning"',
      "put quote 'say \"hi\"'",
      'put user {"name": "Ada", "age": 36}',
      "put poem <<END\nfirst line\nsecond line\nEND",
      'put nothing ""',
    ],
    arity: { min: 2, max: 2 },
    completes: ["key"],
    run: (context, [key = "", value = ""]) =>
      traced(context, "put", key, async ({ cluster, output, signal }) => {
        const { opId } = await cluster.put(key, value, { signal });
        await output.print(output.paint.good("OK"), { key, opId });
      }),
  },
  {
    name: "del",
    usage: "K",
    summary: "delete a key",
    examples: ["del city"],
    arity: { min: 1, max: 1 },
    completes: ["key"],
    run: (context, [key = ""]) =>
      traced(context, "del", key, async ({ cluster, output, signal }) => {
        const { opId } = await cluster.del(key, { signal });
        await output.print(output.paint.good("OK"), { key, opId });
      }),
  },
  {
    name: "keys",
    usage: "[PREFIX]",
    summary: "list the keys, or those that start with PREFIX, in the order of their bytes",
    examples: ["keys", "keys user:"],
    arity: { min: 0, max: 1 },
    completes: ["key"],
    lists: "keys",
    async run({ cluster, output, signal }, [prefix = ""]) {
      for await (const key of cluster.keys({ prefix, signal })) {
        signal.throwIfAborted();
        await output.print(output.terminal ? quote(key) : key, { key });
      }
      return "done";
    },
  },
];

/** Runs a request and, while the trace is on, prints what it made flow, also when it failed. */
async function traced(
  context: CommandContext,
  kind: "get" | "put" | "del",
  key: string,
  run: (context: CommandContext) => Promise<void>,
): Promise<"done"> {
  const { tracer } = context.session;
  tracer?.begin();
  try {
    await run(context);
  } finally {
    if (tracer !== undefined) await context.output.print(context.output.paint.dim(await tracer.tell(kind, key)));
  }
  return "done";
}
