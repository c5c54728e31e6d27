import { newCharge } from "../entities/charge.ts";
import { debitFailure } from "../entities/payment-method.ts";
import type { Decline } from "../entities/test-methods.ts";
import { cardRefused } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { snapshot } from "../core/json.ts";
import type { Charge, PaymentError, PaymentIntent, PaymentMethod } from "../store/types.ts";
import type { Context } from "./context.ts";
import { openDispute } from "./disputes.ts";
import { commitTaxOf } from "./tax-transactions.ts";
import { declineDetail, secretOf, spend } from "./methods.ts";

/** How one attempt to pay is made. */
export interface Attempt {
  offSession: boolean;
  /** Refuse instead of asking the customer to authenticate. */
  errorOnAction: boolean;
  useStripeSdk: boolean;
  returnUrl: string | null;
  mandate: string | null;
}

const DEBIT_SECONDS = 4 * 86_400;

const AUTHENTICATION_REQUIRED: Decline = {
  code: "authentication_required",
  decline_code: "authentication_required",
  message: "Your card was declined. This transaction requires authentication.",
};

/** Attempts to collect the intent's amount. Throws Stripe's 402 when the card is refused. */
export function attemptPayment(
  context: Context,
  intent: PaymentIntent,
  method: PaymentMethod,
  attempt: Attempt,
): void {
  const { account } = context;
  const { behaviour, setUp } = secretOf(account, method);
  const mustAuthenticate = behaviour.authentication === "always" ||
    (behaviour.authentication === "unless_set_up" && !setUp);
  intent.payment_method = method.id;
  intent.last_payment_error = null;
  if (mustAuthenticate && (attempt.offSession || attempt.errorOnAction)) {
    throw fail(context, intent, method, AUTHENTICATION_REQUIRED);
  }
  if (mustAuthenticate) askToAuthenticate(context, intent, method, attempt);
  else charge(context, intent, method, { authenticated: false, mandate: attempt.mandate });
}

function askToAuthenticate(
  { world, account, actor }: Context,
  intent: PaymentIntent,
  method: PaymentMethod,
  attempt: Attempt,
): void {
  const page = `${world.url}/3ds/${account.id}/${intent.id}`;
  intent.status = "requires_action";
  intent.next_action = attempt.useStripeSdk || attempt.returnUrl === null
    ? {
      type: "use_stripe_sdk",
      use_stripe_sdk: { type: "three_d_secure_redirect", stripe_js: page, source: newId("src") },
    }
    : {
      type: "redirect_to_url",
      redirect_to_url: { return_url: attempt.returnUrl, url: page },
    };
  account.authentications.set(intent.id, {
    intentId: intent.id,
    methodId: method.id,
    returnUrl: attempt.returnUrl,
  });
  world.emit(account, "payment_intent.requires_action", intent, actor);
}

/** Goes to the bank. Throws Stripe's 402 when it declines. */
export function charge(
  context: Context,
  intent: PaymentIntent,
  method: PaymentMethod,
  options: { authenticated: boolean; mandate: string | null },
): void {
  const { world, account, actor } = context;
  const { behaviour } = secretOf(account, method);
  const now = world.clock.now();
  intent.next_action = null;
  if (typeof behaviour.charge !== "string") {
    throw fail(context, intent, method, behaviour.charge, options);
  }
  const later = behaviour.charge === "settles_later";
  const made = newCharge(now, intent, method, later ? "pending" : "succeeded", options);
  account.charges.add(made);
  intent.latest_charge = made.id;
  if (!later) {
    succeed(context, intent, made, method);
    return;
  }
  intent.status = "processing";
  spend(context, method, intent.setup_future_usage !== null, intent.customer);
  account.debits.set(intent.id, {
    intentId: intent.id,
    chargeId: made.id,
    settlesAt: now + DEBIT_SECONDS,
    failure: debitFailure(method),
  });
  world.emit(account, "charge.pending", made, actor);
  world.emit(account, "payment_intent.processing", intent, actor);
}

function succeed(
  context: Context,
  intent: PaymentIntent,
  made: Charge,
  method: PaymentMethod,
): void {
  const { world, account, actor } = context;
  intent.status = "succeeded";
  intent.amount_received = intent.amount;
  if ((intent.application_fee_amount ?? 0) > 0) made.application_fee = newId("fee");
  spend(context, method, intent.setup_future_usage !== null, intent.customer);
  if (intent.setup_future_usage !== null) secretOf(account, method).setUp = true;
  world.emit(account, "charge.succeeded", made, actor);
  world.emit(account, "payment_intent.succeeded", intent, actor);
  commitTaxOf(context, intent);
  const { dispute } = secretOf(account, method).behaviour;
  if (dispute !== undefined) openDispute(context, made, dispute);
}

/** Records a decline and returns the 402 that tells of it. */
function fail(
  context: Context,
  intent: PaymentIntent,
  method: PaymentMethod,
  decline: Decline,
  options = { authenticated: false, mandate: null as string | null },
): Error {
  const { world, account } = context;
  const made = newCharge(world.clock.now(), intent, method, decline, options);
  account.charges.add(made);
  intent.latest_charge = made.id;
  world.emit(account, "charge.failed", made, context.actor);
  backToPaymentMethod(context, intent, {
    ...declineDetail(decline),
    charge: made.id,
    message: decline.message,
    payment_method: structuredClone(method),
    type: "card_error",
  });
  return cardRefused(decline.message, {
    ...declineDetail(decline),
    charge: made.id,
    payment_intent: snapshot(intent),
    payment_method: snapshot(method),
  });
}

function backToPaymentMethod(
  { world, account, actor }: Context,
  intent: PaymentIntent,
  error: PaymentError & { code: Decline["code"] },
): void {
  const slug = error.code.replaceAll("_", "-");
  intent.status = "requires_payment_method";
  intent.payment_method = null;
  intent.next_action = null;
  intent.last_payment_error = {
    ...error,
    doc_url: `https://stripe.com/docs/error-codes/${slug}`,
  };
  world.emit(account, "payment_intent.payment_failed", intent, actor);
}

/** The customer has authenticated, or has failed or refused to. */
export function finishAuthentication(
  context: Context,
  intent: PaymentIntent,
  method: PaymentMethod,
  passed: boolean,
): void {
  context.account.authentications.delete(intent.id);
  if (!passed) {
    backToPaymentMethod(context, intent, {
      code: "payment_intent_authentication_failure",
      message:
        "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.",
      payment_method: structuredClone(method),
      type: "invalid_request_error",
    });
    return;
  }
  try {
    charge(context, intent, method, { authenticated: true, mandate: null });
  } catch {
    // The decline stands on the intent; nobody waits for an answer here.
  }
}

/** A debit reaches the customer's bank: the money comes, or `failure` says why not. */
export function settleDebit(context: Context, intent: PaymentIntent, failure: string | null): void {
  const { world, account, actor } = context;
  const debit = account.debits.get(intent.id);
  if (debit === undefined) return;
  account.debits.delete(intent.id);
  const made = account.charges.get(debit.chargeId);
  const method = account.paymentMethods.get(String(made.payment_method));
  if (failure === null) {
    made.status = "succeeded";
    made.paid = true;
    succeed(context, intent, made, method);
    return;
  }
  const message = `The customer's bank returned the debit: ${failure}.`;
  made.status = "failed";
  made.paid = false;
  made.captured = false;
  made.amount_captured = 0;
  made.failure_code = failure;
  made.failure_message = message;
  world.emit(account, "charge.failed", made, actor);
  backToPaymentMethod(context, intent, {
    charge: made.id,
    code: "payment_intent_payment_attempt_failed",
    decline_code: failure,
    message,
    payment_method: structuredClone(method),
    type: "card_error",
  });
}
