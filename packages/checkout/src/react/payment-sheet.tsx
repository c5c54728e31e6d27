import { useEffect, useId, useRef, useState } from "react";
import type { CreateInput } from "../types.ts";
import { Dialog } from "./dialog.tsx";
import { isOfPlace } from "./field-of.ts";
import { english } from "./labels.ts";
import { Alert } from "./outcome.tsx";
import { PricingTable } from "./pricing-table.tsx";
import type { PaymentSheetProps } from "./props.ts";
import { useProvided } from "./provider.tsx";
import { SheetBody } from "./sheet-body.tsx";
import { mayBeginAnew } from "./steps.ts";
import { type Checkout, useCheckout } from "./use-checkout.ts";

/** A purchase from the choice of a plan to its end, in a dialog over the page. */
export function PaymentSheet(props: PaymentSheetProps) {
  const { turn } = useProvided().followed;
  const sessionId = useOfTurn(turn, props.sessionId);
  // Nobody pays for what another customer has begun.
  return props.open ? <Sheet key={turn} {...props} sessionId={sessionId} /> : null;
}

/** The app keeps telling the session of the customer before, as from its address, until it is told of another one. */
function useOfTurn(turn: number, sessionId: string | undefined): string | undefined {
  const [told, setTold] = useState({ turn, sessionId });
  if (told.sessionId !== sessionId) setTold({ turn, sessionId });
  return told.sessionId === sessionId && told.turn !== turn ? undefined : sessionId;
}

function Sheet(props: PaymentSheetProps) {
  const { onClose, locale = "en" } = props;
  const labels = { ...english, ...props.labels };
  const titleId = useId();
  const checkout = useCheckout();
  const { step, session, error, start, reset } = checkout;
  const again = useBegin(props, checkout);
  useTelling(props, checkout);
  const [chosen, setChosen] = useState<string>();

  // Refused for good, which is said above the plans; what is asked for beside it, such as an address, is asked for first.
  const isRefused = !mayBeginAnew(error) && !isOfPlace(error);
  const isChoosing = step === "plan" && props.input === undefined &&
    // Without a choice so far, what was refused is to go on with a session, which is tried again where that may help.
    (checkout.input === undefined ? error?.retryable !== true : isRefused);
  return (
    <Dialog
      title={isChoosing ? labels.choosePlan : session?.product.name ?? chosen ?? labels.order}
      titleId={titleId}
      closeLabel={labels.close}
      onClose={onClose}
      aside={props.aside}
    >
      {isChoosing && (
        <>
          {error !== undefined && <Alert isOfCard={false}>{error.message}</Alert>}
          <PricingTable
            locale={locale}
            labels={props.labels}
            addsOn={props.addsOn}
            planIds={props.planIds}
            onManage={props.onManage}
            onSelect={(_, { name }, wanted) => {
              setChosen(name);
              void start(wanted);
            }}
          />
        </>
      )}
      <SheetBody
        {...props}
        checkout={checkout}
        isChoosing={isChoosing}
        labels={labels}
        locale={locale}
        onRetry={again}
        onOther={() => props.input === undefined ? void reset() : onClose()}
      />
    </Dialog>
  );
}

/** Begins with what the app gives, and anew where it gives something else; answers what begins anew. */
function useBegin({ input, sessionId, isBack }: PaymentSheetProps, checkout: Checkout): () => void {
  const { start, resume, reset, step, session, error, input: had } = checkout;
  const given = useRef<CreateInput | undefined>(undefined);
  const isBegun = useRef(false);
  /** The session to go on with, until another one is begun. */
  const resumed = useRef<string>(undefined);
  const isOpen = step === "plan" || step === "card" || step === "failure";
  useEffect(() => {
    const before = given.current;
    if (!isBegun.current) {
      isBegun.current = true;
      resumed.current = sessionId;
      if (sessionId !== undefined) void resume(sessionId, { input, isBack });
      else if (input !== undefined) void start(input);
    } else if (isOpen && input !== undefined && isNews(input, before, had)) {
      resumed.current = undefined;
      void reset();
      void start(input);
    } else if (!isOpen) return;
    given.current = input;
  }, [input, sessionId, isBack, isOpen, had, start, resume, reset]);
  const wanted = had ?? input;
  return () => {
    const known = resumed.current;
    // It was not found out how it stands: it may have been paid.
    if (known !== undefined && session === undefined && error?.retryable === true) {
      void resume(known, { input, isBack });
      return;
    }
    resumed.current = undefined;
    void reset();
    if (wanted !== undefined) void start(wanted);
  };
}

/** Whether the app has changed its mind, and does not repeat what the customer has said in the sheet: seats, a coupon, an address. */
function isNews(input: CreateInput, before: CreateInput | undefined, had: CreateInput | undefined) {
  const differs = (other: CreateInput | undefined) => (key: string) =>
    JSON.stringify(Reflect.get(input, key)) !== JSON.stringify(Reflect.get(other ?? {}, key));
  const keys = Object.keys({ ...before, ...input });
  return keys.filter(differs(before)).some(differs(had));
}

/** Tells the app of each session, and once of the end. */
function useTelling({ onSession, onSuccess }: PaymentSheetProps, checkout: Checkout): void {
  const { session, input } = checkout;
  const { followed } = useProvided();
  const told = useRef<string>(undefined);
  useEffect(() => {
    if (session === undefined || told.current === session.id) return;
    told.current = session.id;
    onSession?.(session, input);
  }, [session, input, onSession]);
  const id = session?.id;
  const tell = useRef(onSuccess);
  useEffect(() => {
    tell.current = onSuccess;
  });
  useEffect(() => {
    // By whoever follows it, since the sheet may be closed by then.
    if (id !== undefined) followed.onSuccess(id, (snapshot) => tell.current?.(snapshot));
  }, [followed, id]);
}
