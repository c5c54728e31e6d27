import { readdir, readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { openDatabase } from "./support.ts";

const owner = await (await openDatabase()).owner();

describe("the tests of races", () => {
  it("name every function that claims or moves state in a race with another connection", async () => {
    const moving = await owner.rows<{ name: string }>(
      `select proname as name from pg_proc
       where pronamespace = 'billing'::regnamespace and provolatile = 'v' order by 1`,
    );
    expect(moving.length).toBeGreaterThan(15);
    const folder = new URL(".", import.meta.url);
    const files = (await readdir(folder)).filter((file) => file.endsWith(".test.ts"));
    const texts = await Promise.all(files.map((file) => readFile(new URL(file, folder), "utf8")));
    const raced = texts.filter((text) => /untilBlocked|skipped|at the same instant/.test(text))
      .join("\n");
    expect(moving.filter(({ name }) => !raced.includes(`"${name}"`))).toEqual([]);
  });
});
