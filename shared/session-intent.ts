import type Stripe from "stripe";
import type { Checkouts } from "./database/checkouts.ts";
import type { CreatedSession } from "./database/rows.ts";
import type { Digest } from "./digest.ts";
import { CheckoutError } from "./errors.ts";
import { isCustomerGone } from "./stripe/errors.ts";
import type { StripeGateway } from "./stripe/gateway.ts";

export interface SessionIntentPorts {
  readonly checkouts: Checkouts;
  readonly stripe: StripeGateway;
  readonly digest: Digest;
}

export interface SessionIntent {
  readonly id: string;
  readonly status: string;
  readonly clientSecret: string;
}

/**
 * The session's payment intent: read where it exists, else made and attached. A crash in between is healed by the next
 * call, which sends Stripe the same idempotency key. Throws `session_expired` or `session_closed` where the session
 * ended before it had an intent.
 */
export async function sessionIntent(
  ports: SessionIntentPorts,
  session: CreatedSession,
): Promise<SessionIntent> {
  const { stripeAccountId: account, stripePaymentIntentId } = session;
  const { paymentIntents } = ports.stripe;
  if (stripePaymentIntentId !== null) {
    return withSecret(await paymentIntents.retrieve(stripePaymentIntentId, account));
  }
  if (session.status === "expired") throw new CheckoutError("session_expired");
  if (session.status !== "pending") throw new CheckoutError("session_closed");

  const intent = withSecret(await created(ports, session));
  const attached = await ports.checkouts.attachIntent(
    session.id,
    intent,
    await ports.digest("client_secret", intent.clientSecret),
  );
  if (attached.outcome === "attached") return intent;
  await paymentIntents.cancel(intent.id, account);
  if (attached.outcome === "closed") throw new CheckoutError("session_closed");
  return withSecret(await paymentIntents.retrieve(attached.stripePaymentIntentId, account));
}

/** A returning customer whom Stripe no longer has is forgotten, and pays as a new one. */
async function created(
  { checkouts, stripe }: SessionIntentPorts,
  session: CreatedSession,
): Promise<Stripe.PaymentIntent> {
  const create = (stripeCustomerId: string | null) =>
    stripe.paymentIntents.create({
      sessionId: session.id,
      organizationId: session.organizationId,
      amount: session.totalAmount,
      currency: session.currency,
      applicationFeeAmount: session.applicationFeeAmount,
      description: session.product.name,
      stripeCustomerId,
    }, session.stripeAccountId);
  const { stripeCustomerId } = session;
  try {
    return await create(stripeCustomerId);
  } catch (error) {
    if (stripeCustomerId === null || !isCustomerGone(error)) throw error;
    await checkouts.forgetStripeCustomer(stripeCustomerId);
    return create(null);
  }
}

function withSecret({ id, status, client_secret }: Stripe.PaymentIntent): SessionIntent {
  if (client_secret === null) {
    throw new Error(`payment intent ${id} came without its client secret`);
  }
  return { id, status, clientSecret: client_secret };
}
