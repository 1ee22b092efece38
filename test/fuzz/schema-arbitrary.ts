import fc from "fast-check";
import type { z } from "zod";

/**
 * An arbitrary of what a message's schema describes, mostly valid: made from the schema itself, so that a new field or a new
 * message is fuzzed from the day it is there. Strings are drawn by their field's name, because a schema knows no more of them
 * than a check.
 *
 * @param words likely values of fields, by name
 */
export function arbitraryOf(schema: z.ZodType, words: Words): fc.Arbitrary<unknown> {
  return build(schema, "", words);
}

export type Words = ReadonlyMap<string, readonly unknown[]>;

/** What is known of a schema's inside, of whatever kind it is. */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly options?: readonly z.ZodType[];
  readonly values?: readonly unknown[];
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly element?: z.ZodType;
  readonly items?: readonly z.ZodType[];
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
}

function build(schema: z.ZodType, name: string, words: Words): fc.Arbitrary<unknown> {
  const def = schema.def as unknown as Definition;
  const inner = (part: z.ZodType | undefined, as = name) => (part === undefined ? ANY_JSON : build(part, as, words));
  switch (def.type) {
    case "object":
      return objectOf(def.shape ?? {}, words);
    case "union":
      return fc.oneof(...(def.options ?? []).map((option) => inner(option)));
    case "array":
      return fc.array(inner(def.element), { maxLength: 4 });
    case "tuple":
      return fc.tuple(...(def.items ?? []).map((item) => inner(item)));
    case "optional":
      return fc.option(inner(def.innerType), { nil: undefined, freq: 3 });
    case "default":
    case "readonly":
      return inner(def.innerType);
    case "pipe":
      return inner(def.in);
    case "literal":
      return fc.constantFrom(...(def.values ?? []));
    case "enum":
      return fc.constantFrom(...Object.values(def.entries ?? {}));
    case "boolean":
      return fc.boolean();
    case "number":
      return fc.oneof(
        { weight: 6, arbitrary: likely(name, words) ?? fc.nat({ max: 20 }) },
        { weight: 1, arbitrary: fc.constantFrom(0, 1, 64, 1_000, 65_535, 2 ** 31, 2 ** 53 - 1, -1, 1.5, 1e21, -0) },
      );
    case "string":
      return fc.oneof({ weight: 10, arbitrary: likely(name, words) ?? SHORT_TEXT }, { weight: 1, arbitrary: ANY_TEXT });
    default:
      throw new Error(`no arbitrary for a schema of the kind ${def.type}`);
  }
}

/** Made once: each of these carries a table of all characters. */
const ANY_TEXT = fc.string({ unit: "binary", maxLength: 12 });
const SHORT_TEXT = fc.string({ maxLength: 8 });
const ANY_JSON = fc.jsonValue({ maxDepth: 2 });

function likely(name: string, words: Words): fc.Arbitrary<unknown> | undefined {
  const known = words.get(name);
  return known === undefined ? undefined : fc.constantFrom(...known);
}

/** Now and then a field is missing, or is not what it should be. */
function objectOf(shape: Readonly<Record<string, z.ZodType>>, words: Words): fc.Arbitrary<unknown> {
  const fields = Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, build(field, name, words)]));
  const names = Object.keys(shape).filter((name) => name !== "type");
  const whole = fc.record(fields);
  if (names.length === 0) return whole;
  const wrong = fc.tuple(whole, fc.constantFrom(...names), fc.oneof(fc.constant(undefined), ANY_JSON));
  return fc.oneof(
    { weight: 8, arbitrary: whole },
    { weight: 1, arbitrary: wrong.map(([object, name, value]) => ({ ...object, [name]: value })) },
  );
}
