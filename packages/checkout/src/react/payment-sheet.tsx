import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { CheckoutError } from "../errors.ts";
import type { CreateInput, CreateResponse, Snapshot } from "../types.ts";
import { Dialog } from "./dialog.tsx";
import { english, type Labels } from "./labels.ts";
import { PricingTable } from "./pricing-table.tsx";
import { SheetBody } from "./sheet-body.tsx";
import { type Checkout, useCheckout } from "./use-checkout.ts";

/** What the app's form for a payment method is given. */
export interface CardStep {
  readonly session: CreateResponse;
  /** Pays by what Stripe.js has made of the customer's entries. */
  readonly pay: NonNullable<Checkout["pay"]>;
  /** Why the last one was refused; it is shown above the form already. */
  readonly error: CheckoutError | undefined;
  /** A payment is on its way, or the amount is about to change: the form is inert meanwhile. */
  readonly isBusy: boolean;
  /** What the form's button says, the amount included. */
  readonly payLabel: string;
}

export interface PaymentSheetProps {
  /** Whether it is shown. */
  readonly open: boolean;
  readonly onClose: () => void;
  /** What is bought; without it the customer chooses in the sheet. A session is opened once it is shown. */
  readonly input?: CreateInput | undefined;
  /** A session to go on with, as after a reload; what `input` says of it counts once the customer changes something. */
  readonly sessionId?: string | undefined;
  /** Whether the customer is back from the bank this moment: the address has `redirect_status` then. */
  readonly isBack?: boolean | undefined;
  /** Told each time that a session is opened, and what it was opened for: keep both where a reload finds them. */
  readonly onSession?:
    | ((session: CreateResponse, input: CreateInput | undefined) => void)
    | undefined;
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
  /** Shown beside the sheet, or below it where there is no room. */
  readonly aside?: ReactNode;
  /** BCP 47. */
  readonly locale?: string | undefined;
  readonly labels?: Partial<Labels> | undefined;
}

/** A purchase from the choice of a plan to its end, in a dialog over the page. */
export function PaymentSheet(props: PaymentSheetProps) {
  return props.open ? <Sheet {...props} /> : null;
}

function Sheet(props: PaymentSheetProps) {
  const { onClose, locale = "en" } = props;
  const labels = { ...english, ...props.labels };
  const titleId = useId();
  const checkout = useCheckout();
  const { step, session, start } = checkout;
  const again = useBegin(props, checkout);
  useTelling(props, checkout);
  const [chosen, setChosen] = useState<string>();

  const isChoosing = step === "plan" && checkout.input === undefined && props.input === undefined;
  return (
    <Dialog
      title={session?.product.name ?? chosen ?? labels.choosePlan}
      titleId={titleId}
      closeLabel={labels.close}
      onClose={onClose}
      aside={props.aside}
      isModal={step !== "action" || props.renderAction === undefined}
    >
      {isChoosing && (
        <PricingTable
          locale={locale}
          labels={props.labels}
          onSelect={({ id }, { name }) => {
            setChosen(name);
            void start({ priceId: id });
          }}
        />
      )}
      <SheetBody {...props} checkout={checkout} labels={labels} locale={locale} onRetry={again} />
    </Dialog>
  );
}

/** Begins once, with what the app gave; answers what begins anew. */
function useBegin({ input, sessionId, isBack }: PaymentSheetProps, checkout: Checkout): () => void {
  const { start, resume, reset } = checkout;
  const isBegun = useRef(false);
  useEffect(() => {
    if (isBegun.current) return;
    isBegun.current = true;
    if (sessionId !== undefined) void resume(sessionId, { input, isBack });
    else if (input !== undefined) void start(input);
  }, [input, sessionId, isBack, start, resume]);
  const wanted = checkout.input ?? input;
  return () => void reset().then(() => wanted && start(wanted));
}

/** Tells the app of each session, and once of the end. */
function useTelling({ onSession, onSuccess }: PaymentSheetProps, checkout: Checkout): void {
  const { step, session, snapshot, input } = checkout;
  const told = useRef<string>(undefined);
  useEffect(() => {
    if (session === undefined || told.current === session.id) return;
    told.current = session.id;
    onSession?.(session, input);
  }, [session, input, onSession]);
  const isTold = useRef(false);
  useEffect(() => {
    if (step !== "success" || snapshot === undefined || isTold.current) return;
    isTold.current = true;
    onSuccess?.(snapshot);
  }, [step, snapshot, onSuccess]);
}
