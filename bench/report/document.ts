import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { denoProgram } from "../../stack/functions/deno.ts";
import type { FigureResult } from "../rounds.ts";
import { writeCharts } from "./charts.ts";
import { markdown } from "./table.ts";

export interface Run {
  /** YYYY-MM-DD. */
  readonly date: string;
  readonly cores: number;
  readonly figures: readonly FigureResult[];
}

const begin = (name: string) => `<!-- figure ${name}, made by \`npm run bench -- --write\` -->`;
const END = "<!-- end of figure -->";

const file = new URL("../../docs/performance.md", import.meta.url);
const images = new URL("../../docs/images/", import.meta.url);

/**
 * Puts what was measured in its places in docs/performance.md, and the charts beside it, as the format check wants them. A figure that was
 * not measured stays.
 */
export async function writeDocument(run: Run): Promise<void> {
  const charts = await writeCharts(run.figures, images);
  const text = await readFile(file, "utf8");
  await writeFile(file, withFigures(text, run, charts));
  await promisify(execFile)(denoProgram(), [
    "fmt",
    "--quiet",
    ...[file, images].map((url) => fileURLToPath(url)),
  ]);
}

/** @throws where the document has no place for a figure */
export function withFigures(
  document: string,
  { date, cores, figures }: Run,
  charts: ReadonlyMap<string, string>,
): string {
  return figures.reduce((text, figure) => {
    const [before, rest] = text.split(begin(figure.name));
    const [, ...after] = rest?.split(END) ?? [];
    if (before === undefined || after.length === 0) {
      throw new Error(
        `the document has no place for ${figure.name}: ${begin(figure.name)} … ${END}`,
      );
    }
    const chart = charts.get(figure.name);
    const made = [
      markdown(figure),
      "",
      ...(chart === undefined ? [] : [`![${figure.title}](images/${chart})`, ""]),
      `Measured on ${date}, ${cores} cores, ${figure.rounds} rounds.`,
    ].join("\n");
    return `${before}${begin(figure.name)}\n\n${made}\n\n${END}${after.join(END)}`;
  }, document);
}
