import type { Figure, Measure, OpenFigure, Row, Target } from "./figure.ts";
import { type Spread, spreadOf } from "./statistics.ts";

export interface RowResult {
  readonly name: string;
  readonly unit: string;
  readonly value: Spread;
  readonly yardstick: Spread | null;
  /** Of the two of one round; the middle of those of all rounds. */
  readonly ratio: Spread | null;
  readonly target: Target | null;
  /** Whether the middle keeps the target; null where there is none. */
  readonly met: boolean | null;
}

export interface FigureResult {
  readonly name: string;
  readonly title: string;
  readonly yardstick: string;
  readonly rounds: number;
  readonly rows: readonly RowResult[];
  readonly notes: readonly string[];
}

/** Measures every row and its yardstick in turn, round after round: what disturbs the machine disturbs both. */
export async function measured(
  figure: Pick<Figure, "name" | "title" | "unit" | "yardstick">,
  open: OpenFigure,
  rounds: number,
): Promise<FigureResult> {
  const found = open.rows.map((row) => ({ row, values: [] as number[], beside: [] as number[] }));
  for (let round = 0; round < rounds; round += 1) {
    const once = oncePerRound();
    // What grows, or warms up, meets each row first in another round.
    for (const each of round % 2 === 0 ? found : found.toReversed()) {
      const { row: { measure, yardstick } } = each;
      const beside = yardstick === undefined ? undefined : await once(yardstick);
      each.values.push(await once(measure));
      if (beside !== undefined) each.beside.push(beside);
    }
  }
  return {
    name: figure.name,
    title: figure.title,
    yardstick: figure.yardstick,
    rounds,
    rows: found.map(({ row, values, beside }) => resultOf(row, figure.unit, values, beside)),
    notes: await open.notes?.() ?? [],
  };
}

function oncePerRound() {
  const measurements = new Map<Measure, Promise<number>>();
  return (measure: Measure): Promise<number> => {
    const known = measurements.get(measure) ?? measure();
    measurements.set(measure, known);
    return known;
  };
}

function resultOf(
  row: Row,
  unit: string,
  values: readonly number[],
  beside: readonly number[],
): RowResult {
  const { target = null } = row;
  const value = spreadOf(values);
  const ratio = beside.length === 0
    ? null
    : spreadOf(values.map((one, round) => one / (beside[round] ?? Number.NaN)));
  const judged = target?.of === "value" ? value.median : ratio?.median;
  return {
    name: row.name,
    unit: row.unit ?? unit,
    value,
    yardstick: beside.length === 0 ? null : spreadOf(beside),
    ratio,
    target,
    met: target === null || judged === undefined ? null : keeps(target, judged),
  };
}

export const keeps = ({ is, bound }: Target, value: number): boolean =>
  is === "at least" ? value >= bound : value <= bound;
