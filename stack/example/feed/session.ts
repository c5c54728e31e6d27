import type { Feed } from "../../../examples/payment-sheet/src/panel/feed.ts";
import type { Rows } from "../../../scripts/console/connection.ts";
import type { SessionFacts } from "../../../scripts/console/facts.ts";
import { readSession, stripeNames } from "../../../scripts/console/session.ts";
import { inOrder, timelineOf } from "../../../scripts/console/timeline.ts";
import { printable } from "../../../scripts/console/words.ts";
import { stripeClient } from "../../stripe-account.ts";
import type { Behind } from "../behind.ts";
import type { FeedEntry } from "./entry.ts";
import { logEntries } from "./log.ts";
import { readDeliveries, watchIntents } from "./stripe.ts";

/** All that happened to a session so far, oldest first, from every place that knows of it. */
export function sessionFeeds({ logs, stripe }: Behind, rows: Rows) {
  const look = watchIntents(stripeClient(stripe));
  return async (id: string): Promise<Feed> => {
    const [row] = await rows("select from billing.checkout_sessions where id = $1", [id]);
    if (row === undefined) return { status: null, entries: [] };
    const facts = await readSession(rows, id);
    const own = [id, ...stripeNames(facts)];
    const { subscription, events } = facts;
    const names = new Set([...own, subscription?.id ?? id, ...events.map((event) => event.id)]);
    const entries = inOrder([
      ...await look(facts),
      ...await readDeliveries(stripe.adminUrl, own),
      ...await logEntries(logs, names, id),
      ...rowEntries(facts),
      ...messageEntries(facts),
    ]);
    return {
      status: facts.session.status,
      entries: entries.map(({ at, lane, from, what }) => ({
        at: at.toISOString(),
        lane,
        from,
        // The last guard of law 8; none of these places holds a secret.
        what: printable(what),
      })),
    };
  };
}

/** What the console shows too. Of broadcasts it shows those that tell of a new status; here each is an entry of its own. */
const rowEntries = (facts: SessionFacts): FeedEntry[] =>
  timelineOf(facts).flatMap(({ at, after, source, what }) =>
    source === "status" ? [] : [
      source === "event"
        ? { at, after, lane: "webhook", from: "inbox", what }
        : { at, after, lane: "row", from: source, what },
    ]
  );

const messageEntries = ({ messages }: SessionFacts): FeedEntry[] =>
  messages.map(({ at, version, status, errorCode }) => ({
    at,
    lane: "realtime",
    from: "checkout.updated",
    what: `version ${version}: ${status}${errorCode === null ? "" : ` (${errorCode})`}`,
  }));
