import { CheckoutError, type ErrorCode, PaymentError } from "../errors.ts";
import type { CheckoutStatus, CreateInput, CreateResponse, Snapshot } from "../types.ts";
import type { Action } from "./kept-action.ts";

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

/** A payment method of Stripe.js, and where the bank sends the customer back to. */
export interface Payment {
  readonly paymentMethodId: string;
  readonly returnUrl?: string;
}

/** What a page knows by itself of a checkout, beside the session's snapshot. */
export interface Progress {
  readonly input: CreateInput | undefined;
  readonly session: CreateResponse | undefined;
  /** Why a payment, or the opening, was refused. */
  readonly error: CheckoutError | undefined;
  /** Why other terms were refused. */
  readonly refusal: CheckoutError | undefined;
  /** The call that is on its way. */
  readonly calling: "opening" | "paying" | "revising" | undefined;
  /** What was tried last. */
  readonly payment: Payment | undefined;
  /** That a confirm has said yes. */
  readonly isConfirmed: boolean;
  readonly action: Action | undefined;
  /** The session's version that the bank's question is of; of a later one that is open again, the bank did not agree. */
  readonly askedAt: number;
  /** The customer is back from the bank, whose answer is not known yet. */
  readonly isBack: boolean;
  /** The customer wants to pay otherwise than by what the bank asks about. */
  readonly isOtherwise: boolean;
}

export const fresh: Progress = {
  input: undefined,
  session: undefined,
  error: undefined,
  refusal: undefined,
  calling: undefined,
  payment: undefined,
  isConfirmed: false,
  action: undefined,
  askedAt: Infinity,
  isBack: false,
  isOtherwise: false,
};

interface Known extends Progress {
  readonly snapshot: Snapshot | undefined;
  readonly lost: CheckoutError | undefined;
}

/** Of a session that was opened before, what was answered then; its snapshot comes after. */
const statusOf = ({ session, snapshot }: Known): CheckoutStatus | undefined =>
  snapshot?.status ?? session?.status;

/** What the session has come to goes before what a call has answered. */
export function stepOf(known: Known): CheckoutStep {
  const { session, error, calling, action, isConfirmed } = known;
  const status = statusOf(known);
  if (status === "succeeded") return "success";
  if (status === "failed" || status === "expired" || status === "canceled") return "failure";
  if (session === undefined) return calling === "opening" ? "processing" : "plan";
  if (known.lost !== undefined || isEnd(error)) return "failure";
  if (calling === "paying") return "processing";
  // The card was refused, and the session waits for another one, whatever the snapshot before that says.
  if (error instanceof PaymentError) return "card";
  if (error !== undefined) return status === "processing" ? "processing" : "card";
  if (status === "processing") return "processing";
  // The confirm's answer is newer than a snapshot that waits for the bank.
  if (isConfirmed) return "processing";
  if (known.isOtherwise) return "card";
  if (status === "requires_action") return known.isBack ? "processing" : "action";
  if (action !== undefined && !isRefusedByBank(known)) return "action";
  return "card";
}

/** Whether the session is open again since the bank was asked. */
function isRefusedByBank(known: Known): boolean {
  const version = known.snapshot?.version;
  return statusOf(known) === "pending" && version !== undefined && version > known.askedAt;
}

/** Refused for good: no other payment method helps. */
const isEnd = (error: CheckoutError | undefined) =>
  error !== undefined && !(error instanceof PaymentError) && !error.retryable &&
  [404, 409, 410].includes(error.status);

/** What is about one session or one payment: a new checkout of the same may go well. */
const passedAnew: readonly string[] = [
  "session_not_found",
  "session_closed",
  "session_expired",
  "subscription_changed",
  "trial_used",
  "payment_in_progress",
  "payment_refunded",
  "refund_pending",
  "card_declined",
  "authentication_failed",
  "payment_failed",
] satisfies ErrorCode[];

/** Whether to begin anew with the same may help; where it does not, something else is to be chosen. */
export const mayBeginAnew = (error: CheckoutError | undefined): boolean =>
  error === undefined || error.retryable || passedAnew.includes(error.code);

/** Why the session came to nothing, in the words of its snapshot. */
export function endOf(snapshot: Snapshot | undefined): CheckoutError | undefined {
  const told = snapshot?.error;
  return told && new CheckoutError({ ...told, status: 200 });
}
