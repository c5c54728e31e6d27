import type { FulfillmentPlan } from "../domain/plans.ts";
import type { CheckoutPorts } from "./ports.ts";
import { causeText } from "../runtime/cause.ts";
import { isCustomerGone, StripeRefusal } from "../stripe/errors.ts";

/** How often to tell when others keep writing. Not `readAgain`, which fails in the end: the next payment tells what is left. */
const MAX_TELLS = 4;

/**
 * Tells Stripe the e-mail address and the name that a customer has by now. A part of the fulfillment, so that a crash or an
 * outage leaves it to the next run. What Stripe will not take of them costs nobody what was paid for: it is logged, and counts
 * as told.
 *
 * @param stripeCustomerId whose the session's card is
 */
export async function tellDetails(
  { checkouts, stripe, log }: CheckoutPorts,
  plan: FulfillmentPlan,
  stripeCustomerId: string,
): Promise<void> {
  const known = plan.customer.stripeCustomerId;
  // Somebody else at Stripe than our row names.
  if (known !== null && known !== stripeCustomerId) return;
  let { news } = plan.customer;
  for (let tells = 0; news !== null && tells < MAX_TELLS; tells += 1) {
    try {
      await stripe.customers.tellDetails(plan, news, stripeCustomerId);
    } catch (error) {
      if (!(error instanceof StripeRefusal) || isCustomerGone(error)) throw error;
      log.warn("customer's details not taken", {
        sessionId: plan.sessionId,
        cause: causeText(error),
      });
    }
    news = await checkouts.recordCustomerTold(plan, news);
  }
}
