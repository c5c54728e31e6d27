// `npm run bench -- [--figure NAME]… [--rounds N] [--sessions N] [--large] [--brief] [--json] [--write]`: measures each figure beside its
// yardstick. Prints a table and leaves charts in bench/charts, or JSON; with --write both go to docs/performance.md.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import type { Figure } from "./figure.ts";
import { figures } from "./figures/index.ts";
import { openGround } from "./ground.ts";
import { writeCharts } from "./report/charts.ts";
import { writeDocument } from "./report/document.ts";
import { table } from "./report/table.ts";
import { type FigureResult, measured } from "./rounds.ts";

const machine = {
  date: new Date().toISOString().slice(0, 10),
  cores: availableParallelism(),
};
const { values: options } = parseArgs({
  options: {
    figure: { type: "string", multiple: true, default: [] },
    rounds: { type: "string" },
    sessions: { type: "string" },
    large: { type: "boolean", default: false },
    brief: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

try {
  const rounds = count("rounds", options.rounds);
  const results = await measureAll(wantedFigures(options.figure), rounds);
  const run = {
    ...machine,
    figures: results,
  };
  if (options.json) console.log(JSON.stringify(run));
  else await writeCharts(results, new URL("charts/", import.meta.url));
  // Said where a script sees it; the run itself has done what it was to do.
  const missed = results.flatMap(({ rows }) => rows).filter(({ met }) => met === false).length;
  if (missed > 0) console.error(`${missed} of the targets are missed.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function measureAll(
  wanted: readonly Figure[],
  rounds: number | undefined,
): Promise<readonly FigureResult[]> {
  const ground = await openGround({
    large: options.large,
    brief: options.brief,
    sessions: count("sessions", options.sessions),
  });
  const results: FigureResult[] = [];
  try {
    for (const figure of wanted) {
      const open = await figure.open(ground);
      const result = await measured(figure, open, rounds ?? (options.brief ? 1 : figure.rounds));
      await open.close?.();
      results.push(result);
      // At once, lest a later figure that fails takes it along.
      if (options.write) await writeDocument({ ...machine, figures: [result] });
      (options.json ? console.error : console.log)(table(result));
    }
  } finally {
    await ground.close();
  }
  return results;
}

function wantedFigures(names: readonly string[]): readonly Figure[] {
  const unknown = names.filter((name) => !figures.some((figure) => figure.name === name));
  if (unknown.length > 0) {
    const known = figures.map(({ name }) => name).join(", ");
    throw new Error(`there is no figure ${unknown.join(", ")}; there are ${known}`);
  }
  return names.length === 0 ? figures : figures.filter(({ name }) => names.includes(name));
}

function count(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} is a number from 1 on`);
  return value;
}
