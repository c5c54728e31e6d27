import type { CreatedSession } from "../../../../shared/domain/sessions.ts";
import { pricedSession } from "../../../../shared/checkout/price.ts";
import { stripeGateway } from "../../../../shared/stripe/gateway.ts";
import { CREATED } from "../stripe/answers.ts";
import { DISCOUNT, HOME, invoice } from "../stripe/plans.ts";
import { type Answer, answer, recordedStripe } from "../stripe/recorded.ts";
import { recordedCheckouts, recordedLog } from "./recorded-database.ts";
import { session, soldPrice } from "./sold-session.ts";

export const PRICE = "GET /v1/prices/price_1NabcDEF";
export const PREVIEW = "POST /v1/invoices/create_preview";
export const COUPON = "POST /v1/coupons";

export const own = { amount: 5_800, pricing: { price_details: { price: "price_1NabcDEF" } } };
export const lines = (...data: object[]) => ({ ...invoice.lines, data });
export const preview = {
  ...invoice,
  amount_due: 5_800,
  automatic_tax: { enabled: true, status: "complete" },
  lines: lines(own),
  total: 5_800,
};

/** A session's pricing over Stripe's answers; without others, its price is as sold and its preview over the same. */
export function checkout(answers: Readonly<Record<string, readonly Answer[]>> = {}) {
  const { stripe, seen, calls } = recordedStripe({
    [PRICE]: [answer(soldPrice)],
    [PREVIEW]: [answer(preview)],
    ...answers,
  });
  const { checkouts, called, names } = recordedCheckouts({
    record_preview: () => ({ ...session, previewed: true }),
    forget_stripe_customer: () => null,
  });
  const { log, lines: logged } = recordedLog();
  const clock = { now: CREATED };
  const gateway = stripeGateway(stripe, () => clock.now);
  const priced = (differs: Partial<CreatedSession> = {}) =>
    pricedSession({ checkouts, stripe: gateway, log }, { ...session, ...differs });
  return { priced, clock, seen, calls, called, names, logged };
}

export const returning = { stripeCustomerId: "cus_OabcDEF" };
export const taxed: Partial<CreatedSession> = { tax: { address: HOME, taxId: null } };
export const discounted: Partial<CreatedSession> = {
  discountId: DISCOUNT,
  discount: { code: "SPRING", percentOff: 50, duration: "once" },
};
export const trial: Partial<CreatedSession> = {
  ...returning,
  trialDays: 14,
  checkoutMode: "trial",
  intentKind: "setup",
};
