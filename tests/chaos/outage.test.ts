import { afterAll, expect, it } from "vitest";
import { openArena } from "./arena.ts";
import { playOutages } from "./outage.ts";

const arena = await openArena();
afterAll(() => arena.close());

it("Postgres stopped and PostgREST killed amid 100 checkouts lose nothing and double nothing", async () => {
  const { violations, books, retries } = await playOutages(arena, {
    size: 100,
    atOnce: 20,
    downtime: 1_500,
  });
  expect(violations).toEqual([]);
  expect(books.sessions).toHaveLength(100);
  expect(books.sessions.filter(({ status }) => status === "succeeded")).toHaveLength(100);
  expect(retries).toBeGreaterThan(0);
});
