import { mkdir, writeFile } from "node:fs/promises";
import type { FigureResult } from "../rounds.ts";
import { chart } from "./chart.ts";

/** Writes a chart for each figure that has one; answers the files' names by the figures'. */
export async function writeCharts(
  figures: readonly FigureResult[],
  folder: URL,
): Promise<ReadonlyMap<string, string>> {
  await mkdir(folder, { recursive: true });
  const names = new Map<string, string>();
  for (const figure of figures) {
    const drawing = chart(figure);
    if (drawing === undefined) continue;
    const name = `bench-${figure.name}.svg`;
    await writeFile(new URL(name, folder), drawing);
    names.set(figure.name, name);
  }
  return names;
}
