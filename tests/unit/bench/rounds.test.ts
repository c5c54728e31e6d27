import { describe, expect, it } from "vitest";
import { atLeast, atMost, type Row } from "../../../bench/figure.ts";
import { sharedRun } from "../../../bench/market/shared-run.ts";
import { measured } from "../../../bench/rounds.ts";
import { median, percentile, spreadOf } from "../../../bench/statistics.ts";

const figure = { name: "some", title: "Some", unit: "ms", yardstick: "the least" };

/** Answers one value after the other, and notes down that it was asked. */
function told(name: string, values: readonly number[], journal: string[] = []) {
  const left = [...values];
  return () => {
    journal.push(name);
    const next = left.shift();
    return next === undefined
      ? Promise.reject(new Error("asked once more"))
      : Promise.resolve(next);
  };
}

describe("the middle of some values", () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 2, 3], 2.5],
  ])("of %j is %d", (values, middle) => {
    expect(median(values)).toBe(middle);
  });

  it.each([
    [0, 10],
    [50, 30],
    [90, 46],
    [100, 50],
  ])("leaves %d hundredths below %d", (hundredths, value) => {
    expect(percentile([50, 10, 40, 20, 30], hundredths)).toBe(value);
  });

  it.each([
    [[], "there are no values"],
    [[1, Number.NaN], "is no number"],
    [[Infinity], "is no number"],
  ])("is none of %j", (values, why) => {
    expect(() => median(values)).toThrow(why);
  });

  it("is told with how far the values lie apart", () => {
    expect(spreadOf([3, 9, 4])).toEqual({ median: 4, least: 3, most: 9 });
  });
});

describe("rounds", () => {
  it("set each value beside the yardstick of its own round", async () => {
    const row: Row = {
      name: "a",
      measure: told("a", [10, 40, 90]),
      yardstick: told("y", [10, 20, 30]),
    };
    const { rows: [found] } = await measured(figure, { rows: [row] }, 3);
    expect(found?.ratio).toEqual({ median: 2, least: 1, most: 3 });
    expect(found?.value).toEqual({ median: 40, least: 10, most: 90 });
    expect(found?.yardstick).toEqual({ median: 20, least: 10, most: 30 });
  });

  it("measure a shared yardstick once each, and begin with another row in the next", async () => {
    const journal: string[] = [];
    const yardstick = told("y", [1, 1], journal);
    const rows = ["a", "b"].map((name) => ({
      name,
      measure: told(name, [1, 1], journal),
      yardstick,
    }));
    await measured(figure, { rows }, 2);
    expect(journal).toEqual(["y", "a", "b", "y", "b", "a"]);
  });

  it.each([
    ["a ratio that is enough", atLeast(2), [4], [2], true],
    ["a ratio that is not", atLeast(2.1), [4], [2], false],
    ["a ratio that may be no more", atMost(2), [4], [2], true],
    ["one that is more", atMost(1.9), [4], [2], false],
    ["a value beside a better ratio", atMost(3, "value"), [4], [4], false],
    ["no target", undefined, [4], [2], null],
  ])("judge %s", async (_what, target, values, beside, met) => {
    const row: Row = {
      name: "a",
      measure: told("a", values),
      yardstick: told("y", beside),
      ...(target && { target }),
    };
    const { rows: [found] } = await measured(figure, { rows: [row] }, 1);
    expect(found?.met).toBe(met);
  });

  it("end with the first measurement that fails", async () => {
    const row: Row = { name: "a", measure: told("a", [1]) };
    await expect(measured(figure, { rows: [row] }, 2)).rejects.toThrow("asked once more");
  });
});

describe("rows that tell of one run", () => {
  it("are of the same one within a round, in whatever order, and of another in the next", async () => {
    let runs = 0;
    const row = sharedRun(() => Promise.resolve(runs += 1));
    const [first, second] = [row("first", (run) => run), row("second", (run) => run * 10)];
    expect([await first(), await second(), await second(), await first()]).toEqual([1, 10, 20, 2]);
  });
});
