import type Stripe from "stripe";
import type { Books, SessionRow, SubscriptionRow } from "../books.ts";
import { idOf } from "../ids.ts";

/** What breaks a law, in words; none where it holds. */
export type Law = (books: Books) => string[];
export type Laws = Readonly<Record<string, Law>>;

export const sessionOf = ({ sessions }: Books, intentId: string): SessionRow | undefined =>
  sessions.find(({ stripe_intent: id }) => id === intentId);

export const hasEnded = ({ status }: { readonly status: string }) =>
  status === "canceled" || status === "incomplete_expired";

/** A refund that neither failed nor was canceled. */
export const isGood = ({ status }: Stripe.Refund) => status !== "failed" && status !== "canceled";

/** Made by the session's own repair, and not by somebody's hand. */
const isOwn = ({ metadata }: Stripe.Refund) => metadata?.["checkout_session_id"] !== undefined;

export const refundsOf = ({ stripe }: Books, intentId: string | null): Stripe.Refund[] =>
  stripe.refunds.filter(({ payment_intent: id }) => intentId !== null && idOf(id) === intentId);

const sumOf = (list: readonly { readonly amount: number }[]) =>
  list.reduce((sum, { amount }) => sum + amount, 0);

/** What went back of an intent's payment by hand, by the session's own repair, or to the customer's bank for good. */
export function returnedOf(books: Books, intentId: string) {
  const good = refundsOf(books, intentId).filter(isGood);
  return {
    byHand: sumOf(good.filter((one) => !isOwn(one))),
    own: sumOf(good.filter(isOwn)),
    lost: sumOf(
      books.stripe.disputes.filter((one) =>
        one.status === "lost" && idOf(one.payment_intent) === intentId
      ),
    ),
  };
}

const intentsOf = ({ stripe }: Books, sessionId: string) =>
  stripe.intents.filter(({ metadata }) => metadata["checkout_session_id"] === sessionId);

/** What was taken for a session and not given back, one amount an intent; and what of it went back by hand. */
export function keptCharges(books: Books, sessionId: string) {
  return intentsOf(books, sessionId).map((intent) => {
    const { byHand, own, lost } = returnedOf(books, intent.id);
    const left = intent.amount_received - byHand - own;
    // A customer may win a dispute about what was refunded as well.
    const taken = Math.min(lost, left);
    return { kept: left - taken, byHand: byHand + taken };
  }).filter(({ kept }) => kept !== 0);
}

/** Whether the whole of a payment went back, whoever gave it. */
export function isGivenBack(books: Books, { id }: SessionRow): boolean {
  const paid = intentsOf(books, id).filter(({ amount_received: received }) => received > 0);
  return paid.length > 0 && keptCharges(books, id).length === 0;
}

export const isSetUp = ({ stripe }: Books, sessionId: string) =>
  stripe.setups.some(({ metadata, status }) =>
    metadata?.["checkout_session_id"] === sessionId && status === "succeeded"
  );

/** Of another origin, with a session's label copied onto it. */
export const isByHand = ({ metadata }: Stripe.Subscription) => metadata["by_hand"] !== undefined;

/** All that carry the session's label, as they were made for it. */
export const subscriptionsAtStripe = ({ stripe }: Books, sessionId: string) =>
  stripe.subscriptions.filter((one) =>
    one.metadata["checkout_session_id"] === sessionId && !isByHand(one)
  );

/** The row that a session ended in; of one that was to make it, also where the session does not say so. */
export const rowOf = ({ subscriptions }: Books, session: SessionRow): SubscriptionRow | undefined =>
  subscriptions.find((one) => one.id === session.subscription_id) ??
    subscriptions.find((one) => one.checkout_session_id === session.id);

/** Whether Stripe still has the customer: of one who was deleted, it has ended everything. */
export const hasCustomer = ({ stripe }: Books, { customer }: Stripe.Subscription) =>
  stripe.customers.some(({ id }) => id === idOf(customer));

export const repeated = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];
