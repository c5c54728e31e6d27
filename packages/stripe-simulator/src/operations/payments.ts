import { newCharge } from "../entities/charge.ts";
import { debitFailure } from "../entities/payment-method.ts";
import type { Decline } from "../entities/test-methods.ts";
import { newId } from "../core/ids.ts";
import type { Charge, PaymentIntent, PaymentMethod } from "../store/types.ts";
import type { Context } from "./context.ts";
import { takeFee } from "./application-fees.ts";
import { backToPaymentMethod, declined } from "./declines.ts";
import { openDispute } from "./disputes.ts";
import { secretOf, spend } from "./methods.ts";

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
    throw declined(context, intent, method, AUTHENTICATION_REQUIRED);
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
    throw declined(context, intent, method, behaviour.charge, options);
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

/** The money has come. */
export function succeed(
  context: Context,
  intent: PaymentIntent,
  made: Charge,
  method: PaymentMethod,
): void {
  const { world, account, actor } = context;
  intent.status = "succeeded";
  intent.amount_received = intent.amount;
  takeFee(context, made);
  spend(context, method, intent.setup_future_usage !== null, intent.customer);
  if (intent.setup_future_usage !== null) secretOf(account, method).setUp = true;
  world.emit(account, "charge.succeeded", made, actor);
  world.emit(account, "payment_intent.succeeded", intent, actor);
  const { dispute } = secretOf(account, method).behaviour;
  if (dispute !== undefined) openDispute(context, made, dispute);
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
