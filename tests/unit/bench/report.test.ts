import { describe, expect, it } from "vitest";
import { atLeast, atMost } from "../../../bench/figure.ts";
import { figures } from "../../../bench/figures/index.ts";
import { chart } from "../../../bench/report/chart.ts";
import { withFigures } from "../../../bench/report/document.ts";
import { markdown, table } from "../../../bench/report/table.ts";
import { number } from "../../../bench/report/words.ts";
import type { FigureResult, RowResult } from "../../../bench/rounds.ts";
import { readProjectFile } from "../../../scripts/source/project-files.ts";

const once = (value: number) => ({ median: value, least: value, most: value });

const row = (name: string, changes: Partial<RowResult> = {}): RowResult => ({
  name,
  unit: "ms",
  value: { median: 12.34, least: 11, most: 1300 },
  yardstick: once(10),
  ratio: { median: 1.234, least: 1.1, most: 1.3 },
  target: null,
  met: null,
  ...changes,
});

const some: FigureResult = {
  name: "some",
  title: "Some & <others>",
  yardstick: "the least",
  rounds: 3,
  rows: [
    row("kept", { target: atMost(1.5), met: true }),
    row("missed", { target: atLeast(2), met: false }),
    row("told"),
    row("alone", { yardstick: null, ratio: null, target: atMost(9, "value"), met: false }),
  ],
  notes: ["What was found out."],
};

const run = (name: string) => ({ date: "2026-01-31", cores: 2, figures: [{ ...some, name }] });

describe("a number", () => {
  it.each([
    [0, "0"],
    [0.12345, "0.123"],
    [1.2345, "1.23"],
    [12.345, "12.3"],
    [1234.5, "1,235"],
  ])("%d is told as %s", (value, text) => {
    expect(number(value)).toBe(text);
  });

  it.each([Number.NaN, Infinity])("%d is not told", (value) => {
    expect(() => number(value)).toThrow("the value is no number");
  });
});

describe.each([["table", table], ["Markdown", markdown]])("the %s of a figure", (_kind, told) => {
  const lines = told(some).split("\n");
  const lineOf = (name: string) => lines.find((line) => line.includes(` ${name} `)) ?? "";

  it.each([
    ["kept", "≤ 1.5 ×", "met"],
    ["missed", "≥ 2 ×", "missed"],
    ["told", "1.23 (1.1–1.3) ×", "reported"],
    ["alone", "≤ 9 ms", "missed"],
  ])("says of %s the target and whether it is met", (name, target, met) => {
    expect(lineOf(name)).toContain(target);
    expect(lineOf(name)).toMatch(new RegExp(`\\b${met}\\W*$`));
  });

  it("has the range of the rounds, and what was found out", () => {
    expect(lineOf("kept")).toContain("12.3 (11–1,300)");
    expect(lines.join("\n")).toContain("What was found out.");
  });
});

describe("the chart of a figure", () => {
  const drawing = chart(some) ?? "";

  it("is an image of every ratio, with nothing that is not drawn", () => {
    expect(drawing).toMatch(/^<svg [^>]*role="img"/);
    expect(drawing.match(/<rect x=/g)).toHaveLength(3);
    expect(drawing).not.toContain("NaN");
    expect(drawing).not.toContain("alone");
    expect(drawing).toContain("Some &amp; &lt;others&gt;");
  });

  it("says which target is missed", () => {
    expect(drawing).toContain("1.23 × (≥ 2 ×, missed)");
  });

  it("is not drawn of numbers that stand beside nothing", () => {
    expect(chart({ ...some, rows: some.rows.filter(({ ratio }) => ratio === null) }))
      .toBeUndefined();
  });
});

describe("the document", () => {
  it.each(figures.map(({ name }) => name))("has a place for the figure %s", (name) => {
    const text = withFigures(readProjectFile("docs/performance.md"), run(name), new Map());
    expect(text).toContain("Measured on 2026-01-31, 2 cores, 3 rounds.");
    expect(withFigures(text, run(name), new Map())).toBe(text);
  });

  it("is not written where it has none", () => {
    expect(() => withFigures("# Nothing", run("some"), new Map())).toThrow("no place for some");
  });

  it("has a name for each figure, and none twice", () => {
    const names = figures.map(({ name }) => name);
    expect(names.length).toBeGreaterThan(5);
    expect(new Set(names).size).toBe(names.length);
  });
});
