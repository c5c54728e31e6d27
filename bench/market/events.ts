import { createHmac, randomBytes } from "node:crypto";
import type Stripe from "stripe";
import { type Ask, post } from "../load/load.ts";

/** Stripe's signature of a body, made now: https://docs.stripe.com/webhooks#verify-manually */
function signed(body: string, secret: string): string {
  const seconds = Math.floor(Date.now() / 1000);
  const digest = createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex");
  return `t=${seconds},v1=${digest}`;
}

/** An event on its way to a handler, signed as of now. */
export function delivery(url: string, event: object, secret: string): Ask {
  const body = JSON.stringify(event);
  return post(url, body, { "stripe-signature": signed(body, secret) });
}

const BYTES = 4096;
const someId = (prefix: string) => `${prefix}_${randomBytes(12).toString("hex")}`;

/** A payment of somebody else's on the same account, as large as Stripe's events are: nothing but its storing is to be done. */
export function foreignPayment(): object {
  const created = Math.floor(Date.now() / 1000);
  const metadata: Record<string, string> = {};
  const event = {
    id: someId("evt"),
    object: "event",
    api_version: "2026-10-28.endive",
    created,
    livemode: false,
    pending_webhooks: 1,
    request: { id: someId("req"), idempotency_key: null },
    type: "payment_intent.succeeded",
    data: {
      object: {
        id: someId("pi"),
        object: "payment_intent",
        amount: 2900,
        amount_received: 2900,
        capture_method: "automatic",
        created,
        currency: "usd",
        livemode: false,
        payment_method_types: ["card"],
        status: "succeeded",
        metadata,
      },
    },
  };
  // Up to 500 characters a value: https://docs.stripe.com/api/metadata
  for (let key = 0; JSON.stringify(event).length < BYTES - 20; key += 1) {
    const left = BYTES - 20 - JSON.stringify(event).length;
    metadata[`key_${key}`] = "x".repeat(Math.min(500, Math.max(1, left)));
  }
  return event;
}

/** The newest events of a type, as Stripe keeps them; read page by page until there are enough. */
export async function newestEvents(
  stripe: Stripe,
  type: string,
  count: number,
): Promise<readonly Stripe.Event[]> {
  const found: Stripe.Event[] = [];
  for await (const event of stripe.events.list({ type, limit: 100 })) {
    found.push(event);
    if (found.length >= count) return found;
  }
  throw new Error(`Stripe has ${found.length} events ${type}, not ${count}`);
}
