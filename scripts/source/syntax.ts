import { parseAst } from "vitest/node";
import * as z from "zod";

/** A node of the syntax tree that Oxc makes of TypeScript, in the ESTree form. */
export interface SyntaxNode {
  readonly type: string;
  readonly [field: string]: unknown;
}

const languages: Readonly<Record<string, "ts" | "tsx" | "dts" | "js">> = {
  ".d.ts": "dts",
  ".ts": "ts",
  ".tsx": "tsx",
  ".js": "js",
  ".mjs": "js",
};

/** Every node of a file, parents first. Throws where the file does not parse. */
export function nodesOf(path: string, text: string): SyntaxNode[] {
  const ending = /(\.d)?\.[a-z]+$/.exec(path)?.[0] ?? "";
  const lang = languages[ending];
  if (lang === undefined) throw new Error(`${path}: no source file by its name`);
  try {
    return nodesBelow(parseAst(text, { lang }, path));
  } catch (cause) {
    throw new Error(`${path} does not parse`, { cause });
  }
}

/** The nodes in a node or a list of them, itself included, parents first. */
export function nodesBelow(value: unknown): SyntaxNode[] {
  const found: SyntaxNode[] = [];
  const visit = (one: unknown): void => {
    if (typeof one !== "object" || one === null) return;
    if (!Array.isArray(one) && isNode(one)) found.push(one);
    for (const inner of Object.values(one)) visit(inner);
  };
  visit(value);
  return found;
}

function isNode(value: object): value is SyntaxNode {
  return "type" in value && typeof value.type === "string";
}

const literal = z.object({ type: z.literal("Literal"), value: z.string() })
  .transform(({ value }) => value);
const template = z.object({
  type: z.literal("TemplateLiteral"),
  quasis: z.tuple([z.object({ value: z.object({ cooked: z.string() }) })]),
}).transform(({ quasis: [only] }) => only.value.cooked);
const string = z.union([literal, template]);

/** The text of a string literal, or of a template without a hole; undefined for all else. */
export function stringOf(node: unknown): string | undefined {
  return string.safeParse(node).data;
}
