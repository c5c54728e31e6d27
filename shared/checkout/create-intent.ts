import type { Checkouts } from "../database/checkouts.ts";
import type { CreatedSession } from "../domain/sessions.ts";
import type { Digest } from "../runtime/digest.ts";
import { refused } from "../database/refused.ts";
import { CheckoutError } from "../runtime/errors.ts";
import { isCustomerGone } from "../stripe/errors.ts";
import type { StripeGateway } from "../stripe/gateway.ts";
import type { CheckoutIntent } from "../stripe/intent-calls.ts";

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
 * The session's intent, null for a free one: read where it exists, else made and attached. A crash in between is healed by the next
 * call, which sends Stripe the same idempotency key. Throws `session_expired` or `session_closed` where the session
 * ended before it had an intent.
 */
export async function sessionIntent(
  ports: SessionIntentPorts,
  session: CreatedSession,
): Promise<SessionIntent | null> {
  const { stripeAccountId: account, stripePaymentIntentId, intentKind } = session;
  if (intentKind === "none") return null;
  const { intents } = ports.stripe;
  if (stripePaymentIntentId !== null) {
    return withSecret(await intents.retrieve(stripePaymentIntentId, account));
  }
  if (session.status === "expired") throw new CheckoutError("session_expired");
  if (session.status !== "pending") throw new CheckoutError("session_closed");

  const intent = withSecret(await created(ports, session, intentKind));
  const attached = await ports.checkouts.attachIntent(
    session.id,
    { ...intent, amount: session.totalAmount },
    await ports.digest("client_secret", intent.clientSecret),
  );
  if (attached.outcome === "attached") return intent;
  await intents.cancel(intent.id, account);
  if (attached.outcome === "closed") throw refused(attached);
  // Another create of the same session was shown another amount meanwhile: asked again, this one is shown that too.
  if (attached.outcome === "outdated") throw new CheckoutError("database_unavailable");
  return withSecret(await intents.retrieve(attached.stripePaymentIntentId, account));
}

/** A returning customer whom Stripe no longer has is forgotten, and pays as a new one. */
async function created(
  { checkouts, stripe }: SessionIntentPorts,
  session: CreatedSession,
  kind: "payment" | "setup",
): Promise<CheckoutIntent> {
  const create = (stripeCustomerId: string | null) => {
    const common = {
      sessionId: session.id,
      organizationId: session.organizationId,
      description: session.product.name,
      stripeCustomerId,
      metadata: session.metadata,
      traceId: session.traceId,
    };
    if (kind === "setup") return stripe.setupIntents.create(common, session.stripeAccountId);
    return stripe.paymentIntents.create({
      ...common,
      amount: session.totalAmount,
      currency: session.currency,
      applicationFeeAmount: session.applicationFeeAmount,
    }, session.stripeAccountId);
  };
  const { stripeCustomerId } = session;
  try {
    return await create(stripeCustomerId);
  } catch (error) {
    if (stripeCustomerId === null || !isCustomerGone(error)) throw error;
    await checkouts.forgetStripeCustomer(stripeCustomerId);
    return create(null);
  }
}

function withSecret({ id, status, client_secret }: CheckoutIntent): SessionIntent {
  if (client_secret === null) {
    throw new Error(`intent ${id} came without its client secret`);
  }
  return { id, status, clientSecret: client_secret };
}
