import type { Snapshot } from "../../shared/contract/snapshot.ts";
import type { Books, SessionRow } from "./books.ts";

/** What breaks a law, in words; none where it holds. */
type Law = (books: Books) => string[];

/** Each law that must hold once everything is at rest, under the name that a violation is told with. */
export const laws: Readonly<Record<string, Law>> = {
  "at most one charge is kept for a session, and it is the right amount": (books) =>
    books.sessions.flatMap((session) => {
      const kept = keptCharges(books, session.id);
      const right = kept.length === 0 || (kept.length === 1 && kept[0] === session.total_amount);
      return right ? [] : [`${session.id} keeps ${kept.join(" and ")} of ${session.total_amount}`];
    }),

  "money, or a card set up, is kept exactly where one subscription was made for it": (books) =>
    books.sessions.filter(({ intent_kind: kind }) => kind !== "none").flatMap((session) => {
      // A refund that the bank sent back five times waits for a person, and is told as that.
      const kept = session.intent_kind === "setup"
        ? isSetUp(books, session.id) && !session.released
        : keptCharges(books, session.id).length > 0 && session.refund_status !== "given_up";
      const rows = books.subscriptions.filter((row) => row.checkout_session_id === session.id);
      const atStripe = subscriptionsAtStripe(books, session.id);
      const right = kept
        ? rows.length === 1 && atStripe.length === 1 &&
          atStripe[0]?.id === rows[0]?.stripe_subscription_id
        : rows.length === 0 && atStripe.every(hasEnded);
      return right ? [] : [
        `${session.id} (${session.status}) ${kept ? "keeps something" : "keeps nothing"}, has ` +
        `${rows.length} rows and at Stripe ${
          atStripe.map(({ id, status }) => `${id} ${status}`).join(", ") || "nothing"
        }`,
      ];
    }),

  "succeeded says exactly that there is a subscription, a customer and one set of grants": (
    books,
  ) =>
    books.sessions.flatMap((session) => {
      // A free subscription that was ended may live on in a later session.
      const row = books.subscriptions.find((one) =>
        one.checkout_session_id === session.id || one.id === session.subscription_id
      );
      if (session.status !== "succeeded") {
        return row === undefined && session.subscription_id === null
          ? []
          : [`${session.id} is ${session.status} and has a subscription`];
      }
      if (row === undefined || session.subscription_id !== row.id) {
        return [`${session.id} succeeded without its subscription`];
      }
      if (session.customer_id !== row.customer_id) return [`${session.id} has another's customer`];
      const gives = ["active", "trialing", "past_due"].includes(row.status);
      // One that ended while its session was being completed never gave any.
      const whole = gives
        ? row.granted === row.features && row.revoked === 0
        : row.granted === 0 && (row.revoked === row.features || row.revoked === 0);
      return whole ? [] : [
        `${session.id}: ${row.status} with ${row.granted} grants of ${row.features}`,
      ];
    }),

  "a subscription is at Stripe what its row says, and belongs to the row's customer": (books) =>
    books.subscriptions.filter((row) => row.stripe_subscription_id !== null).flatMap((row) => {
      const found = books.stripe.subscriptions.find(({ id }) => id === row.stripe_subscription_id);
      if (found === undefined) return [`${row.stripe_subscription_id} is not at Stripe`];
      const customer = books.customers.find(({ id }) => id === row.customer_id);
      if (found.customer !== customer?.stripe_customer_id) {
        return [`${found.id} belongs to another`];
      }
      return found.status === row.status ? [] : [`${found.id}: ${row.status}, ${found.status}`];
    }),

  "a customer has at most one live subscription to a product": (books) => {
    const live = books.stripe.subscriptions.filter((one) => !hasEnded(one));
    return repeated(
      live.map((one) =>
        `${ownerAtStripe(books, one.customer)} ${one.items.data[0]?.price.id ?? ""}`
      ),
    );
  },

  "a free session that succeeded has one row, which Stripe knows nothing of": (books) =>
    books.sessions.filter(({ intent_kind: kind }) => kind === "none").flatMap((session) => {
      const rows = books.subscriptions.filter(({ id }) => id === session.subscription_id);
      const atStripe = subscriptionsAtStripe(books, session.id).length +
        rows.filter((row) => row.stripe_subscription_id !== null).length;
      const right = rows.length === (session.status === "succeeded" ? 1 : 0) && atStripe === 0;
      return right ? [] : [`${session.id} (${session.status}) has ${rows.length} rows`];
    }),

  "a trial lives only where it took its customer's names": (books) => {
    const taken = new Set(books.trials.map((row) => row.checkout_session_id));
    return books.stripe.subscriptions
      .filter((one) => one.status === "trialing")
      .filter(({ metadata }) => !taken.has(metadata["checkout_session_id"] ?? ""))
      .map(({ id }) => id);
  },

  "a customer is one customer at Stripe": (books) =>
    repeated(books.stripe.customers.map(({ metadata }) => metadata["customer_id"] ?? "none")),

  "no subscription has charged for the period that the session paid": (books) =>
    books.stripe.invoices.filter(({ amount_paid: paid }) => paid > 0)
      .map(({ id, amount_paid: paid }) => `${id ?? ""} took ${paid}`),

  "money that no session knows is nobody's": (books) =>
    books.stripe.intents
      .filter(({ id, status }) => status === "succeeded" && sessionOf(books, id) === undefined)
      .map(({ id }) => id),

  "a session stands where Stripe says that its intent is": (books) =>
    [...books.stripe.intents, ...books.stripe.setups].flatMap((intent) => {
      const session = sessionOf(books, intent.id);
      if (session === undefined) return [];
      const isGivenUp = session.refund_status === "given_up" || session.released;
      const refunded = refundedOf(books, intent.id) > 0 || isGivenUp;
      const lawful = refunded ? ["failed", "expired", "canceled"] : STANDS[intent.status] ?? [];
      return lawful.includes(session.status)
        ? []
        : [`${session.id} is ${session.status}, ${intent.id} is ${intent.status}`];
    }),

  "a refund is told in the snapshot as it is at Stripe": (books) =>
    books.sessions.flatMap(({ id, stripe_intent: intent }) => {
      const refunds = books.stripe.refunds.filter((one) => one.payment_intent === intent);
      const good = refunds.find(({ status }) => status !== "failed" && status !== "canceled");
      const code = good === undefined
        ? "refund_failed"
        : good.status === "succeeded"
        ? "payment_refunded"
        : "refund_pending";
      const told = books.shown.find((one) => one.id === id)?.error?.code;
      return refunds.length === 0 || told === code ? [] : [`${id} tells ${told}, not ${code}`];
    }),

  "the same ask has one session open": (books) =>
    repeated(books.sessions.flatMap(({ open_ask: ask }) => ask ?? [])),

  "every event is processed, or dead with a reason": (books) =>
    books.events
      .filter(({ status, last_error: error }) =>
        status !== "processed" && !(status === "dead" && error !== null)
      )
      .map(({ stripe_event_id: id, type, status }) => `${id} (${type}) is ${status}`),

  "every event of Stripe's that asks for something was taken in": (books) => {
    const known = new Set(books.events.map(({ stripe_event_id: id }) => id));
    return books.stripe.events.filter(({ id }) => !known.has(id))
      .map(({ id, type }) => `${id} (${type})`);
  },

  "every version was told once, and the last is what status says": (books) =>
    books.shown.flatMap((shown) => {
      const told = books.messages.filter((one) => one.session_id === shown.id)
        .map(({ payload }) => payload);
      const versions = told.map(({ version }) => version);
      const wanted = Array.from({ length: shown.version - 1 }, (_, index) => index + 2);
      if (versions.join() !== wanted.join()) return [`${shown.id} told ${versions.join()}`];
      const last = told.at(-1);
      return last === undefined || sameJson(timeless(last), timeless(shown)) ? [] : [
        `${shown.id} told ${JSON.stringify(last)} and shows ${JSON.stringify(shown)}`,
      ];
    }),

  "succeeded is never left": (books) =>
    books.sessions.filter(({ id }) => {
      const told = books.messages.filter((one) => one.session_id === id)
        .map(({ payload }) => payload.status);
      const first = told.indexOf("succeeded");
      return first >= 0 && told.slice(first).some((status) => status !== "succeeded");
    }).map(({ id }) => id),
};

/** Every violation, as `law: what`. */
export const violations = (books: Books): string[] =>
  Object.entries(laws).flatMap(([law, check]) => check(books).map((what) => `${law}: ${what}`));

/** Where a session may stand at rest, by its intent's state. */
const STANDS: Readonly<Record<string, readonly string[]>> = {
  requires_payment_method: ["open"],
  requires_confirmation: ["open"],
  requires_action: ["requires_action"],
  processing: ["processing"],
  succeeded: ["succeeded"],
  canceled: ["expired", "canceled", "failed"],
};

const sessionOf = ({ sessions }: Books, intentId: string): SessionRow | undefined =>
  sessions.find(({ stripe_intent: id }) => id === intentId);

const hasEnded = ({ status }: { readonly status: string }) =>
  status === "canceled" || status === "incomplete_expired";

function refundedOf({ stripe }: Books, intentId: string): number {
  return stripe.refunds
    .filter(({ payment_intent: id, status }) =>
      id === intentId && status !== "failed" && status !== "canceled"
    )
    .reduce((sum, { amount }) => sum + amount, 0);
}

/** What was taken for a session and not given back, one amount an intent. */
function keptCharges(books: Books, sessionId: string): number[] {
  return books.stripe.intents
    .filter(({ metadata }) => metadata["checkout_session_id"] === sessionId)
    .map((intent) => intent.amount_received - refundedOf(books, intent.id))
    .filter((amount) => amount !== 0);
}

const isSetUp = ({ stripe }: Books, sessionId: string) =>
  stripe.setups.some(({ metadata, status }) =>
    metadata?.["checkout_session_id"] === sessionId && status === "succeeded"
  );

const subscriptionsAtStripe = ({ stripe }: Books, sessionId: string) =>
  stripe.subscriptions.filter(({ metadata }) => metadata["checkout_session_id"] === sessionId);

function ownerAtStripe({ stripe }: Books, customer: unknown): string {
  const found = stripe.customers.find(({ id }) => id === customer);
  return found?.metadata["customer_id"] ?? String(customer);
}

const repeated = (names: readonly string[]): string[] => [
  ...new Set(names.filter((name, index) => names.indexOf(name) !== index)),
];

/** Without the two times that these tests move: a session that was let lie is not told anew. */
const timeless = ({ expiresAt: _expires, completedAt: _completed, ...rest }: Snapshot) => rest;

/** Equal whatever the order of keys: one comes from jsonb, one through zod. */
function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), new Map<string, unknown>(Object.entries(b))];
  return left.length === right.size &&
    left.every(([key, value]) => sameJson(value, right.get(key)));
}
