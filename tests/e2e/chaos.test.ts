import { afterAll, expect, it } from "vitest";
import { openArena } from "../chaos/arena.ts";
import { checkScenarios } from "../chaos/check.ts";
import { playOutages } from "../chaos/outage.ts";

// The short part of `npm run test:chaos`, on a stack of its own.
const arena = await openArena();
afterAll(() => arena.close());

it("a few random interleavings break no law", async () => {
  const seed = Date.now() % 2 ** 31;
  const tally = await checkScenarios(arena, { runs: 4, seconds: 5, seed });
  expect(tally.runs).toBeGreaterThan(0);
  expect(tally.sessions).toBeGreaterThan(0);
});

it("Postgres stopped and PostgREST killed amid a burst lose nothing and double nothing", async () => {
  const size = 12;
  const options = { size, atOnce: 6, downtime: 300 };
  const { violations, books, retries } = await playOutages(arena, options);
  expect(violations).toEqual([]);
  expect(books.sessions.map(({ status }) => status)).toEqual(Array(size).fill("succeeded"));
  expect(retries).toBeGreaterThan(0);
});
