import Stripe from "stripe";
import type { Scene } from "./seams.ts";

/** The newest event of a type, in the form in which Stripe delivers it. */
export async function eventAbout(
  { shop, passage }: Scene,
  type: string,
): Promise<Stripe.Event> {
  const { data: [event] } = await shop.stripe.events.list(
    { type, created: { gte: passage.since }, limit: 1 },
    shop.onAccount,
  );
  if (event === undefined) throw new Error(`Stripe has no ${type} to tell of`);
  // Listed on the account's own behalf, an event does not name the account.
  return shop.account === undefined ? event : { ...event, account: shop.account };
}

/** Brings an event to the webhook function, signed, as one of the deliveries that come through. */
export function deliver(
  { ground: { stack } }: Pick<Scene, "ground">,
  event: Stripe.Event,
): Promise<Response> {
  const payload = JSON.stringify(event);
  const secret = event.account === undefined
    ? stack.info.webhookSecret
    : stack.connectWebhookSecret;
  return fetch(`${stack.info.functionsUrl}/stripe-webhook`, {
    method: "POST",
    headers: { "stripe-signature": Stripe.webhooks.generateTestHeaderString({ payload, secret }) },
    body: payload,
  });
}
