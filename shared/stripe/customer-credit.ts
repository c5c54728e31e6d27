import type Stripe from "stripe";
import { onAccount } from "./account.ts";
import type { FulfillmentPlan } from "../domain/plans.ts";
import { read, writeOrRefuse } from "./write.ts";

/** What an invoice has used of a customer's balance, below zero of what they owed; minor units. */
export interface UsedCredit {
  readonly invoiceId: string;
  readonly amount: number;
  readonly currency: string;
}

/** The call that puts credit, or a debt, back. */
export const customerCredit = (stripe: Stripe) =>
async (
  { sessionId, stripeAccountId }: Pick<FulfillmentPlan, "sessionId" | "stripeAccountId">,
  customer: string,
  credit: UsedCredit,
): Promise<void> => {
  const options = onAccount(stripeAccountId);
  const { invoiceId, amount, currency } = credit;
  const restored = () =>
    read(async () => {
      const pages = stripe.customers.listBalanceTransactions(customer, { limit: 100 }, options);
      for await (const one of pages) {
        if (one.metadata?.["restores_invoice_id"] === invoiceId) return one;
      }
      return undefined;
    });
  if (await restored() !== undefined) return;
  await writeOrRefuse<Stripe.CustomerBalanceTransaction>({
    account: stripeAccountId,
    idempotencyKey: `credit:${sessionId}:${invoiceId}`,
    run: (keyed) =>
      stripe.customers.createBalanceTransaction(customer, {
        amount: -amount,
        currency,
        metadata: { checkout_session_id: sessionId, restores_invoice_id: invoiceId },
      }, keyed),
    find: restored,
  });
};
