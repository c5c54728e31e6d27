import { type ReactNode, useEffect, useId, useRef } from "react";
import type { CheckoutError } from "../errors.ts";
import type { CreateInput, CreateResponse, Snapshot } from "../types.ts";
import { Dialog } from "./dialog.tsx";
import { english, type Labels } from "./labels.ts";
import { PricingTable } from "./pricing-table.tsx";
import { Summary } from "./summary.tsx";
import { type Checkout, useCheckout } from "./use-checkout.ts";

/** What the app's form for a payment method is given. */
export interface CardStep {
  readonly session: CreateResponse;
  /** Pays by what Stripe.js has made of the customer's entries. */
  readonly pay: NonNullable<Checkout["pay"]>;
  /** Why the last one was refused; it is shown above the form already. */
  readonly error: CheckoutError | undefined;
}

export interface PaymentSheetProps {
  /** Whether it is shown. */
  readonly open: boolean;
  readonly onClose: () => void;
  /** What is bought; without it the customer chooses in the sheet. A session is opened once it is shown. */
  readonly input?: CreateInput | undefined;
  /** The form for a payment method, such as Stripe's Payment Element. Not asked for where nothing is due. */
  readonly renderCard: (step: CardStep) => ReactNode;
  /**
   * What the bank asks of the customer, such as `stripe.handleNextAction` with the session's client secret; unless told, a link to
   * the bank where it gave one.
   */
  readonly renderAction?:
    | ((step: { session: CreateResponse; action: Checkout["action"] }) => ReactNode)
    | undefined;
  /** Called once the subscription is there. */
  readonly onSuccess?: ((snapshot: Snapshot) => void) | undefined;
  /** BCP 47. */
  readonly locale?: string | undefined;
  readonly labels?: Partial<Labels> | undefined;
}

/** A purchase from the choice of a plan to its end, in a dialog over the page. */
export function PaymentSheet(props: PaymentSheetProps) {
  return props.open ? <Sheet {...props} /> : null;
}

function Sheet(props: PaymentSheetProps) {
  const { input, onClose, onSuccess, locale = "en" } = props;
  const labels = { ...english, ...props.labels };
  const titleId = useId();
  const checkout = useCheckout();
  const { step, session, snapshot, error, start, reset } = checkout;

  const asked = useRef(false);
  useEffect(() => {
    if (input === undefined || asked.current) return;
    asked.current = true;
    void start(input);
  }, [input, start]);

  const told = useRef(false);
  useEffect(() => {
    if (step !== "success" || snapshot === undefined || told.current) return;
    told.current = true;
    onSuccess?.(snapshot);
  }, [step, snapshot, onSuccess]);

  const retry = () => {
    void reset().then(() => input && start(input));
  };
  const isBegun = session !== undefined;
  return (
    <Dialog
      title={session?.product.name ?? labels.choosePlan}
      titleId={titleId}
      closeLabel={labels.close}
      onClose={onClose}
    >
      {isBegun && <Summary session={session} labels={labels} locale={locale} />}
      {/* Always there, so that a screen reader follows it from one step to the next. */}
      <output className="bos-status" data-step={step}>
        {statusOf(step, isBegun, labels)}
      </output>
      {error !== undefined && <p className="bos-error" role="alert">{error.message}</p>}
      {step === "plan" && input === undefined && (
        <PricingTable
          locale={locale}
          labels={props.labels}
          onSelect={({ id }) => void start({ priceId: id })}
        />
      )}
      {isBegun && <Payment {...props} checkout={checkout} session={session} labels={labels} />}
      {(step === "failure" || (step === "plan" && input !== undefined && error !== undefined)) && (
        <button type="button" className="bos-button" onClick={retry}>{labels.retry}</button>
      )}
      {step === "success" && (
        <button type="button" className="bos-button" onClick={onClose}>{labels.close}</button>
      )}
    </Dialog>
  );
}

interface PaymentProps extends Pick<PaymentSheetProps, "renderCard" | "renderAction"> {
  readonly checkout: Checkout;
  readonly session: CreateResponse;
  readonly labels: Labels;
}

function Payment({ checkout, session, labels, renderCard, renderAction }: PaymentProps) {
  const { step, error, action, pay } = checkout;
  if (step === "action") {
    if (renderAction !== undefined) return renderAction({ session, action });
    return action?.actionUrl !== undefined &&
      <a className="bos-button" href={action.actionUrl}>{labels.continueAtBank}</a>;
  }
  const isPaying = step === "card" || step === "processing";
  if (!isPaying) return null;
  if (session.clientSecret === "") {
    return step === "card" && (
      <button
        type="button"
        className="bos-button"
        onClick={() => void pay()}
      >
        {labels.confirmFree}
      </button>
    );
  }
  // It stays while a payment is on its way, so that what was entered is there for another try.
  return (
    <section aria-label={labels.pay} hidden={step !== "card"}>
      {renderCard({ session, pay, error })}
    </section>
  );
}

function statusOf(step: Checkout["step"], isBegun: boolean, labels: Labels): string {
  switch (step) {
    case "plan":
    case "card":
      return "";
    case "action":
      return labels.action;
    case "processing":
      return isBegun ? labels.processing : labels.loading;
    case "success":
      return labels.success;
    case "failure":
      return labels.failure;
  }
}
