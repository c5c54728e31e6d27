import { useState } from "react";
import type { CheckoutError } from "../errors.ts";
import { Address, customerOf } from "./address.tsx";
import { fieldOf, isOfPlace } from "./field-of.ts";
import type { Labels } from "./labels.ts";
import { Offer } from "./offer.tsx";
import { Alert, Status } from "./outcome.tsx";
import { Payment } from "./payment.tsx";
import type { PaymentSheetProps } from "./props.ts";
import { mayBeginAnew } from "./steps.ts";
import { Summary } from "./summary.tsx";
import { Terms } from "./terms.tsx";
import type { Checkout } from "./use-checkout.ts";

interface SheetBodyProps extends PaymentSheetProps {
  readonly checkout: Checkout;
  /** The plans are shown, and what was refused above them. */
  readonly isChoosing: boolean;
  readonly labels: Labels;
  readonly locale: string;
  readonly onRetry: () => void;
  /** What leads to another plan, where the same would be refused again: the choice in the sheet, or the page behind it. */
  readonly onOther: () => void;
}

/** What the sheet shows of a checkout that has begun, step by step. */
export function SheetBody(props: SheetBodyProps) {
  const { checkout, labels, locale, onClose, onRetry, onOther } = props;
  const { step, session, input, refusal, isRevising, revise } = checkout;
  const [seats, setSeats] = useSeats(checkout);
  const [isMoving, setMoving] = useState(false);

  const isPlaceAsked = isOfPlace(refusal ?? checkout.error);
  // Not paid for before they are counted.
  const hasSeatsToCome = session !== undefined && seats !== session.quantity;
  const isOpen = step === "card" || step === "processing" || step === "action";
  // It stays while it is asked whether the place will do.
  const place = step !== "success" && step !== "failure" &&
    // What is being paid is paid for the place that it was opened for.
    (isPlaceAsked || (isMoving && step === "card") || (isRevising && session === undefined));
  const error = place || props.isChoosing ? undefined : errorOf(checkout);
  const customer = customerOf(input);
  const paid = place && step !== "processing" ? undefined : session;

  return (
    <>
      {session !== undefined && isOpen && (
        <>
          <Offer session={session} labels={labels} locale={locale} />
          {takesTerms(checkout) && (
            <Terms
              checkout={checkout}
              session={session}
              seats={seats}
              labels={labels}
              onSeats={setSeats}
            />
          )}
          <Summary
            session={session}
            labels={labels}
            locale={locale}
            couponCode={input?.couponCode ?? undefined}
            isRevising={isRevising || hasSeatsToCome}
          />
          {Boolean(customer?.address) && step === "card" && !place && (
            <button
              type="button"
              className="bos-link"
              onClick={() => setMoving(true)}
            >
              {labels.changeAddress}
            </button>
          )}
        </>
      )}
      {place && (
        <Address
          customer={customer}
          isDisabled={isRevising}
          refusal={placeRefusalOf(refusal ?? checkout.error)}
          labels={labels}
          locale={locale}
          onSave={(moved) => void revise({ customer: moved }).then(() => setMoving(false))}
        />
      )}
      {error !== undefined && <Alert isOfCard={step === "card"}>{error}</Alert>}
      <div className="bos-step" data-step={step}>
        {/* Always there, so that a screen reader follows it from one step to the next. */}
        <Status checkout={checkout} labels={labels} />
        {paid !== undefined && (
          <Payment
            {...props}
            session={paid}
            isBusy={step !== "card" || isRevising || hasSeatsToCome}
          />
        )}
      </div>
      {(step === "failure" || (step === "plan" && error !== undefined)) && (
        mayBeginAnew(checkout.error)
          ? <button type="button" className="bos-button" onClick={onRetry}>{labels.retry}</button>
          : (
            <button type="button" className="bos-button" onClick={onOther}>
              {labels.otherPlan}
            </button>
          )
      )}
      {step === "success" && (
        <button type="button" className="bos-button" onClick={onClose}>{labels.done}</button>
      )}
    </>
  );
}

/** A change keeps what it has, unless that was free. Of a resumed one it is not known which subscription is to change. */
const takesTerms = ({ session, input }: Checkout) =>
  session?.checkoutMode !== "change" ||
  (session.proration?.fromFree === true && Boolean(input?.existingSubscriptionId));

/** That a place is needed is no reproach to somebody who was not asked before. */
function placeRefusalOf(error: CheckoutError | undefined) {
  const field = fieldOf(error);
  return error !== undefined && field !== undefined && error.code !== "address_required"
    ? { field, message: error.message }
    : undefined;
}

/** What is shown above the form; what is about a field is shown beside it. */
function errorOf({ error, refusal }: Checkout): string | undefined {
  if (refusal !== undefined && fieldOf(refusal) === undefined) return refusal.message;
  return error?.message;
}

/** The seats that the customer wants: those of the session until they say otherwise, and again where others could not be asked for. */
function useSeats({ session, refusal }: Checkout) {
  const quantity = session?.quantity ?? 1;
  const [wanted, setWanted] = useState({ of: session?.id, seats: quantity });
  const [refused, setRefused] = useState(refusal);
  if (refused !== refusal) {
    setRefused(refusal);
    if (refusal?.retryable === true) setWanted({ of: session?.id, seats: quantity });
  }
  const seats = wanted.of === session?.id ? wanted.seats : quantity;
  return [seats, (next: number) => setWanted({ of: session?.id, seats: next })] as const;
}
