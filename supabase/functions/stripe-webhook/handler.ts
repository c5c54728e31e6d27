import type Stripe from "stripe";
import { CheckoutError } from "../../../shared/runtime/errors.ts";
import { readBytes } from "../../../shared/http/body.ts";
import type { Call } from "../../../shared/http/routes.ts";
import { verifyEvent } from "../../../shared/stripe/webhook.ts";
import { type InboxPorts, takeIn } from "../../../shared/sync/inbox.ts";

/** Bytes; an invoice with many lines is larger than what an SDK may send. */
const EVENT_LIMIT = 1024 * 1024;

export interface WebhookDependencies extends Omit<InboxPorts, "log"> {
  readonly verifier: Stripe;
  readonly secrets: readonly string[];
}

/** `POST /stripe-webhook`: verified, stored, then acted upon; a failure is told to Stripe, which delivers again. */
export function webhookEndpoint({ verifier, secrets, ...ports }: WebhookDependencies) {
  return async ({ request, log }: Call): Promise<Response> => {
    const body = await readBytes(request, EVENT_LIMIT);
    const signature = request.headers.get("stripe-signature");
    const event = await verifyEvent(verifier, body, signature, secrets);
    const outcome = await takeIn({ ...ports, log }, event);
    log.info("event", { stripeEventId: event.id, type: event.type, outcome });
    if (outcome === "in_work") throw new CheckoutError("event_in_work");
    if (outcome === "dead") throw new CheckoutError("event_dead");
    return Response.json({ received: true });
  };
}
