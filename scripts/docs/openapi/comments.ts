import { nodesBelow, nodesOf } from "../../source/syntax.ts";

/** What is said of a schema and, by the way through its properties, of what is in it: `customer.taxId`; of itself, the empty text. */
export type Comments = ReadonlyMap<string, string>;

/** The comments of each exported constant of a file, by its name. */
export function commentsOfSchemas(path: string, text: string): ReadonlyMap<string, Comments> {
  const found = new Map<string, Comments>();
  for (const node of nodesOf(path, text)) {
    if (node.type !== "ExportNamedDeclaration") continue;
    for (const declared of nodesBelow(node["declaration"])) {
      if (declared.type !== "VariableDeclarator") continue;
      const name = nameOf(declared["id"]);
      if (name === undefined) continue;
      const comments = new Map(inside({ text, found }, declared["init"], []));
      const own = commentBefore(text, startOf(node));
      if (own !== undefined) comments.set("", own);
      found.set(name, comments);
    }
  }
  return found;
}

interface Read {
  readonly text: string;
  readonly found: ReadonlyMap<string, Comments>;
}

/** Of each property below, what is said of it, the properties of a base that is extended before those of its own. */
function inside(read: Read, value: unknown, above: readonly string[]): [string, string][] {
  if (Array.isArray(value)) return value.flatMap((one) => inside(read, one, above));
  if (typeof value !== "object" || value === null) return [];
  const node = Object.fromEntries<unknown>(Object.entries(value));
  if (node["type"] === "CallExpression" && isExtend(node["callee"])) {
    const [base, ...own] = nodesIn(node["arguments"]);
    const said = [...read.found.get(nameOf(base) ?? "") ?? []];
    const ofBase = said.flatMap(([way, comment]): [string, string][] =>
      way === "" ? [] : [[[...above, way].join("."), comment]]
    );
    return [...ofBase, ...inside(read, own, above)];
  }
  const name = node["type"] === "Property" ? nameOf(node["key"]) : undefined;
  if (name === undefined) return Object.values(node).flatMap((one) => inside(read, one, above));
  const way = [...above, name];
  const comment = commentBefore(read.text, startOf(node));
  const below = inside(read, node["value"], way);
  return comment === undefined ? below : [[way.join("."), comment], ...below];
}

const nodesIn = (value: unknown): unknown[] => Array.isArray(value) ? value : [];

/** `z.extend(base, …)` */
const isExtend = (callee: unknown) =>
  typeof callee === "object" && callee !== null && "property" in callee &&
  nameOf(callee.property) === "extend";

function nameOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("name" in value)) return undefined;
  return typeof value.name === "string" ? value.name : undefined;
}

function startOf({ start, type }: Readonly<Record<string, unknown>>): number {
  if (typeof start !== "number") throw new Error(`a ${String(type)} that stands nowhere`);
  return start;
}

/** The documentation comment that ends right before a place, as one line of text. */
function commentBefore(text: string, place: number): string | undefined {
  const before = text.slice(0, place).trimEnd();
  if (!before.endsWith("*/")) return undefined;
  const begin = before.lastIndexOf("/**");
  if (begin === -1 || before.slice(begin, -2).includes("*/")) return undefined;
  return before.slice(begin + 3, -2).replaceAll(/^\s*\* ?/gm, "").replaceAll(/\s+/g, " ").trim();
}
