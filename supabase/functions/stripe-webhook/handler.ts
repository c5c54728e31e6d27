import type Stripe from "stripe";
import { CheckoutError, type ErrorCode } from "../../../shared/errors.ts";
import { readBytes } from "../../../shared/http/body.ts";
import type { Call } from "../../../shared/http/routes.ts";
import { verifyEvent, withoutSecrets } from "../../../shared/stripe/webhook.ts";
import { type WebhookWork, work } from "../../../shared/webhook-work.ts";

/** Bytes; an invoice with many lines is larger than what an SDK may send. */
const EVENT_LIMIT = 1024 * 1024;

export interface WebhookDependencies extends Omit<WebhookWork, "log"> {
  readonly verifier: Stripe;
  readonly secrets: readonly string[];
}

/** `POST /stripe-webhook`: verified, stored, then acted upon; a failure is told to Stripe, which delivers again. */
export function webhookEndpoint({ verifier, secrets, ...ports }: WebhookDependencies) {
  return async ({ request, log }: Call): Promise<Response> => {
    const body = await readBytes(request, EVENT_LIMIT);
    const signature = request.headers.get("stripe-signature");
    const event = await verifyEvent(verifier, body, signature, secrets);
    const { outcome, eventId } = await ports.events.receive({
      id: event.id,
      type: event.type,
      livemode: event.livemode,
      account: event.account,
      payload: withoutSecrets(event),
    });
    if (outcome === "in_work") throw new CheckoutError("event_in_work");
    if (outcome === "dead") throw new CheckoutError("event_dead");
    if (outcome === "claimed") {
      try {
        await work({ ...ports, log }, event, eventId);
      } catch (error) {
        const code: ErrorCode = error instanceof CheckoutError ? error.code : "internal_error";
        await ports.events.fail(eventId, code);
        throw error;
      }
    }
    log.info("event", { stripeEventId: event.id, type: event.type, outcome });
    return Response.json({ received: true });
  };
}
