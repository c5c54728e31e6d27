import { useEffect, useRef, useState } from "react";
import { formatAmount } from "../../../../shared/domain/currencies.ts";
import type { CreateResponse } from "../types.ts";
import type { Labels } from "./labels.ts";
import type { PaymentSheetProps } from "./props.ts";
import type { Checkout } from "./use-checkout.ts";

interface PaymentProps extends Pick<PaymentSheetProps, "renderCard" | "renderAction" | "locale"> {
  readonly checkout: Checkout;
  readonly session: CreateResponse;
  /** Nothing is paid now: it is being paid, or other terms are on their way. */
  readonly isBusy: boolean;
  readonly labels: Labels;
}

/** The form for a payment method, the bank's question, or a yes where nothing is due. */
export function Payment(props: PaymentProps) {
  const { checkout, session, isBusy, labels, locale, renderCard, renderAction } = props;
  const { step, error, action, pay } = checkout;
  const form = useRef<HTMLElement>(null);
  useEffect(() => {
    // It stays in sight while a payment is on its way, so that nothing jumps and what was entered is there for another try.
    if (form.current !== null) form.current.inert = isBusy;
  });
  // It is not shown anew for a payment that is on its way: a form of Stripe's does not load for an intent that takes no payment
  // method any more. https://docs.stripe.com/changelog/clover/2025-09-30/client-secret-reuse
  const [wasForm, setForm] = useState(false);
  const isForm = step === "card" || (step === "processing" && wasForm);
  if (isForm !== wasForm) setForm(isForm);
  if (step === "action") {
    return (
      <div className="bos-actions">
        {renderAction === undefined
          ? action?.actionUrl !== undefined && (
            <a className="bos-button" href={action.actionUrl}>{labels.continueAtBank}</a>
          )
          : renderAction({ session, action, confirm: checkout.confirmAgain })}
        <button type="button" className="bos-link" onClick={checkout.payOtherwise}>
          {labels.otherMethod}
        </button>
      </div>
    );
  }
  if (!isForm) return null;
  const payLabel = payLabelOf(session, labels, locale);
  if (session.clientSecret === "") {
    return (
      <button
        type="button"
        className="bos-button"
        disabled={isBusy}
        onClick={() => void pay()}
      >
        {payLabel}
      </button>
    );
  }
  return (
    <section ref={form} className="bos-pay" aria-label={labels.pay} aria-busy={isBusy}>
      {renderCard({ session, pay, error, isBusy, payLabel })}
    </section>
  );
}

function payLabelOf(session: CreateResponse, labels: Labels, locale = "en"): string {
  const { clientSecret, checkoutMode, totalAmount, currency } = session;
  if (clientSecret === "") {
    return checkoutMode === "change" ? labels.confirmChange : labels.confirmFree;
  }
  return totalAmount === 0
    ? labels.saveCard
    : labels.payAmount(formatAmount(totalAmount, currency, locale));
}
