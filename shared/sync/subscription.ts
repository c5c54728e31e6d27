import type Stripe from "stripe";
import { uuid } from "../contract/primitives.ts";
import { isOfSession } from "../domain/session-subscription.ts";
import type { LocatedSubscription, RecordedSubscription } from "../database/located-billing.ts";
import type { SubscriptionFacts } from "../domain/facts.ts";
import type { SessionStatus } from "../domain/session-status.ts";
import type { LocatedCheckout } from "../domain/sessions.ts";
import { aboutSession } from "../checkout/about-session.ts";
import { endSubscription } from "../checkout/refund.ts";
import { readAgain } from "../runtime/read-again.ts";
import { subscriptionFacts } from "../stripe/facts.ts";
import { found } from "../stripe/errors.ts";
import type { SyncPorts } from "./ports.ts";
import { type BilledSubscription, hasEnded, labelOf } from "../stripe/subscriptions.ts";

/** Says where product and price stay although Stripe's price is another. */
export function tellKept(
  { log }: Pick<SyncPorts, "log">,
  { subscriptionId }: LocatedSubscription,
  { stripePriceId }: SubscriptionFacts,
  { price }: RecordedSubscription,
): void {
  if (price !== undefined) log.warn("product kept", { subscriptionId, stripePriceId, price });
}

/** What an event says of a subscription besides that it is to be read again. */
export interface SubscriptionNews {
  readonly stripeSubscriptionId: string;
  /** It was made; no where it is left out, as in the next. */
  readonly isNew?: boolean;
  /** Its trial's end is near. */
  readonly trialWillEnd?: boolean;
  /** Its row, where it was just located; null where it has none. */
  readonly row?: LocatedSubscription | null | undefined;
}

type Unknown =
  | { readonly kind: "foreign" | "just completed" }
  | { readonly kind: "surplus"; readonly session: LocatedCheckout }
  | { readonly kind: "being completed"; readonly session: LocatedCheckout };

/**
 * What becomes of a subscription that the database does not know: somebody else's, or a session's that is just being
 * completed, or surplus: made by a run that lost its session to another or to a refund, and to be ended before it charges.
 */
export async function unknownOf(
  { checkouts }: Pick<SyncPorts, "checkouts">,
  subscription: Stripe.Subscription,
): Promise<Unknown> {
  const named = uuid.safeParse(subscription.metadata["checkout_session_id"]);
  const session = named.success ? await checkouts.locate({ sessionId: named.data }) : null;
  if (session === null) return { kind: "foreign" };
  const { status, refunding, expected } = session;
  if (expected.stripeSubscriptionId === subscription.id) return { kind: "just completed" };
  if (!refunding && !takesNoSubscription.has(status)) return { kind: "being completed", session };
  return isOfSession(labelOf(subscription), expected) && !hasEnded(subscription)
    ? { kind: "surplus", session }
    : { kind: "foreign" };
}

/** Of a session: none that is found now becomes its own. One that has expired may still be paid late. */
const takesNoSubscription: ReadonlySet<SessionStatus> = new Set([
  "succeeded",
  "failed",
  "canceled",
]);

/** What came of it; `unchanged` where it was written, and the row had said so. */
export type SyncedSubscription = "applied" | "unchanged" | "noted" | "unknown";

/**
 * Writes a subscription as Stripe has it now, whatever the event said. `unknown` for one that is not a session's. Of one
 * whose session is just being completed it is noted that there is news, so that whoever completes it reads it once more.
 *
 * @param first is done before a known one is written down, with what was read
 */
export function syncSubscription(
  ports: SyncPorts,
  { stripeSubscriptionId, isNew = false, trialWillEnd = false, row }: SubscriptionNews,
  account: string | null,
  first: (subscription: BilledSubscription) => Promise<unknown> = () => Promise.resolve(),
): Promise<SyncedSubscription> {
  let known = row;
  return readAgain("subscription", async () => {
    const located = known === undefined
      ? await ports.events.locateSubscription(stripeSubscriptionId)
      : known;
    known = undefined;
    const subscription = await found(
      ports.stripe.subscriptions.retrieve(stripeSubscriptionId, account),
    );
    if (subscription === undefined) return "unknown";
    if (located !== null) {
      await first(subscription);
      const facts = subscriptionFacts(subscription, located);
      const recorded = await ports.events.recordSubscription(
        located.revision,
        { ...facts, trialWillEnd },
      );
      tellKept(ports, located, facts, recorded);
      if (recorded.outcome !== "recorded") return "stale";
      return recorded.changed === false ? "unchanged" : "applied";
    }
    const unknown = await unknownOf(ports, subscription);
    if (unknown.kind === "surplus") {
      ports.log.note(aboutSession(unknown.session));
      ports.log.warn("surplus subscription ended", { stripeSubscriptionId });
      await endSubscription(ports, unknown.session, subscription);
      return "unknown";
    }
    // Whoever made it reads it once more before writing it down: that it was made is no news.
    if (unknown.kind === "foreign" || (unknown.kind === "being completed" && isNew)) {
      return "unknown";
    }
    // Whatever else is told of it makes that reading an old one.
    if (
      unknown.kind === "being completed" &&
      await ports.checkouts.noteNews(unknown.session.sessionId)
    ) return "noted";
    // Completed between the two look-ups.
    return "stale";
  });
}
