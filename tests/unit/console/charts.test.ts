import { describe, expect, it } from "vitest";
import { bar, inkOf, sparkline } from "../../../scripts/console/charts.ts";

describe("a sparkline", () => {
  it.each([
    ["the highest value is the full block, and nothing is a blank", [0, 1, 8], true, " ▁█"],
    ["a value that is there at all is seen beside a large one", [1, 1_000_000], true, "▁█"],
    ["equal values are equally high", [3, 3], true, "██"],
    ["ASCII alone where the terminal knows no more", [0, 1, 8], false, " _#"],
    ["nothing but blanks where there is nothing", [0, 0], true, "  "],
    ["no value is no column", [], true, ""],
  ])("%s", (_law, values, unicode, drawn) => {
    expect(sparkline(values, { unicode })).toBe(drawn);
  });
});

describe("a bar", () => {
  it.each([
    ["is as long as its share", 5, 10, "#####"],
    ["is never longer than its room", 50, 10, "##########"],
    ["is seen for the smallest value", 1, 1_000_000, "#"],
    ["is not there for nothing", 0, 10, ""],
    ["is not there where nothing is the most", 0, 0, ""],
  ])("%s", (_law, value, top, drawn) => {
    expect(bar(value, top, 10, { unicode: false })).toBe(drawn);
  });
});

describe("a terminal", () => {
  it.each([
    ["draws blocks where its locale is UTF-8", { LANG: "en_US.UTF-8" }, true],
    ["is asked by LC_ALL before LANG", { LC_ALL: "C", LANG: "en_US.UTF-8" }, false],
    ["is asked by LANG where LC_ALL is empty", { LC_ALL: "", LANG: "C.utf8" }, true],
    ["has letters alone on a bare console", { LANG: "en_US.UTF-8", TERM: "linux" }, false],
    ["has letters alone where nothing is said", {}, false],
  ])("%s", (_law, env, unicode) => {
    expect(inkOf(env)).toEqual({ unicode });
  });
});
