import { stripeAdmin } from "@billingos/stripe-simulator/admin";
import type Stripe from "stripe";
import * as z from "zod";
import type { SessionFacts } from "../../../scripts/console/facts.ts";
import { intentCalls, lastErrorOf } from "../../../shared/stripe/intent-calls.ts";
import type { CheckoutIntent } from "../../../shared/stripe/intent-calls.ts";
import type { FeedEntry } from "./entry.ts";

/** Sessions of which it is remembered what their intents were seen in. */
const KEPT = 200;

/** https://docs.stripe.com/payments/paymentintents/lifecycle: an intent leaves neither. */
const isFinal = (what: string) => /^\S+ (succeeded|canceled)/.test(what);

function said(intent: CheckoutIntent): string {
  const refused = lastErrorOf(intent);
  const parts = [
    `${intent.id} ${intent.status}`,
    refused === null ? "" : `last card refused: ${refused.decline_code ?? refused.code ?? ""}`,
    intent.next_action === null ? "" : `the bank asks: ${intent.next_action.type}`,
  ];
  return parts.filter(Boolean).join(", ");
}

/** Looks at a session's intents, and remembers what they were seen in and when; one that is final is not asked for again. */
export function watchIntents(stripe: Stripe) {
  const seen = new Map<string, readonly FeedEntry[]>();
  const calls = intentCalls(stripe);
  return async ({ session, intents }: SessionFacts): Promise<readonly FeedEntry[]> => {
    const options = {
      // What cannot be seen now is seen at the next look: nobody waits for it.
      timeout: 5_000,
      maxNetworkRetries: 0,
      ...(session.stripeAccountId === null ? {} : { stripeAccount: session.stripeAccountId }),
    };
    for (const { stripeId } of intents) {
      const last = () =>
        (seen.get(session.id) ?? []).findLast(({ what }) => what.startsWith(`${stripeId} `))?.what;
      if (isFinal(last() ?? "")) continue;
      const what = await calls(stripeId).retrieve(stripeId, options).then(said, () => undefined);
      if (what === undefined) continue;
      // Another look may have been quicker.
      if (last() === what || isFinal(last() ?? "")) continue;
      const entry: FeedEntry = { at: new Date(), lane: "stripe", from: "intent", what };
      seen.set(session.id, [...seen.get(session.id) ?? [], entry]);
    }
    for (const oldest of seen.keys()) {
      if (seen.size <= KEPT) break;
      seen.delete(oldest);
    }
    return seen.get(session.id) ?? [];
  };
}

const deliveries = z.array(z.object({
  event: z.string(),
  type: z.string(),
  state: z.string(),
  at: z.number(),
  attempts: z.array(z.object({ at: z.number(), status: z.number(), error: z.string().nullable() })),
}));

/** What Stripe has tried to deliver about objects of these names; of the simulator alone, since Stripe tells nobody. */
export async function readDeliveries(
  adminUrl: string | undefined,
  names: readonly string[],
): Promise<FeedEntry[]> {
  if (adminUrl === undefined || names.length === 0) return [];
  const query = new URLSearchParams(names.map((name) => ["about", name]));
  const told = deliveries.parse(await stripeAdmin(adminUrl, "GET", `/deliveries?${query}`));
  return told.flatMap(({ event, type, state, at, attempts }) => {
    const entry = (when: number, what: string): FeedEntry => ({
      at: new Date(when),
      lane: "webhook",
      from: "delivery",
      what: `${type} ${event} ${what}`,
    });
    if (attempts.length === 0) {
      return [entry(at, state === "dropped" ? "is lost on its way" : "is on its way")];
    }
    return attempts.map((attempt) => entry(attempt.at, outcomeOf(attempt)));
  });
}

function outcomeOf({ status, error }: { readonly status: number; readonly error: string | null }) {
  if (status > 0) return `answered ${status}`;
  return error === null ? "is being delivered" : "was not answered";
}
