import type { Checkouts } from "./database/checkouts.ts";
import type { CreatedSession } from "./database/rows.ts";
import type { StripeGateway } from "./stripe/gateway.ts";

export interface SessionTaxPorts {
  readonly checkouts: Checkouts;
  readonly stripe: StripeGateway;
}

/**
 * The session with its tax in it, where it is to be taxed and is not yet. A crash in between is healed by the next call,
 * which asks Stripe the same again; of two at once the first one's calculation stands.
 */
export async function taxedSession(
  { checkouts, stripe }: SessionTaxPorts,
  session: CreatedSession,
): Promise<CreatedSession> {
  if (session.taxable === null) return session;
  const { taxId, ...sale } = session.taxable;
  const tax = await stripe.taxes.calculate(
    { ...sale, sessionId: session.id, currency: session.currency, taxId: taxId ?? undefined },
    session.stripeAccountId,
  );
  return checkouts.recordTax(session.id, tax);
}
