import { callerOf, type CallerProofs } from "../../../shared/tokens/caller.ts";
import type { SubscriptionStripe } from "../../../shared/compose/late-stripe.ts";
import {
  endingRequest,
  type EndingResponse,
  subscriptionsRequest,
  type SubscriptionsResponse,
} from "../../../shared/contract/subscription.ts";
import type { OwnSubscriptionRows } from "../../../shared/database/own-subscriptions.ts";
import { refused, refusedOrLimited } from "../../../shared/database/refused.ts";
import { readJson, readQuery } from "../../../shared/http/body.ts";
import type { Call } from "../../../shared/http/routes.ts";
import { CheckoutError } from "../../../shared/runtime/errors.ts";

export interface SubscriptionDependencies {
  readonly rows: OwnSubscriptionRows;
  readonly lateSubscriptions: () => Promise<SubscriptionStripe>;
  readonly proofs: CallerProofs;
  readonly livemode: boolean;
}

const operation = "subscription";

/** `GET /subscription`: the live subscriptions of the caller. Stripe is asked only for what comes next. */
export function subscriptionsEndpoint(
  { rows, lateSubscriptions, proofs, livemode }: SubscriptionDependencies,
) {
  return async ({ request, log }: Call): Promise<Response> => {
    const caller = await callerOf(request, proofs, { operation, livemode });
    const preview = readQuery(request, subscriptionsRequest).preview !== undefined;
    const read = await rows.list(caller, preview);
    if (read.outcome !== "read") throw refusedOrLimited(read, log);
    const shown = read.subscriptions.map(({ subscription }) => subscription);
    if (!preview) return listed(shown);
    const stripe = await lateSubscriptions();
    const invoices = await Promise.all(
      read.subscriptions.map(async (
        { stripeSubscriptionId: id, stripeAccountId: account = null },
      ) => id === undefined ? null : stripe.nextInvoice(id, account)),
    );
    return listed(
      shown.map((one, at) => Object.assign({}, one, { nextInvoice: invoices[at] ?? null })),
    );
  };
}

const listed = (subscriptions: SubscriptionsResponse["subscriptions"]): Response => {
  const body: SubscriptionsResponse = { subscriptions };
  return Response.json(body);
};

/**
 * `POST /subscription/cancel` and `/subscription/resume`: the subscription ends with its period, or goes on. Answers it as it is then,
 * however often it is asked.
 */
export function endingEndpoint(
  { rows, lateSubscriptions, proofs, livemode }: SubscriptionDependencies,
  ending: boolean,
) {
  return async ({ request, log }: Call): Promise<Response> => {
    const caller = await callerOf(request, proofs, { operation, livemode });
    const { subscriptionId } = await readJson(request, endingRequest);
    log.note({ subscriptionId });
    const begun = await rows.beginEnding(caller, subscriptionId, ending);
    if (begun.outcome === "read") return answer(begun);
    if (begun.outcome !== "at_stripe") throw refusedOrLimited(begun, log);
    const stripe = await lateSubscriptions();
    const outcome = await stripe.setEnding(begun, ending, log);
    if (outcome === "ended" && !ending) throw new CheckoutError("subscription_ended");
    const read = await rows.read(caller, subscriptionId);
    if (read.outcome !== "read") throw refused(read);
    return answer(read);
  };
}

const answer = ({ subscription }: EndingResponse): Response => {
  const body: EndingResponse = { subscription };
  return Response.json(body);
};
