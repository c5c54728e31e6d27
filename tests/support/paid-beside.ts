import { vi } from "vitest";
import type { CreateResponse } from "../../shared/contract/create.ts";
import type { Shop } from "./shop.ts";

/**
 * Pays a session, and its first invoice on the page that Stripe has for each open one, just before the session's payment would pay it.
 * Answers the payment intent of the latter, once all has been told.
 *
 * @param card by which the latter is paid, where that is another one
 */
export async function paidBeside(
  shop: Shop,
  session: CreateResponse,
  card?: string,
): Promise<string> {
  await shop.admin("POST", "/faults", {
    kind: "latency",
    method: "POST",
    path: "/v1/subscriptions",
    phase: "after",
    ms: 3_000,
    count: 1,
  });
  await shop.payInBrowser(session);
  const { payments } = await vi.waitFor(async () => {
    const { subscriptions: [made] } = await shop.atStripe(session);
    if (typeof made?.latest_invoice !== "string" || typeof made.customer !== "string") {
      throw new Error("there is no invoice yet");
    }
    const method = card === undefined ? undefined : await shop.stripe.paymentMethods.attach(
      card,
      { customer: made.customer },
      shop.onAccount,
    );
    return shop.stripe.invoices.pay(
      made.latest_invoice,
      { expand: ["payments"], ...(method && { payment_method: method.id }) },
      shop.onAccount,
    );
  }, { timeout: 60_000 });
  await shop.idle();
  const intent = payments?.data[0]?.payment.payment_intent;
  if (typeof intent !== "string") throw new Error("no intent has paid the invoice");
  return intent;
}
