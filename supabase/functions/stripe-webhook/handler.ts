import type { WebhookResponse } from "../../../shared/contract/webhook.ts";
import type { Verify } from "../../../shared/compose/stripe.ts";
import { CheckoutError } from "../../../shared/runtime/errors.ts";
import { readBytes } from "../../../shared/http/body.ts";
import type { Call } from "../../../shared/http/routes.ts";
import { type InboxPorts, takeIn } from "../../../shared/sync/inbox.ts";

/** Bytes; an invoice with many lines is larger than what an SDK may send. */
const EVENT_LIMIT = 1024 * 1024;

export interface WebhookDependencies extends Omit<InboxPorts, "log"> {
  readonly verify: Verify;
}

/** `POST /stripe-webhook`: verified, stored, then acted upon; a failure is told to Stripe, which delivers again. */
export function webhookEndpoint({ verify, ...ports }: WebhookDependencies) {
  return async ({ request, log }: Call): Promise<Response> => {
    const bytes = await readBytes(request, EVENT_LIMIT);
    const event = await verify(bytes, request.headers.get("stripe-signature"));
    const outcome = await takeIn({ ...ports, log }, event);
    log.info("event", { stripeEventId: event.id, type: event.type, outcome });
    if (outcome === "in_work") throw new CheckoutError("event_in_work");
    if (outcome === "dead") throw new CheckoutError("event_dead");
    const body: WebhookResponse = { received: true };
    return Response.json(body);
  };
}
