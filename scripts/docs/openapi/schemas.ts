import { basename } from "node:path";
import * as z from "zod";
import { email } from "../../../shared/contract/primitives.ts";
import { projectFiles, readProjectFile } from "../../source/project-files.ts";
import { isObject, type JsonSchema } from "./json-schema.ts";
import { type Comments, commentsOfSchemas } from "./comments.ts";

interface Named {
  readonly name: string;
  readonly schema: z.core.$ZodType;
  readonly comments: Comments;
}

const pascal = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);

/** Every schema that shared/contract exports, by its name. */
const named: readonly Named[] = (await Promise.all(
  projectFiles((path) => /^shared\/contract\/[a-z-]+\.ts$/.test(path)).map(async (path) => {
    const comments = commentsOfSchemas(path, readProjectFile(path));
    const exported = z.record(z.string(), z.unknown())
      .parse({ ...await import(`../../../shared/contract/${basename(path, ".ts")}.ts`) });
    return Object.entries(exported).flatMap(([name, schema]) =>
      schema instanceof z.core.$ZodType
        ? [{ name: pascal(name), schema, comments: comments.get(name) ?? new Map() }]
        : []
    );
  }),
)).flat();

/** A zod schema's component, as a reference to it. */
export function reference(schema: z.core.$ZodType): JsonSchema {
  const name = named.find((one) => one.schema === schema)?.name;
  if (name === undefined) throw new Error("shared/contract exports no such schema");
  return { $ref: place(name) };
}

const place = (name: string) => `#/components/schemas/${name}`;

/**
 * All components, as callers write what they send: what a schema fills in or leaves out by itself is optional. What is answered has
 * neither. An answer may get more properties with time, so that none is closed.
 */
export function componentSchemas(): Record<string, JsonSchema> {
  const registry = z.registry<{ readonly id: string }>();
  for (const { name, schema } of named) registry.add(schema, { id: name });
  const made = z.toJSONSchema(registry, {
    io: "input",
    target: "draft-2020-12",
    uri: place,
    override: ({ zodSchema, jsonSchema }) => {
      // Its form is told by functions, which JSON Schema has no words for.
      if (zodSchema === email) jsonSchema.format = "email";
    },
  });
  return Object.fromEntries(
    named.map(({ name, comments }): [string, JsonSchema] => {
      const { $schema: _draft, $id: _id, ...schema } = { ...made.schemas[name] };
      for (const [way, comment] of comments) describe(schema, way, comment, name);
      return [name, schema];
    }).toSorted(([a], [b]) => a < b ? -1 : 1),
  );
}

function describe(schema: JsonSchema, way: string, comment: string, name: string): void {
  const target = way === "" ? schema : at(schema, way.split("."));
  if (target === undefined) throw new Error(`${name} has no property ${way} to say something of`);
  target["description"] ??= comment;
}

/** What stands at the end of a way through properties, whatever branches and lists lie between. */
function at(schema: unknown, way: readonly string[]): JsonSchema | undefined {
  if (!isObject(schema)) return undefined;
  const [next, ...rest] = way;
  if (next === undefined) return schema;
  const own = isObject(schema["properties"]) ? schema["properties"][next] : undefined;
  if (own !== undefined) return at(own, rest);
  const branches = z.array(z.unknown()).optional().parse(schema["anyOf"]) ?? [];
  return [...branches, schema["items"]].map((branch) => at(branch, way))
    .find((found) => found !== undefined);
}

/** The components that are reached from what is given, and from each other. */
export function reached(
  from: unknown,
  all: Readonly<Record<string, JsonSchema>>,
): Record<string, JsonSchema> {
  const names = new Set<string>();
  const visit = (value: unknown): void => {
    for (
      const [, name = ""] of JSON.stringify(value).matchAll(/"#\/components\/schemas\/(\w+)"/g)
    ) {
      if (names.has(name)) continue;
      names.add(name);
      visit(all[name]);
    }
  };
  visit(from);
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
}
