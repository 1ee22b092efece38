import { RingkvError } from "../protocol/errors.js";
import type { Command } from "./command.js";
import { escapeUnprintable, quote } from "./tokenize.js";

/** Reading and writing keys. */
export const DATA_COMMANDS: readonly Command[] = [
  {
    name: "get",
    usage: "K",
    summary: "print the value of a key",
    examples: ["get city", 'get "a key with blanks"'],
    arity: { min: 1, max: 1 },
    completes: "key",
    async run({ cluster, output, signal }, [key = ""]) {
      const found = await cluster.get(key, { signal });
      if (found === undefined) throw new RingkvError("KEY_NOT_FOUND", "Key does not exist");
      await output.print(output.terminal ? escapeUnprintable(found.value) : found.value);
      return "done";
    },
  },
  {
    name: "put",
    usage: "K V",
    summary: "write a value; it is on two slaves' disks when OK comes",
    detail: `Quoting: "…" knows \\n \\r \\t \\b \\a \\\\ \\" \\xHH \\u{H…}; '…' is literal, with \\' for a quote.`,
    examples: ["put city Paris", 'put greeting "good\\nmorning"', "put quote 'say \"hi\"'", 'put nothing ""'],
    arity: { min: 2, max: 2 },
    completes: "key",
    async run({ cluster, output, signal }, [key = "", value = ""]) {
      await cluster.put(key, value, { signal });
      await output.print(output.paint.good("OK"));
      return "done";
    },
  },
  {
    name: "del",
    usage: "K",
    summary: "delete a key",
    examples: ["del city"],
    arity: { min: 1, max: 1 },
    completes: "key",
    async run({ cluster, output, signal }, [key = ""]) {
      await cluster.del(key, { signal });
      await output.print(output.paint.good("OK"));
      return "done";
    },
  },
  {
    name: "keys",
    usage: "[PREFIX]",
    summary: "list the keys, or those that start with PREFIX, in the order of their bytes",
    examples: ["keys", "keys user:"],
    arity: { min: 0, max: 1 },
    completes: "key",
    async run({ cluster, output, signal }, [prefix = ""]) {
      for await (const key of cluster.keys({ prefix, signal })) {
        signal.throwIfAborted();
        await output.print(output.terminal ? quote(key) : key);
      }
      return "done";
    },
  },
];
