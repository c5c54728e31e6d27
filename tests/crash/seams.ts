import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Shop } from "../support/shop.ts";
import { breaches } from "./audit.ts";
import type { Books } from "./books.ts";
import type { Ground } from "./ground.ts";
import { openPassage, type Passage } from "./passage.ts";
import { recover } from "./recovery.ts";
import type { Moment, Strike } from "./seam-proxy.ts";

/** What a scenario is played with: a customer of its own, and the time of this customer. */
export interface Scene {
  readonly shop: Shop;
  readonly user: string;
  readonly passage: Passage;
  readonly ground: Ground;
}

/** One call of one function, in the midst of which the function dies. */
export interface Scenario {
  readonly name: string;
  /** The function that dies. */
  readonly slug: string;
  readonly shop: keyof Ground["shops"];
  /** Brings about what the call meets. */
  prepare(scene: Scene): Promise<{
    readonly act: () => Promise<unknown>;
    /** What the caller does once the function is back; nothing, and never anything, by default. */
    readonly afterwards?: () => Promise<unknown>;
  }>;
  /** The status of each session of the customer at the end, by age; a choice where it depends on the seam. */
  readonly ends: readonly (readonly string[])[];
}

interface Seam {
  readonly call: number;
  readonly moment: Moment;
  readonly name: string;
}

/** Plays a scenario, with the function killed at the strike, and answers the calls that the function made. */
async function play(
  ground: Ground,
  scenario: Scenario,
  strike?: Pick<Strike, "call" | "moment">,
): Promise<{ readonly calls: readonly string[]; readonly struck: boolean; readonly books: Books }> {
  const { stack: { functions }, proxy } = ground;
  const { slug } = scenario;
  const shop = ground.shops[scenario.shop];
  const user = randomUUID();
  const passage = await openPassage(ground, shop, user);
  const { act, afterwards } = await scenario.prepare({ shop, user, passage, ground });
  const watch = proxy.watch(strike && { ...strike, kill: () => functions.kill(slug) });
  // The caller of a function that dies sees its answer fail, and of one that refuses as well.
  await Promise.allSettled([act()]);
  watch.end();
  if (strike !== undefined) await functions.restart(slug);
  await passage.showEvents();
  await afterwards?.();
  const books = await recover(ground, shop, user, passage);
  return { calls: [...watch.calls], struck: watch.struck, books };
}

/** The seams of a scenario: before and after each call that the function makes when nothing kills it. */
async function seamsOf(ground: Ground, scenario: Scenario): Promise<Seam[]> {
  const { calls, books } = await play(ground, scenario);
  expect(calls, `${scenario.name} makes no call: there is no seam`).not.toHaveLength(0);
  expect(breaches(books), `${scenario.name}, undisturbed`).toEqual([]);
  return calls.flatMap((name, index) =>
    (["before", "after"] as const).map((moment) => ({ call: index + 1, moment, name }))
  );
}

/** One test for each seam of each scenario. */
export async function describeSeams(
  ground: Ground,
  scenarios: readonly Scenario[],
): Promise<void> {
  for (const scenario of scenarios) {
    const seams = await seamsOf(ground, scenario);
    describe(`${scenario.slug}, killed in ${scenario.name}`, () => {
      it.each(seams)("$call $moment $name, ends lawfully", async ({ call, moment, name }) => {
        const { calls, struck, books } = await play(ground, scenario, { call, moment });
        expect(struck, `the function never came to call ${call}: ${calls.join(", ")}`).toBe(true);
        // Otherwise the seams were enumerated from another course of events than this one.
        expect(calls.at(-1)).toBe(name);
        expect(breaches(books)).toEqual([]);
        expect(books.sessions).toHaveLength(scenario.ends.length);
        for (const [index, { status }] of books.sessions.entries()) {
          expect(scenario.ends[index], `session ${index + 1}`).toContain(status);
        }
      });
    });
  }
}
