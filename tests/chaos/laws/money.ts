import { amountBreaches, payersOf } from "../one-amount.ts";
import { idOf } from "../ids.ts";
import {
  hasEnded,
  isGivenBack,
  isSetUp,
  keptCharges,
  type Laws,
  rowOf,
  sessionOf,
  subscriptionsAtStripe,
} from "./reading.ts";

/** Of what was shown, charged, invoiced, kept and given back. */
export const moneyLaws: Laws = {
  "what was shown, what was charged and what Stripe invoiced are one amount": (books) =>
    books.sessions.flatMap((session) => {
      const { id, status, stripe_intent: intent, total_amount: total } = session;
      const said = [
        books.told.totals.get(id) ?? total,
        books.shown.find((one) => one.id === id)?.totalAmount ?? total,
      ];
      if (said.some((one) => one !== total)) return [`${id} showed ${said.join()}, is ${total}`];
      if (status !== "succeeded") return [];
      const received = books.stripe.intents.find((one) => one.id === intent)?.amount_received ?? 0;
      return amountBreaches(session, books.stripe.invoices, received);
    }),

  "what is asked for is what Stripe's price is": (books) =>
    books.sessions.filter(({ stripe_intent: intent }) => intent !== null).flatMap((session) => {
      const price = books.stripe.prices.find(({ id }) => id === session.stripe_price_id);
      const asked = session.amount / session.quantity;
      return price?.unit_amount === asked
        ? []
        : [`${session.id} asks for ${asked}, its price for ${price?.unit_amount}`];
    }),

  "every charge was shown to somebody before it was made": (books) =>
    books.stripe.charges.filter(({ paid }) => paid).flatMap((charge) => {
      const intent = idOf(charge.payment_intent);
      const session = sessionOf(books, intent);
      const shown = books.told.totals.get(session?.id ?? "");
      if (shown === charge.amount) return [];
      const bill = books.stripe.invoices.find((one) =>
        session === undefined && payersOf(one).includes(intent)
      );
      return bill?.billing_reason === "subscription_cycle" ? [] : [
        `${charge.id} took ${charge.amount}, of ${session?.id ?? "no session"} that showed ` +
        `${shown ?? "nothing"}${bill === undefined ? "" : `, for ${bill.billing_reason}`}`,
      ];
    }),

  "at most one charge is kept for a session, and it is the right amount": (books) =>
    books.sessions.flatMap((session) => {
      const [one, ...more] = keptCharges(books, session.id);
      const right = one === undefined ||
        (more.length === 0 && one.kept === session.total_amount - one.byHand);
      return right ? [] : [
        `${session.id} keeps ${[one, ...more].map(({ kept }) => kept).join(" and ")} of ` +
        `${session.total_amount}`,
      ];
    }),

  "money, or a card set up, is kept exactly where it was honored": (books) =>
    books.sessions.filter(({ intent_kind: kind }) => kind !== "none").flatMap((session) => {
      // What was given back after it was honored was given by somebody who does not want the subscription to end.
      const givenLater = session.status === "succeeded" && session.refund_reason === null &&
        isGivenBack(books, session);
      // A refund that the bank sent back five times waits for a person, and is told as that.
      const kept = session.intent_kind === "setup"
        ? isSetUp(books, session.id) && !session.released
        : (keptCharges(books, session.id).length > 0 || givenLater) &&
          session.refund_status !== "given_up";
      const row = rowOf(books, session);
      const live = subscriptionsAtStripe(books, session.id).filter((one) => !hasEnded(one));
      const right = kept
        ? row !== undefined && live.every(({ id }) => id === row.stripe_subscription_id)
        : row === undefined && live.length === 0;
      return right ? [] : [
        `${session.id} (${session.status}) ${kept ? "keeps something" : "keeps nothing"}, has ` +
        `${row?.stripe_subscription_id ?? "no row"} and at Stripe ${
          live.map(({ id, status }) => `${id} ${status}`).join(", ") || "nothing"
        }`,
      ];
    }),

  "what was given back before anything came of it is never honored": (books) =>
    books.sessions.filter(({ id }) => books.told.givenBack.has(id)).flatMap((session) => {
      const live = subscriptionsAtStripe(books, session.id).filter((one) => !hasEnded(one));
      const right = session.status !== "succeeded" && live.length === 0;
      return right ? [] : [`${session.id} is ${session.status}, with ${live.length} live`];
    }),

  "a change whose payment went back is not made": (books) =>
    books.sessions.filter((one) => one.is_change && one.status !== "succeeded").flatMap((session) =>
      books.stripe.subscriptions
        .filter((one) => !hasEnded(one) && one.metadata["price_change_session_id"] === session.id)
        .map(({ id }) => `${session.id} is ${session.status}, and ${id} has its price`)
    ),

  "money that no session knows is nobody's": (books) =>
    books.stripe.intents
      .filter(({ id, status }) => status === "succeeded" && sessionOf(books, id) === undefined)
      .map(({ id }) => id),
};
