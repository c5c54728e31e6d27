import type { ReconcileResponse } from "../../shared/contract/reconcile.ts";
import type { Shop } from "../support/shop.ts";
import { isOver } from "./audit.ts";
import { type Books, readBooks } from "./books.ts";
import type { Ground } from "./ground.ts";
import type { Passage } from "./passage.ts";

/** Seconds: longer than a lease, an account's interval and the wait after a first failure. */
const A_WHILE = 240;
/** Seconds: a session's hour, and the time after which an intent without a session is a stray. */
const TWO_HOURS = 7_200;
/** A crash must not leave work for many runs. */
const MAX_RUNS = 5;

/** Lets reconcile alone run until it finds nothing to do, and at last beyond the hour of whatever is still open. */
export async function recover(
  ground: Ground,
  shop: Shop,
  user: string,
  passage: Passage,
): Promise<Books> {
  await untilQuiet(ground, passage);
  const books = await readBooks(shop, user, passage.since);
  if (isOver(books)) return books;
  await passage.pass(TWO_HOURS);
  await untilQuiet(ground, passage);
  return readBooks(shop, user, passage.since);
}

async function untilQuiet({ reconcile }: Ground, { pass }: Passage): Promise<void> {
  const reports: ReconcileResponse[] = [];
  for (let run = 0; run < MAX_RUNS; run += 1) {
    await pass(A_WHILE);
    const report = await reconcile();
    if (isQuiet(report)) return;
    reports.push(report);
  }
  throw new Error(`reconcile is never done: ${JSON.stringify(reports)}`);
}

function isQuiet({ events, sessions, missedEvents, strayIntents }: ReconcileResponse): boolean {
  return [events, sessions, missedEvents, strayIntents]
    .every((counts) => Object.values(counts).every((count) => count === 0));
}
