import { randomUUID } from "node:crypto";
import { afterAll, describe, expect, it } from "vitest";
import type { Shop } from "../support/shop.ts";
import { expectStripesContract } from "../support/stripe-contract.ts";
import { picked } from "./picked.ts";
import { breaches, hastyBreaches } from "./audit.ts";
import { type Books, readBooks } from "./books.ts";
import type { Ground } from "./ground.ts";
import { openPassage, type Passage } from "./passage.ts";
import { recover } from "./recovery.ts";
import type { SeamCall, Strike } from "./seam-proxy.ts";

/** What a scenario is played with: a customer of its own, and the time of this customer. */
export interface Scene {
  readonly shop: Shop;
  readonly user: string;
  readonly passage: Passage;
  readonly ground: Ground;
}

/** The call, and what its caller does once the function is back: nothing, and never anything, by default. */
export interface Prepared {
  readonly act: () => Promise<unknown>;
  readonly afterwards?: () => Promise<unknown>;
}

/** One call of one function, in the midst of which the function dies. */
export interface Scenario {
  readonly name: string;
  /** The function that dies. */
  readonly slug: string;
  readonly shop: keyof Ground["shops"];
  /** Brings about what the call meets. */
  readonly prepare: (scene: Scene) => Promise<Prepared>;
  /**
   * The status of each session of the customer at the end, by age; a choice where it depends on the seam, with `none`
   * where there may be no such session.
   */
  readonly ends: readonly (readonly string[])[];
}

interface Seam extends Pick<Strike, "call" | "moment"> {
  readonly title: string;
  /** What the call is. */
  readonly name: string;
}

interface Played {
  readonly calls: readonly SeamCall[];
  readonly struck: boolean;
  /** At the instant of the crash, and at the end. */
  readonly breaches: readonly string[];
  readonly books: Books;
}

/** Plays a scenario, with the function killed at the strike, and answers the calls that the function made. */
async function play(
  ground: Ground,
  scenario: Scenario,
  strike?: Pick<Strike, "call" | "moment">,
): Promise<Played> {
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
  const hasty = hastyBreaches(await readBooks(shop, user, passage.since));
  const back = strike === undefined ? Promise.resolve() : functions.restart(slug);
  if (afterwards !== undefined || slug === "checkout-reconcile") await back;
  await afterwards?.();
  const [books] = await Promise.all([recover(ground, shop, user, passage), back]);
  return {
    calls: [...watch.calls],
    struck: watch.struck,
    breaches: [...hasty, ...breaches(books)],
    books,
  };
}

/**
 * The seams of a scenario: before and after each call that the function makes when nothing kills it. The function can
 * reach nothing but the proxy, so after one call and before the next is the same instant for the rest of the world, and
 * is one seam; unless the next did not wait for the one before.
 */
async function seamsOf(ground: Ground, scenario: Scenario): Promise<Seam[]> {
  const { calls, breaches: found } = await play(ground, scenario).catch((cause: unknown) => {
    throw new Error(`${scenario.name}, undisturbed`, { cause });
  });
  expect(calls, `${scenario.name} makes no call: there is no seam`).not.toHaveLength(0);
  expect(found, `${scenario.name}, undisturbed`).toEqual([]);
  return calls.flatMap(({ name, isAlone }, index) => {
    const [call, next] = [index + 1, calls[index + 1]];
    const before = { call, moment: "before" as const, name, title: `${call} before ${name}` };
    const meets = next?.isAlone === true ? `, before ${next.name}` : "";
    const after = { call, moment: "after" as const, name, title: `${call} after ${name}${meets}` };
    return index > 0 && isAlone ? [after] : [before, after];
  });
}

/** One test for each seam of each scenario, or for those that chance picks. */
export async function describeSeams(
  ground: Ground,
  scenarios: readonly Scenario[],
): Promise<void> {
  const enumerated: (readonly [Scenario, Seam[]])[] = [];
  for (const scenario of scenarios) enumerated.push([scenario, await seamsOf(ground, scenario)]);
  for (const [scenario, seams] of picked(enumerated)) {
    const all = enumerated.filter(([{ slug }]) => slug === scenario.slug)
      .flatMap(([, each]) => each.map((seam) => seam.name));
    describe(`${scenario.slug}, killed in ${scenario.name}`, () => {
      afterAll(() => expectStripesContract(ground.stack.stripeAdminUrl ?? ""));
      const titled = seams.map((seam) => [seam.title, seam] as const);
      it.each(titled)("%s, ends lawfully", async (_title, { call, moment, name }) => {
        const played = await play(ground, scenario, { call, moment });
        const { calls, struck, breaches: found, books } = played;
        const names = calls.map((one) => one.name);
        // Stripe dates events to the second: which of two a reconcile works first, and so what its n-th call is, is chance. It may
        // also find due what an earlier scenario has left: its calls are those of any reconcile.
        const varies = scenario.slug === "checkout-reconcile";
        expect(struck || varies, `the function never came to call ${call}: ${names.join(", ")}`)
          .toBe(true);
        // Otherwise the seams were enumerated from another course of events than this one.
        expect(varies ? all : [name]).toContain(names.at(-1));
        expect(found).toEqual([]);
        expect(books.sessions.length).toBeLessThanOrEqual(scenario.ends.length);
        for (const [index, end] of scenario.ends.entries()) {
          expect(end, `session ${index + 1}`).toContain(books.sessions[index]?.status ?? "none");
        }
      });
    });
  }
}
