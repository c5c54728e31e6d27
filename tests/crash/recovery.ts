import type { ReconcileResponse } from "../../shared/contract/reconcile.ts";
import type { Shop } from "../support/shop.ts";
import { isOver, unsettled } from "./audit.ts";
import { type Books, readBooks } from "./books.ts";
import type { Ground } from "./ground.ts";
import type { Passage } from "./passage.ts";

/** Seconds: longer than a lease, an account's interval and the wait after a first failure. */
const A_WHILE = 240;
/** Seconds: a session's hour, and the time after which an intent without a session is a stray. */
const THE_HOUR = 4_300;
/** A crash must not leave work for many runs. */
const MAX_RUNS = 5;

/**
 * Lets reconcile alone run until it finds nothing to do, and at last beyond the hour of whatever is still open. Events that
 * were hidden stay so until all is over without them.
 */
export async function recover(
  ground: Ground,
  shop: Shop,
  user: string,
  passage: Passage,
): Promise<Books> {
  const run = () => untilQuiet(ground, shop, user, passage);
  await run();
  const books = await readBooks(shop, user, passage.since);
  if (isOver(books) && !passage.hidesEvents) return books;
  if (passage.hidesEvents && unsettled(books).length > 0) {
    throw new Error("reconcile needs to be told of the payment");
  }
  if (!isOver(books)) {
    await passage.pass(THE_HOUR);
    await run();
  }
  if (passage.hidesEvents) {
    await passage.showEvents();
    await run();
  }
  return readBooks(shop, user, passage.since);
}

async function untilQuiet(
  { reconcile }: Ground,
  shop: Shop,
  user: string,
  { pass }: Passage,
): Promise<void> {
  const reports: ReconcileResponse[] = [];
  const versions = () =>
    shop.query(
      "select id, version from billing.checkout_sessions where external_user_id = $1 order by id",
      [user],
    ).then((rows) => JSON.stringify(rows));
  let before = await versions();
  for (let run = 0; run < MAX_RUNS; run += 1) {
    await pass(A_WHILE);
    const report = await reconcile();
    const after = await versions();
    if (foundNothing(report) && after === before) return;
    before = after;
    reports.push(report);
  }
  throw new Error(`reconcile is never done: ${JSON.stringify(reports)}`);
}

/** A session whose customer may still come back is looked at again and again; only what changes by that counts. */
function foundNothing(report: ReconcileResponse): boolean {
  const { events, missedEvents, strayIntents, sessions: { failed } } = report;
  return [events, missedEvents, strayIntents, { failed }]
    .every((counts) => Object.values(counts).every((count) => count === 0));
}
