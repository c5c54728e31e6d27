import { nodesOf, stringOf, type SyntaxNode } from "./syntax.ts";

const statements = new Set([
  "ImportDeclaration",
  "ExportNamedDeclaration",
  "ExportAllDeclaration",
  // `import("…")`, and the same as a type.
  "ImportExpression",
  "TSImportType",
]);

/**
 * What a file imports, in any of the ways that TypeScript has, types included. Null stands for a name
 * that is made up at run time.
 */
export function importsOf(path: string, text: string): (string | null)[] {
  return nodesOf(path, text).flatMap((node) => {
    const source = sourceOf(node);
    return source === undefined || source === null ? [] : [stringOf(source) ?? null];
  });
}

function sourceOf(node: SyntaxNode): unknown {
  if (statements.has(node.type)) return node["source"];
  // `import x = require("…")`
  if (node.type === "TSExternalModuleReference") return node["expression"];
  return undefined;
}
