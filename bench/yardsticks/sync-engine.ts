// Stripe's webhook as @supabase/stripe-sync-engine takes it: the signature verified, the event's object stored.
import { StripeSync } from "@supabase/stripe-sync-engine";
import { required } from "./environment.ts";

const sync = new StripeSync({
  poolConfig: { connectionString: required("DATABASE_URL"), max: 10 },
  stripeSecretKey: required("STRIPE_SECRET_KEY"),
  stripeWebhookSecret: required("STRIPE_WEBHOOK_SECRET"),
  autoExpandLists: false,
});

export default {
  async fetch(request: Request): Promise<Response> {
    const body = await request.text();
    await sync.processWebhook(body, request.headers.get("stripe-signature") ?? undefined);
    return Response.json({ received: true });
  },
};
