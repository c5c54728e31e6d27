import type { FigureResult, RowResult } from "../rounds.ts";
import { bound, spread, verdict } from "./words.ts";

export const HEADINGS = ["", "unit", "measured", "yardstick", "ratio", "target", ""];

export const cells = (row: RowResult): readonly string[] => [
  row.name,
  row.unit,
  spread(row.value),
  row.yardstick === null ? "" : spread(row.yardstick),
  row.ratio === null ? "" : `${spread(row.ratio)} ×`,
  row.target === null ? "" : bound(row.target, row.unit),
  verdict(row),
];

/** A figure for a terminal: medians, in parentheses the least and the most of the rounds. */
export function table(figure: FigureResult): string {
  const lines = [HEADINGS, ...figure.rows.map(cells)];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0))
  );
  return [
    `${figure.title} (${figure.rounds} rounds)`,
    `beside: ${figure.yardstick}`,
    ...lines.map((line) =>
      `  ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd()
    ),
    ...figure.notes.map((note) => `  ${note}`),
    "",
  ].join("\n");
}

const line = (all: readonly string[]) => `| ${all.join(" | ")} |`;

/** The same for a document. */
export function markdown(figure: FigureResult): string {
  return [
    line(HEADINGS),
    line(HEADINGS.map(() => "---")),
    ...figure.rows.map((row) => line(cells(row))),
    ...figure.notes.flatMap((note) => ["", note]),
  ].join("\n");
}
