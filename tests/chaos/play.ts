import { setTimeout as sleep } from "node:timers/promises";
import type { Round, Scenario } from "./actions.ts";
import type { Arena } from "./arena.ts";
import { readBooks } from "./books.ts";
import { Cast } from "./cast.ts";
import { deliver, drain } from "./drain.ts";
import { violations } from "./laws.ts";
import { Listener } from "./listener.ts";
import { wares } from "./wares.ts";
import { endHopeless } from "./hopeless.ts";
import { dayPasses, hourPasses } from "./time.ts";

/** How much was looked at, so that a run that found nothing to check is seen. */
export interface Tally {
  runs: number;
  audits: number;
  sessions: number;
  succeeded: number;
  refunds: number;
  messages: number;
}

export const newTally = (): Tally => ({
  runs: 0,
  audits: 0,
  sessions: 0,
  succeeded: 0,
  refunds: 0,
  messages: 0,
});

/** Plays a scenario to its end, and throws with everything that broke a law and how it came to it. */
export async function playScenario(
  arena: Arena,
  scenario: Scenario,
  tally: Tally = newTally(),
): Promise<void> {
  const shop = await arena.openShop();
  const listener = new Listener(arena.stack.info);
  const cast = new Cast({ arena, shop, wares: await wares(shop), listener });
  const broken = () => [...cast.violations, ...listener.violations()];
  const rest = async () => {
    await drain(arena);
    const books = await readBooks(arena, shop, cast.told);
    tally.audits += 1;
    cast.accuse(...violations(books));
    cast.journal.push(`at rest: ${books.sessions.map((one) => one.status).join(", ")}`);
    return books;
  };
  try {
    await arena.admin("POST", "/faults/seed", { seed: scenario.faultSeed });
    const opening: Round = { together: scenario.opening, next: "on" };
    for (const round of [opening, ...scenario.rounds]) {
      await playRound(arena, cast, round, rest);
      if (broken().length > 0) break;
    }
    if (broken().length === 0) await rest();
    if (broken().length === 0) {
      // Nobody comes back: everything that can still end must end, lawfully.
      cast.journal.push("the last hour passes");
      await hourPasses(arena);
      const { sessions, stripe } = await rest();
      tally.sessions += sessions.length;
      tally.succeeded += sessions.filter(({ status }) => status === "succeeded").length;
      tally.refunds += stripe.refunds.length;
      cast.accuse(
        ...sessions.filter(({ status }) => status === "open" || status === "requires_action")
          .map(({ id, status }) => `a session ends with its expiry: ${id} is ${status}`),
      );
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    cast.accuse(`everything comes to rest: ${why}`);
  } finally {
    tally.runs += 1;
    tally.messages += listener.count;
    await listener.close();
    await shop.close();
  }
  if (broken().length > 0) {
    throw new Error([...broken(), "How it came to it:", ...cast.journal].join("\n  "));
  }
}

async function playRound(
  arena: Arena,
  cast: Cast,
  { together, next }: Round,
  rest: () => Promise<unknown>,
): Promise<void> {
  cast.journal.push("at once:");
  await Promise.all(together.map(async ({ after, action }) => {
    await sleep(after);
    await cast.perform(action);
  }));
  switch (next) {
    case "on":
      return;
    case "rest":
      await rest();
      return;
    case "money goes back":
      await cast.giveBack();
      return;
    case "the deadline passes":
      cast.accuse(...await endHopeless(arena));
      cast.journal.push("the deadline passes");
      return;
    case "a day passes":
      await arena.admin("DELETE", "/faults");
      await deliver(arena);
      await dayPasses(arena);
      cast.newDay();
      cast.journal.push("a day passes");
  }
}
