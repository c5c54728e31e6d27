import { nodesOf, stringOf, type SyntaxNode } from "../../../scripts/source/syntax.ts";

/** What a file loads before it runs: the modules that it imports or exports on, but for types and for late imports. */
export function loadedBy(path: string, text: string): string[] {
  return nodesOf(path, text).filter(isLoading).flatMap((node) => stringOf(node["source"]) ?? []);
}

function isLoading(node: SyntaxNode): boolean {
  if (node.type === "ExportAllDeclaration") return node["exportKind"] !== "type";
  if (node.type === "ImportDeclaration") return node["importKind"] !== "type" && !areTypes(node);
  if (node.type !== "ExportNamedDeclaration" || node["source"] === null) return false;
  return node["exportKind"] !== "type" && !areTypes(node);
}

/** Whether a list of names holds nothing but types: Deno leaves such an import out. */
function areTypes({ specifiers }: SyntaxNode): boolean {
  if (!Array.isArray(specifiers) || specifiers.length === 0) return false;
  return specifiers.every((one: SyntaxNode) =>
    one["importKind"] === "type" || one["exportKind"] === "type"
  );
}
