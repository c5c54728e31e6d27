import type { CreatedSession } from "../domain/sessions.ts";
import { minimumCharge } from "../domain/currencies.ts";
import { invoiceAmounts } from "../domain/invoice-amounts.ts";
import { priceDifferences, type StripePrice } from "../domain/price-match.ts";
import { CheckoutError } from "../runtime/errors.ts";
import { causeText } from "../runtime/cause.ts";
import { isCustomerGone, StripeRefusal } from "../stripe/errors.ts";
import type { CheckoutPorts } from "./ports.ts";

/**
 * The session with what Stripe's invoice for it will come to, before there is anything to pay: refused here is what
 * Stripe would refuse after the payment, or bill at another amount. Stripe is asked once for each session and the answer is
 * kept, so that whoever asks again, also after a crash in between, is shown the same.
 *
 * Throws price_unavailable, price_mismatch, currency_conflict, balance_due, amount_too_small, tax_unavailable,
 * address_invalid, tax_id_invalid, coupon_expired, and for a change subscription_ended, payment_overdue, change_unavailable,
 * already_on_price and subscription_changed.
 */
export async function pricedSession(
  ports: CheckoutPorts,
  session: CreatedSession,
): Promise<CreatedSession> {
  const { stripePriceId, status } = session;
  const isSettled = session.previewed || session.stripePaymentIntentId !== null;
  if (isSettled || session.checkoutMode === "free" || stripePriceId === null) return session;
  if (status === "expired") throw new CheckoutError("session_expired");
  if (status !== "pending") throw new CheckoutError("session_closed");
  const sold = { ...session, stripePriceId };
  const price = await checkedPrice(ports, sold);
  try {
    return await previewed(ports, sold, price);
  } catch (error) {
    if (error instanceof StripeRefusal) {
      ports.log.error("cannot be sold", {
        sessionId: session.id,
        stripePriceId,
        cause: causeText(error),
      });
      // Refused in words that nobody here has a code for: whatever it is, the price cannot be sold so.
      if (error.code === "internal_error") throw new CheckoutError("price_unavailable");
    }
    throw error;
  }
}

type SoldSession = CreatedSession & { readonly stripePriceId: string };

/** Stripe bills by its price and not by the catalogue's row. */
async function checkedPrice(
  { stripe, log }: CheckoutPorts,
  session: SoldSession,
): Promise<StripePrice> {
  const { id: sessionId, stripePriceId, priceId, product, currency } = session;
  const price = await stripe.prices.retrieve(stripePriceId, session.stripeAccountId);
  if (price?.active !== true) {
    log.error("price is not for sale at Stripe", { sessionId, priceId, stripePriceId });
    throw new CheckoutError("price_unavailable");
  }
  const differing = priceDifferences({
    unitAmount: session.amount / session.quantity,
    currency,
    interval: product.interval,
    intervalCount: product.intervalCount,
  }, price);
  if (differing.length > 0) {
    const fields = differing.join(" ");
    log.error("price differs from Stripe's", { sessionId, priceId, stripePriceId, fields });
    throw new CheckoutError("price_mismatch");
  }
  return price;
}

async function previewed(
  ports: CheckoutPorts,
  session: SoldSession,
  price: StripePrice,
): Promise<CreatedSession> {
  const { change } = session;
  if (change !== null && change.stripeSubscriptionId !== null) {
    const preview = await ports.stripe.subscriptionChanges.preview({
      stripeSubscriptionId: change.stripeSubscriptionId,
      fromStripePriceId: change.fromStripePriceId ?? "",
      toStripePriceId: session.stripePriceId,
      interval: price.interval,
      intervalCount: price.intervalCount,
      stripeAccountId: session.stripeAccountId,
    });
    return ports.checkouts.recordPreview(session.id, preview);
  }
  // Without these the invoice is the price for each seat, of which Stripe has just been asked.
  if (session.discount === null && session.tax === null && session.stripeCustomerId === null) {
    return session;
  }
  return firstInvoice(ports, session, price);
}

/** What the first invoice will come to, with coupon, tax, and the balance that the customer has. */
async function firstInvoice(
  ports: CheckoutPorts,
  session: SoldSession,
  { stripeProductId }: StripePrice,
): Promise<CreatedSession> {
  const { stripe, checkouts } = ports;
  const invoice = await stripe.coupons.use({ ...session, stripeProductId }, async (couponId) => {
    const ask = (stripeCustomerId: string | null) =>
      stripe.previews.firstInvoice({ ...session, couponId, stripeCustomerId });
    try {
      return await ask(session.stripeCustomerId);
    } catch (error) {
      // A returning customer whom Stripe no longer has pays as a new one.
      if (session.stripeCustomerId === null || !isCustomerGone(error)) throw error;
      await checkouts.forgetStripeCustomer(session.stripeCustomerId);
      return ask(null);
    }
  });
  // A preview is answered also where its taxes could not be told.
  const { status } = invoice.automatic_tax;
  if (session.tax !== null && status !== "complete") {
    throw new CheckoutError(
      status === "requires_location_inputs" ? "address_invalid" : "tax_unavailable",
    );
  }
  const amounts = invoiceAmounts(invoice);
  const minimum = minimumCharge(session.currency);
  if (amounts.total > 0 && amounts.total < minimum) {
    throw new CheckoutError("amount_too_small", {
      details: { minimum, currency: session.currency },
    });
  }
  if (session.trialDays === 0) return checkouts.recordPreview(session.id, amounts);
  // Previewed is the first charge, at the trial's end. The invoice with which a trial begins has what waits for the customer.
  const isOwn = ({ pricing }: (typeof invoice.lines.data)[number]) =>
    pricing?.price_details?.price === session.stripePriceId;
  const owes = invoice.starting_balance > 0 || !invoice.lines.data.every(isOwn);
  if (owes) throw new CheckoutError("balance_due");
  return checkouts.recordPreview(session.id, { ...amounts, taxAmount: 0, amountDue: 0 });
}
