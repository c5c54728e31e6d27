import { useEffect, useId, useRef, useState } from "react";
import { Dialog } from "./dialog.tsx";
import { english } from "./labels.ts";
import { PricingTable } from "./pricing-table.tsx";
import type { PaymentSheetProps } from "./props.ts";
import { SheetBody } from "./sheet-body.tsx";
import { type Checkout, useCheckout } from "./use-checkout.ts";

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
      title={session?.product.name ?? chosen ?? (isChoosing ? labels.choosePlan : labels.order)}
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
