import { cardRefused, invalid } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { snapshot } from "../core/json.ts";
import { newSetupAttempt } from "../entities/setup-intent.ts";
import type { Decline } from "../entities/test-methods.ts";
import type { PaymentMethod, SetupIntent } from "../store/types.ts";
import type { Context } from "./context.ts";
import { checkReturnUrl, checkType, mandateFor } from "./intents.ts";
import type { Confirmation } from "./intents.ts";
import { checkUsable, declineDetail, secretOf, spend } from "./methods.ts";

type SetupError = NonNullable<SetupIntent["last_setup_error"]>;

const OPEN: ReadonlySet<SetupIntent["status"]> = new Set([
  "requires_payment_method",
  "requires_confirmation",
  "requires_action",
]);

function unexpectedState(intent: SetupIntent, message: string): Error {
  return invalid(message, {
    code: "setup_intent_unexpected_state",
    setup_intent: snapshot(intent),
  });
}

/** `POST /v1/setup_intents/:id/confirm` */
export function confirmSetup(
  context: Context,
  intent: SetupIntent,
  confirmation: Confirmation,
): void {
  const { world, account } = context;
  if (!OPEN.has(intent.status)) {
    throw unexpectedState(
      intent,
      intent.status === "succeeded"
        ? "You cannot confirm this SetupIntent because it has already succeeded."
        : `You cannot confirm this SetupIntent because it has a status of ${intent.status}.`,
    );
  }
  const method = confirmation.method ??
    (intent.payment_method === null
      ? undefined
      : account.paymentMethods.get(intent.payment_method, "payment_method"));
  if (method === undefined) {
    throw unexpectedState(
      intent,
      "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment method and then confirm it again.",
    );
  }
  checkReturnUrl(intent, confirmation.returnUrl, confirmation.useStripeSdk);
  checkType(intent.payment_method_types, method);
  checkUsable(account, method, intent.customer);
  account.authentications.delete(intent.id);
  intent.mandate = mandateFor(context, method, confirmation);
  intent.payment_method = method.id;
  intent.last_setup_error = null;
  const { behaviour } = secretOf(account, method);
  if (behaviour.authentication === "never") {
    setUp(context, intent, method);
    return;
  }
  const page = `${world.url}/3ds/${account.id}/${intent.id}`;
  intent.status = "requires_action";
  intent.next_action = confirmation.useStripeSdk || confirmation.returnUrl === null
    ? {
      type: "use_stripe_sdk",
      use_stripe_sdk: { type: "three_d_secure_redirect", stripe_js: page, source: newId("src") },
    }
    : {
      type: "redirect_to_url",
      redirect_to_url: { return_url: confirmation.returnUrl, url: page },
    };
  record(context, intent, method, "requires_action");
  account.authentications.set(intent.id, {
    intentId: intent.id,
    methodId: method.id,
    returnUrl: confirmation.returnUrl,
  });
  world.emit(account, "setup_intent.requires_action", intent, context.actor);
}

function record(
  { world, account }: Context,
  intent: SetupIntent,
  method: PaymentMethod,
  status: "succeeded" | "failed" | "requires_action",
  error: SetupError | null = null,
): void {
  const attempt = newSetupAttempt(world.clock.now(), intent, method, status, error);
  intent.latest_attempt = account.setupAttempts.add(attempt).id;
}

function setUp(context: Context, intent: SetupIntent, method: PaymentMethod): void {
  const { world, account, actor } = context;
  const secret = secretOf(account, method);
  const { charge } = secret.behaviour;
  intent.next_action = null;
  if (secret.behaviour.refusedAtSetup && typeof charge !== "string") {
    throw fail(context, intent, method, charge);
  }
  secret.setUp = true;
  intent.status = "succeeded";
  record(context, intent, method, "succeeded");
  spend(context, method, true, intent.customer);
  world.emit(account, "setup_intent.succeeded", intent, actor);
}

function fail(
  context: Context,
  intent: SetupIntent,
  method: PaymentMethod,
  decline: Decline,
): Error {
  const error: SetupError = {
    ...declineDetail(decline),
    message: decline.message,
    payment_method: structuredClone(method),
    type: "card_error",
  };
  record(context, intent, method, "failed", error);
  backToPaymentMethod(context, intent, error);
  return cardRefused(decline.message, {
    ...declineDetail(decline),
    setup_intent: snapshot(intent),
    payment_method: snapshot(method),
  });
}

function backToPaymentMethod(
  { world, account, actor }: Context,
  intent: SetupIntent,
  error: SetupError,
): void {
  intent.status = "requires_payment_method";
  intent.payment_method = null;
  intent.next_action = null;
  intent.last_setup_error = error;
  world.emit(account, "setup_intent.setup_failed", intent, actor);
}

/** The customer has authenticated, or has failed or refused to. */
export function finishSetupAuthentication(
  context: Context,
  intent: SetupIntent,
  method: PaymentMethod,
  passed: boolean,
): void {
  context.account.authentications.delete(intent.id);
  if (!passed) {
    const error: SetupError = {
      code: "setup_intent_authentication_failure",
      message:
        "The latest attempt to set up the payment method has failed because authentication failed.",
      payment_method: structuredClone(method),
      type: "invalid_request_error",
    };
    record(context, intent, method, "failed", error);
    backToPaymentMethod(context, intent, error);
    return;
  }
  try {
    setUp(context, intent, method);
  } catch {
    // The refusal stands on the intent; nobody waits for an answer here.
  }
}

/** `POST /v1/setup_intents/:id/cancel` */
export function cancelSetup(
  { world, account, actor }: Context,
  intent: SetupIntent,
  reason: SetupIntent["cancellation_reason"],
): void {
  if (!OPEN.has(intent.status)) {
    throw unexpectedState(
      intent,
      `You cannot cancel this SetupIntent because it has a status of ${intent.status}. Only a SetupIntent with one of the following statuses may be canceled: requires_payment_method, requires_confirmation, requires_action.`,
    );
  }
  account.authentications.delete(intent.id);
  intent.status = "canceled";
  intent.cancellation_reason = reason;
  intent.next_action = null;
  world.emit(account, "setup_intent.canceled", intent, actor);
}
