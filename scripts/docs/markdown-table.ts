/** A Markdown table with its columns padded, as `deno fmt` writes it. */
export function markdownTable(head: readonly string[], rows: readonly string[][]): string {
  const lines = [head, ...rows].map((cells) => cells.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) =>
    Math.max(...lines.map((cells) => cells[column]?.length ?? 0))
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
  const [first = [], ...rest] = lines;
  return [line(first), line(widths.map((width) => "-".repeat(width))), ...rest.map(line)].join("");
}
