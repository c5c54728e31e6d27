import type Stripe from "stripe";
import type { SessionStatus } from "../../shared/domain/session-status.ts";
import { amountBreaches, changerOf as changerOfInvoice } from "../chaos/one-amount.ts";
import type { Books, SessionRow } from "./books.ts";

type Intent = Books["intents"][number];

const ENDED: ReadonlySet<SessionStatus> = new Set(["succeeded", "failed", "expired", "canceled"]);
const sessionOf = ({ metadata }: { readonly metadata: Stripe.Metadata | null }) =>
  metadata?.["checkout_session_id"];
/** The session whose change of price was the last to be made. */
const changerOf = ({ metadata }: Stripe.Subscription) => metadata["price_change_session_id"];
const isLive = ({ status }: Stripe.Subscription) =>
  status !== "canceled" && status !== "incomplete_expired";
const isPayable = ({ status }: Intent) => status !== "canceled" && status !== "succeeded";

/** Whether nothing is left that only more time can end. */
export function isOver({ sessions, intents }: Books): boolean {
  return sessions.every(({ status }) => ENDED.has(status)) && !intents.some(isPayable);
}

/** Every breach of the laws in the books of a customer once everything has come to rest, in words; none where they are kept. */
export function breaches(books: Books): string[] {
  const { sessions, intents, customers } = books;
  return [
    ...sessions.flatMap((session) => sessionBreaches(books, session)),
    ...intents.filter(isPayable).map(({ id, status }) => `intent ${id} is left ${status}`),
    ...chargeBreaches(books),
    ...invoiceBreaches(books),
    ...eventBreaches(books),
    ...(customers.length > 1 ? [`there are ${customers.length} customers at Stripe`] : []),
  ];
}

/** What a session says when the money went back, or a set-up came to nothing. */
const UNDONE: ReadonlySet<string | null> = new Set([
  "payment_refunded",
  "already_subscribed",
  "trial_used",
  "price_unavailable",
  "price_mismatch",
  "subscription_changed",
]);
const isDone = ({ status, error_code }: SessionRow) =>
  status === "succeeded" || UNDONE.has(error_code);

/** What has been paid and neither honored nor given back. */
export function unsettled(books: Books): readonly SessionRow[] {
  return books.sessions.filter((session) => wasPaid(books, session) && !isDone(session));
}

/**
 * Breaches that no repair excuses, at the very instant of a crash: something is called done before it is (laws 3 and 5).
 */
export function hastyBreaches({ sessions, subscriptions, events, storedEvents, intents }: Books) {
  const sub = (session: SessionRow) =>
    session.checkout_mode === "free" ||
    subscriptions.some((one) => sessionOf(one) === session.id || changerOf(one) === session.id);
  const processed = new Set(
    storedEvents.filter(({ status }) => status === "processed").map((row) => row.stripe_event_id),
  );
  const undone = events.filter(({ id, type, data: { object } }) => {
    if (!/^(payment|setup)_intent.succeeded$/.test(type) || !processed.has(id)) return false;
    const intent = intents.find((one) => "id" in object && one.id === object.id);
    return !sessions.some((one) =>
      intent !== undefined && sessionOf(intent) === one.id && isDone(one)
    );
  });
  return [
    ...sessions.filter((one) => one.status === "succeeded" && !(sub(one) && one.grants > 0))
      .map(({ id }) => `session ${id} succeeded before its subscription`),
    ...undone.map(({ id }) => `event ${id} was processed before its effect`),
  ];
}

function sessionBreaches(books: Books, session: SessionRow): string[] {
  const kept = books.charges.filter((charge) =>
    isKept(charge) && sessionOf(intentOf(books, charge) ?? { metadata: null }) === session.id
  );
  const atStripe = books.subscriptions.filter((one) => sessionOf(one) === session.id);
  const live = atStripe.filter(isLive);
  const made = atStripe.filter(({ metadata }) => metadata["by_hand"] === undefined);
  const rows = books.subscriptionRows.filter((row) => row.checkout_session_id === session.id);
  const succeeded = session.status === "succeeded";
  const once = succeeded ? 1 : 0;
  const isChange = session.checkout_mode === "change";
  // A free subscription that is paid for from now on is the only change that makes one at Stripe.
  const wasFree = isChange && books.sessions.some((one) => one.checkout_mode === "free");
  const makes = session.checkout_mode !== "free" && (!isChange || wasFree);
  // With a customer Stripe deletes what they have.
  const isEnded = atStripe.some(({ customer }) =>
    !books.customers.some(({ id }) => id === customer)
  );
  const atOnce = succeeded && makes && !isEnded ? 1 : 0;
  const everMade = succeeded && makes ? 1 : 0;
  const checks: [boolean, string][] = [
    [ENDED.has(session.status), `is still ${session.status}`],
    [
      kept.length === (session.intent_kind === "payment" ? once : 0),
      `keeps ${kept.length} charges`,
    ],
    [live.length === atOnce, `has ${live.length} live subscriptions at Stripe`],
    [
      !succeeded || made.length === everMade,
      `has had ${made.length} subscriptions at Stripe`,
    ],
    [rows.length === (isChange ? 0 : once), `has ${rows.length} subscription rows`],
    [!succeeded || books.customers.length >= atOnce, `has ${books.customers.length} customers`],
    [atOnce === 0 || isSameCustomer(books, live[0]), "is of another customer at Stripe"],
    [session.grants === (isEnded ? 0 : once * session.features), `has ${session.grants} grants`],
    [session.open_attempts === 0, `has ${session.open_attempts} attempts without an end`],
    [
      atOnce === 0 ||
      rows.every((row) =>
        live.some((one) =>
          one.id === row.stripe_subscription_id && one.status === row.status &&
          one.cancel_at_period_end === row.cancel_at_period_end &&
          one.items.data[0]?.price.id === row.stripe_price_id
        )
      ),
      "has a subscription that is another at Stripe",
    ],
    [
      succeeded || !wasPaid(books, session) || UNDONE.has(session.error_code),
      "does not say that the money went back",
    ],
  ];
  return checks.filter(([holds]) => !holds)
    .map(([, breach]) => `session ${session.id} (${session.status}) ${breach}`);
}

function isSameCustomer({ customerRows }: Books, subscription: Stripe.Subscription | undefined) {
  const [row] = customerRows;
  return customerRows.length === 1 && row?.stripe_customer_id === subscription?.customer;
}

/** Law 11 for each session that succeeded, and a bill that nobody paid. */
function invoiceBreaches(books: Books): string[] {
  const { sessions, invoices, charges } = books;
  const succeeded = sessions.filter(({ status }) => status === "succeeded");
  const receivedFor = (session: SessionRow) =>
    charges.filter((one) => one.paid && one.payment_intent === session.stripe_intent)
      .reduce((sum, { amount }) => sum + amount, 0);
  const open = invoices.filter(({ status }) => status === "open");
  const unpaid = books.subscriptions.filter(({ status }) =>
    status === "incomplete" || status === "past_due"
  );
  const unmade = books.subscriptions.filter((one) =>
    isLive(one) &&
    sessions.some(({ id, status }) => status !== "succeeded" && changerOf(one) === id)
  );
  return [
    ...succeeded.flatMap((session) => amountBreaches(session, invoices, receivedFor(session))),
    ...open.map((one) =>
      `invoice ${one.id} of ${changerOfInvoice(one) ?? "no change"} is left open`
    ),
    ...unpaid.map(({ id, status }) => `subscription ${id} is left ${status}`),
    ...unmade.map(({ id }) => `subscription ${id} has a change that was not paid for`),
  ];
}

const isKept = ({ paid, amount, amount_refunded }: Stripe.Charge) =>
  paid && amount_refunded < amount;

const intentOf = ({ intents }: Books, { payment_intent }: Stripe.Charge) =>
  intents.find(({ id }) => id === payment_intent);

const wasPaid = ({ intents }: Books, { id }: SessionRow) =>
  intents.some((intent) => sessionOf(intent) === id && intent.status === "succeeded");

/** Money that no session asked for (a first invoice, say), and money of which only a part went back. */
function chargeBreaches(books: Books): string[] {
  const known = new Set(books.sessions.map(({ id }) => id));
  const paid = books.charges.filter((charge) => charge.paid);
  const foreign = paid.filter((charge) =>
    !known.has(sessionOf(intentOf(books, charge) ?? { metadata: null }) ?? "")
  );
  const half = paid.filter((charge) => charge.amount_refunded > 0 && isKept(charge));
  return [
    ...foreign.map(({ id }) => `charge ${id} is of no session`),
    ...half.map(({ id }) => `charge ${id} is half kept`),
  ];
}

/** Law 3: whatever Stripe had to tell is stored, and worked or given up with a reason. */
function eventBreaches({ events, storedEvents }: Books): string[] {
  return events.flatMap(({ id, type }) => {
    const row = storedEvents.find(({ stripe_event_id }) => stripe_event_id === id);
    if (row === undefined) return [`${type} ${id} was never taken in`];
    const done = row.status === "processed" || (row.status === "dead" && row.last_error !== null);
    return done ? [] : [`${type} ${id} is left ${row.status}`];
  });
}
