import type Stripe from "stripe";
import type { CustomerNews, FulfillmentPlan } from "../domain/plans.ts";
import { present } from "../runtime/present.ts";
import { idempotencyKey } from "./idempotency.ts";
import { onAccount } from "./account.ts";
import { read, writeOrRefuse } from "./write.ts";

/** The call that tells what is known of a customer by now. */
export const customerDetails = (stripe: Stripe) =>
async (
  { sessionId, stripeAccountId }: FulfillmentPlan,
  { revision, email, name }: CustomerNews,
  customer: string,
): Promise<void> => {
  const options = onAccount(stripeAccountId);
  const details = present({ email, name });
  await writeOrRefuse<Stripe.Customer>({
    account: stripeAccountId,
    idempotencyKey: await idempotencyKey(
      "details",
      `${sessionId}:${customer}:${revision}`,
      details,
    ),
    run: (keyed) => stripe.customers.update(customer, details, keyed),
    find: async () => {
      const seen = await read(() => stripe.customers.retrieve(customer, {}, options));
      const isTold = !seen.deleted && (email === null || seen.email === email) &&
        (name === null || seen.name === name);
      return isTold ? seen : undefined;
    },
  });
};
