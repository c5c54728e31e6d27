import { useCallback, useRef, useState } from "react";
import { CheckoutError, PaymentError } from "../errors.ts";
import type { ConfirmResponse, CreateInput, CreateResponse, Snapshot } from "../types.ts";
import { useCheckoutClient } from "./provider.tsx";
import { useCheckoutStatus } from "./use-checkout-status.ts";

/** Where a checkout stands, as a customer sees it. */
export type CheckoutStep =
  /** No session yet: a price is to be chosen. */
  | "plan"
  /** The session waits for a payment method, or, where nothing is due, for a yes. */
  | "card"
  /** The bank wants to confirm it with the customer. */
  | "action"
  /** Asked for, or on its way. */
  | "processing"
  | "success"
  | "failure";

export interface Checkout {
  readonly step: CheckoutStep;
  readonly session: CreateResponse | undefined;
  /** The newest that is known of the session. */
  readonly snapshot: Snapshot | undefined;
  /** What was refused last, fit for the customer; at the step `card` another payment method may be tried. */
  readonly error: CheckoutError | undefined;
  /** At the step `action`: where the bank asks, and what it asks for. */
  readonly action: Pick<ConfirmResponse, "actionUrl" | "nextAction"> | undefined;
  /** Opens a session for a price. */
  readonly start: (input: CreateInput) => Promise<void>;
  /** Pays by a payment method of Stripe.js; none where nothing is due. */
  readonly pay: (
    payment?: { readonly paymentMethodId: string; readonly returnUrl?: string },
  ) => Promise<void>;
  /** Gives the session up, where one is open, and begins anew. */
  readonly reset: () => Promise<void>;
}

interface Progress {
  readonly session: CreateResponse | undefined;
  readonly error: CheckoutError | undefined;
  readonly busy: boolean;
  readonly confirmed: ConfirmResponse | undefined;
  /** The session's version that the bank's question is of; of a later one that is open again, the bank did not agree. */
  readonly askedAt: number;
}
const fresh: Progress = {
  session: undefined,
  error: undefined,
  busy: false,
  confirmed: undefined,
  askedAt: Infinity,
};

/** A checkout from the choice of a price to its end. */
export function useCheckout(): Checkout {
  const client = useCheckoutClient();
  const [progress, setProgress] = useState(fresh);
  const { session, error } = progress;
  const { snapshot, error: lost } = useCheckoutStatus(session);
  /** One call at a time: a second click buys nothing. */
  const calling = useRef<symbol>(undefined);

  /** Makes a call; what it answers belongs to the checkout that it was made in, and to none that was begun since. */
  const call = useCallback(
    async (change: (now: Progress) => Progress, work: () => Promise<Partial<Progress>>) => {
      if (calling.current !== undefined) return;
      const mine = Symbol("call");
      calling.current = mine;
      const end = (outcome: Partial<Progress>) => {
        if (calling.current !== mine) return;
        calling.current = undefined;
        setProgress((now) => ({ ...now, ...outcome, busy: false }));
      };
      setProgress((now) => ({ ...change(now), error: undefined, busy: true }));
      try {
        end(await work());
      } catch (thrown) {
        end(thrown instanceof CheckoutError ? { error: thrown } : {});
        if (!(thrown instanceof CheckoutError)) throw thrown;
      }
    },
    [],
  );

  const start = useCallback(
    (input: CreateInput) =>
      call(() => fresh, async () => ({ session: await client.create(input) })),
    [call, client],
  );
  const pay: Checkout["pay"] = useCallback(
    (payment) =>
      call((now) => ({ ...now, confirmed: undefined, askedAt: Infinity }), async () => {
        if (session === undefined) throw new Error("there is no session to pay for");
        const { id, clientSecret } = session;
        if (clientSecret === "") return { confirmed: await client.confirm({ sessionId: id }) };
        if (payment === undefined) throw new Error("a payment method is needed");
        const answer = await client.confirm({ clientSecret, ...payment });
        if (!answer.requiresAction) return { confirmed: answer };
        const asked = await client.status(id).catch(() => undefined);
        return { confirmed: answer, askedAt: asked?.version ?? Infinity };
      }),
    [call, client, session],
  );
  const reset = useCallback(async () => {
    calling.current = undefined;
    setProgress(fresh);
    // It may have ended by itself, and expires in any case.
    if (session !== undefined) await client.cancel(session.id).catch(() => undefined);
  }, [client, session]);

  return {
    step: stepOf({ ...progress, snapshot, lost }),
    session,
    snapshot,
    error: error ?? lost ?? endOf(snapshot),
    action: progress.confirmed?.requiresAction === true ? progress.confirmed : undefined,
    start,
    pay,
    reset,
  };
}

interface Known extends Progress {
  readonly snapshot: Snapshot | undefined;
  readonly lost: CheckoutError | undefined;
}

/** What the session has come to goes before what a call has answered. */
function stepOf(known: Known): CheckoutStep {
  const { session, error, busy, confirmed, askedAt, snapshot, lost } = known;
  const status = snapshot?.status;
  if (status === "succeeded") return "success";
  if (status === "failed" || status === "expired" || status === "canceled") return "failure";
  if (session === undefined) return busy ? "processing" : "plan";
  if (lost !== undefined || isEnd(error)) return "failure";
  if (busy) return "processing";
  // The card was refused, and the session waits for another one, whatever the snapshot before that says.
  if (error instanceof PaymentError) return "card";
  if (error !== undefined) return status === "processing" ? "processing" : "card";
  if (status === "requires_action") return "action";
  const isBack = status === "pending" && snapshot !== undefined && snapshot.version > askedAt;
  if (confirmed?.requiresAction === true) return isBack ? "card" : "action";
  return confirmed?.success === true || status === "processing" ? "processing" : "card";
}

/** Refused for good: no other payment method helps. */
const isEnd = (error: CheckoutError | undefined) =>
  error !== undefined && !(error instanceof PaymentError) && !error.retryable &&
  [404, 409, 410].includes(error.status);

/** Why the session came to nothing, in the words of its snapshot. */
function endOf(snapshot: Snapshot | undefined): CheckoutError | undefined {
  const told = snapshot?.error;
  return told && new CheckoutError({ ...told, status: 200 });
}
