import type { Snapshot } from "../../../shared/contract/snapshot.ts";
import { isGood, type Laws, refundsOf, repeated, sessionOf } from "./reading.ts";

/** Of what is told: by the session, by its messages, by events. */
export const tellingLaws: Laws = {
  "a session stands where Stripe says that its intent is": (books) =>
    [...books.stripe.intents, ...books.stripe.setups].flatMap((intent) => {
      const session = sessionOf(books, intent.id);
      if (session === undefined) return [];
      const goesBack = session.refund_reason !== null || session.released;
      const lawful = goesBack ? ["failed", "expired", "canceled"] : STANDS[intent.status] ?? [];
      return lawful.includes(session.status)
        ? []
        : [`${session.id} is ${session.status}, ${intent.id} is ${intent.status}`];
    }),

  "a refund is told in the snapshot as it is at Stripe": (books) =>
    books.sessions.filter(({ refund_reason: reason }) => reason !== null).flatMap((session) => {
      const { id, stripe_intent: intent } = session;
      const refunds = refundsOf(books, intent);
      const own = refunds.filter(({ metadata }) => metadata?.["checkout_session_id"] === id);
      const good = own.find(isGood) ?? refunds.find(isGood);
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

/** Where a session may stand at rest, by its intent's state. */
const STANDS: Readonly<Record<string, readonly string[]>> = {
  requires_payment_method: ["open"],
  requires_confirmation: ["open"],
  requires_action: ["requires_action"],
  processing: ["processing"],
  succeeded: ["succeeded"],
  canceled: ["expired", "canceled", "failed"],
};

/** Without the two times that these tests move: a session that was let lie is not told anew. */
const timeless = ({ expiresAt: _expires, completedAt: _completed, ...rest }: Snapshot) => rest;

/** Equal whatever the order of keys: one comes from jsonb, one through zod. */
function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const [left, right] = [Object.entries(a), new Map<string, unknown>(Object.entries(b))];
  return left.length === right.size &&
    left.every(([key, value]) => sameJson(value, right.get(key)));
}
