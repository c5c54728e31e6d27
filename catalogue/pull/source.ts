import type { CatalogueInput } from "../define.ts";

/** The file: TypeScript that this project's formatter leaves as it is. `from` is where it finds `defineCatalogue`. */
export const sourceOf = (catalogue: CatalogueInput, from: string): string =>
  [
    `import { defineCatalogue } from ${JSON.stringify(from)};`,
    "",
    `export default defineCatalogue(${literal(catalogue, "")});`,
    "",
  ].join("\n");

function literal(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  const lines = Object.entries(value).map(([key, one]) => {
    const name = /^[a-zA-Z_]\w*$/.test(key) ? key : JSON.stringify(key);
    return `${inner}${name}: ${literal(one, inner)},\n`;
  });
  return lines.length === 0 ? "{}" : `{\n${lines.join("")}${indent}}`;
}
