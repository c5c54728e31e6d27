import { setTimeout as sleep } from "node:timers/promises";
import type { Breakable } from "../../stack/types.ts";
import type { Arena } from "./arena.ts";
import { type Books, readBooks } from "./books.ts";
import { startBurst } from "./burst.ts";
import { drain } from "./drain.ts";
import { violations } from "./laws.ts";

export interface OutageOptions {
  readonly size: number;
  readonly atOnce: number;
  /** Milliseconds that each part stays down at least; it does until a customer has felt it. */
  readonly downtime: number;
}

export interface OutageReport {
  readonly violations: readonly string[];
  readonly books: Books;
  readonly retries: number;
}

/**
 * A burst of checkouts, with Postgres stopped and started when a quarter is through, and PostgREST killed and started at
 * the half.
 */
export async function playOutages(arena: Arena, options: OutageOptions): Promise<OutageReport> {
  const shop = await arena.openShop();
  // Its own connection would end with Postgres; nothing that a burst does needs it.
  await shop.close();
  const burst = startBurst(shop, options.size, options.atOnce);
  const interrupt = async (part: Breakable, share: number) => {
    while (burst.paid < options.size * share && !burst.over) await sleep(5);
    if (burst.over) {
      await burst.done;
      throw new Error("the burst was over before the outage");
    }
    const { retries } = burst;
    await part.halt();
    await sleep(options.downtime);
    while (burst.retries === retries && !burst.over) await sleep(5);
    await part.resume();
  };
  await interrupt(arena.stack.postgres, 0.25);
  await interrupt(arena.stack.postgrest, 0.5);
  const paid = await burst.done;
  await drain(arena);
  const books = await readBooks(arena, shop, {
    totals: new Map(paid.map(({ id, totalAmount }) => [id, totalAmount])),
    givenBack: new Set(),
  });
  return { violations: violations(books), books, retries: burst.retries };
}
