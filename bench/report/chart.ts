import type { FigureResult, RowResult } from "../rounds.ts";
import { bound, number, verdict } from "./words.ts";

const WIDTH = 720;
/** Where the bars begin and end; names stand before, numbers after. */
const LEFT = 220;
const RIGHT = 520;
const LINE = 30;
const TOP = 56;
const COLORS = { met: "#2f855a", missed: "#c53030", reported: "#4a5568" };

type Rated = RowResult & { readonly ratio: NonNullable<RowResult["ratio"]> };

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** The ratios of a figure to its yardstick, with their ranges and targets; undefined where it has none. */
export function chart(figure: FigureResult): string | undefined {
  const rows = figure.rows.filter((row): row is Rated => row.ratio !== null);
  if (rows.length === 0) return undefined;
  const ends = rows.flatMap(({ ratio, target }) => [
    ratio.most,
    target?.of === "ratio" ? target.bound : 0,
  ]);
  const most = Math.max(1, ...ends) * 1.05;
  const at = (ratio: number) => (LEFT + (RIGHT - LEFT) * ratio / most).toFixed(1);
  const height = TOP + rows.length * LINE + 12;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img"`,
    `  font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escaped(figure.title)}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    `<text x="12" y="22" font-size="15" font-weight="600" fill="#1a202c">${
      escaped(figure.title)
    }</text>`,
    `<text x="12" y="42" fill="#4a5568">times the yardstick; the line is the yardstick, the tick the target</text>`,
    ...rows.map((row, index) => bar(row, TOP + index * LINE, at)),
    `<line x1="${at(1)}" x2="${at(1)}" y1="${TOP - 4}" y2="${height - 8}" stroke="#1a202c"/>`,
    "</svg>",
    "",
  ].join("\n");
}

function bar(row: Rated, y: number, at: (ratio: number) => string): string {
  const { ratio, target } = row;
  const color = COLORS[verdict(row)];
  const middle = y + LINE / 2 - 4;
  const tick = target?.of === "ratio"
    ? `<line x1="${at(target.bound)}" x2="${at(target.bound)}" y1="${y}" y2="${
      y + 22
    }" stroke="#2b6cb0" stroke-width="3"/>`
    : "";
  const wanted = target?.of === "ratio" ? ` (${bound(target, "")}, ${verdict(row)})` : "";
  return [
    `<text x="12" y="${y + 16}" fill="#1a202c">${escaped(row.name)}</text>`,
    `<rect x="${LEFT}" y="${y + 2}" width="${(Number(at(ratio.median)) - LEFT).toFixed(1)}"`,
    `  height="18" fill="${color}" opacity="0.75"/>`,
    `<line x1="${at(ratio.least)}" x2="${
      at(ratio.most)
    }" y1="${middle}" y2="${middle}" stroke="#1a202c" stroke-width="1.5"/>`,
    tick,
    `<text x="${RIGHT + 12}" y="${y + 16}" fill="#1a202c">${number(ratio.median)} ×${
      escaped(wanted)
    }</text>`,
  ].filter((line) => line !== "").join("\n");
}
