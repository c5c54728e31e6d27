import * as fc from "fast-check";
import * as z from "zod";
import { hostileValue } from "./hostile.ts";

/** The part of JSON Schema that the contract's schemas come to. */
interface Form {
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Form[];
  readonly properties?: Readonly<Record<string, Form>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Form | boolean;
  readonly items?: Form;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
}

const form: z.ZodType<Form> = z.custom<Form>((value) => typeof value === "object");

/** Values that exist, by the name of the property that takes them: without them every body ends at its first look-up. */
export type Known = Readonly<Record<string, readonly string[]>>;

/**
 * Bodies as a zod schema describes them, here and there with a value or a key that it does not.
 *
 * @param spoiled one value in so many is a hostile one
 */
export function bodies(schema: z.core.$ZodType, known: Known, spoiled = 8): fc.Arbitrary<unknown> {
  const wanted = form.parse(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
  return ofForm(wanted, known, spoiled, "");
}

function ofForm(wanted: Form, known: Known, spoiled: number, name: string): fc.Arbitrary<unknown> {
  return fc.oneof(
    { arbitrary: sound(wanted, known, spoiled, name), weight: spoiled },
    { arbitrary: hostileValue, weight: 1 },
  );
}

function sound(wanted: Form, known: Known, spoiled: number, name: string): fc.Arbitrary<unknown> {
  const values = known[name];
  if (values !== undefined) return fc.constantFrom(...values);
  if (wanted.const !== undefined) return fc.constant(wanted.const);
  if (wanted.enum !== undefined) return fc.constantFrom(...wanted.enum);
  if (wanted.anyOf !== undefined) {
    return fc.oneof(...wanted.anyOf.map((each) => ofForm(each, known, spoiled, name)));
  }
  switch (wanted.type) {
    case "object":
      return object(wanted, known, spoiled);
    case "array":
      return fc.array(ofForm(wanted.items ?? {}, known, spoiled, name), {
        maxLength: (wanted.maxItems ?? 3) + 1,
      });
    case "integer":
      // Its bounds and what lies just beyond them.
      return fc.integer({ min: (wanted.minimum ?? 0) - 1, max: (wanted.maximum ?? 100) + 1 });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "string":
      return text(wanted, name);
    case undefined:
    default:
      return hostileValue;
  }
}

function object(wanted: Form, known: Known, spoiled: number): fc.Arbitrary<unknown> {
  const properties = Object.entries(wanted.properties ?? {}).map(([name, each]) =>
    [name, ofForm(each, known, spoiled, name)] as const
  );
  const given = fc.record<Record<string, unknown>>(Object.fromEntries(properties), {
    requiredKeys: [...(wanted.required ?? [])],
  });
  const more = typeof wanted.additionalProperties === "object"
    ? ofForm(wanted.additionalProperties, known, spoiled, "")
    : hostileValue;
  const extra = fc.dictionary(fc.string({ maxLength: 41 }), more, { maxKeys: 2 });
  return fc.oneof(
    { arbitrary: given, weight: 3 },
    { arbitrary: fc.tuple(given, extra).map(([a, b]) => Object.assign({}, b, a)), weight: 1 },
  );
}

function text(wanted: Form, name: string): fc.Arbitrary<string> {
  if (wanted.format === "uuid") return fc.uuid();
  if (wanted.format === "email" || /email$/i.test(name)) return fc.emailAddress();
  if (/url$/i.test(name)) return fc.webUrl({ validSchemes: ["https", "http"] });
  const [min, max] = [wanted.minLength ?? 0, wanted.maxLength ?? 40];
  return fc.oneof(
    fc.string({ unit: "grapheme", minLength: min, maxLength: Math.min(max, 40) }),
    // As long as it may be, and one longer.
    fc.constantFrom("x".repeat(max), "x".repeat(max + 1)),
  );
}
