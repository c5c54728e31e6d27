import { invalid } from "../core/errors.ts";
import { snapshot } from "../core/json.ts";
import { addMandate } from "../entities/mandate.ts";
import type { MandateData } from "../entities/mandate.ts";
import type { PaymentIntent, PaymentMethod } from "../store/types.ts";
import type { Context } from "./context.ts";
import { checkUsable } from "./methods.ts";
import { attemptPayment } from "./payments.ts";

export interface Confirmation {
  method: PaymentMethod | undefined;
  offSession: boolean;
  errorOnAction: boolean;
  useStripeSdk: boolean;
  returnUrl: string | null;
  mandateData: MandateData | null;
  /** A browser confirms: consent is taken from the browser itself. */
  fromBrowser: boolean;
}

type Status = PaymentIntent["status"];

const CONFIRMABLE: ReadonlySet<Status> = new Set([
  "requires_payment_method",
  "requires_confirmation",
  "requires_action",
]);
export const CANCELABLE: ReadonlySet<Status> = new Set([
  "requires_payment_method",
  "requires_capture",
  "requires_confirmation",
  "requires_action",
]);

function unexpectedState(intent: PaymentIntent, message: string): Error {
  return invalid(message, {
    code: "payment_intent_unexpected_state",
    payment_intent: snapshot(intent),
  });
}

function checkConfirmable(intent: PaymentIntent): void {
  if (CONFIRMABLE.has(intent.status)) return;
  throw unexpectedState(
    intent,
    intent.status === "succeeded"
      ? "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed."
      : `You cannot confirm this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, requires_action.`,
  );
}

/** The refusal when redirects are possible and there is nowhere to return to. */
export function checkReturnUrl(
  intent: {
    automatic_payment_methods: { enabled: boolean | null; allow_redirects?: string } | null;
  },
  returnUrl: string | null,
  useStripeSdk: boolean,
): void {
  const redirects = intent.automatic_payment_methods?.enabled === true &&
    intent.automatic_payment_methods.allow_redirects !== "never";
  if (!redirects || returnUrl !== null || useStripeSdk) return;
  throw invalid(
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
    { param: "return_url" },
  );
}

/** Consent to a debit; a browser's own consent counts, a server must send it. */
export function mandateFor(
  { world, account }: Context,
  method: PaymentMethod,
  confirmation: Pick<Confirmation, "mandateData" | "fromBrowser" | "offSession">,
): string | null {
  const { type } = method;
  if (type !== "us_bank_account" && type !== "sepa_debit") return null;
  const given = account.mandates.all().find((one) => one.payment_method === method.id);
  if (given !== undefined) return given.id;
  if (confirmation.mandateData === null && !confirmation.fromBrowser) {
    throw invalid(
      `A mandate is required to confirm with a ${type} payment method. Supply \`mandate_data\` with the customer's acceptance.`,
      { code: "payment_intent_mandate_invalid", param: "mandate_data" },
    );
  }
  return addMandate(account, world.clock.now(), method.id, type, confirmation.mandateData).id;
}

export function checkType(types: readonly string[], method: PaymentMethod): void {
  if (types.includes(method.type)) return;
  throw invalid(
    `The PaymentMethod provided (${method.type}) is not allowed for this PaymentIntent. Please attempt to provide a PaymentMethod of one of the allowed types: ${
      types.join(", ")
    }.`,
    { code: "payment_intent_incompatible_payment_method", param: "payment_method" },
  );
}

/** `POST /v1/payment_intents/:id/confirm` */
export function confirmIntent(
  context: Context,
  intent: PaymentIntent,
  confirmation: Confirmation,
): void {
  const { account } = context;
  checkConfirmable(intent);
  const method = confirmation.method ??
    (intent.payment_method === null
      ? undefined
      : account.paymentMethods.get(intent.payment_method, "payment_method"));
  if (method === undefined) {
    throw unexpectedState(
      intent,
      "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
    );
  }
  checkReturnUrl(intent, confirmation.returnUrl, confirmation.useStripeSdk);
  checkType(intent.payment_method_types, method);
  checkUsable(account, method, intent.customer);
  if (confirmation.offSession && intent.setup_future_usage !== null) {
    throw invalid(
      "You cannot confirm with `off_session=true` when `setup_future_usage` is also set on the PaymentIntent. The customer needs to be on-session to perform the steps which may be required to set up the PaymentMethod for future usage. Please confirm this PaymentIntent with your customer on-session.",
      { param: "off_session" },
    );
  }
  account.authentications.delete(intent.id);
  const mandate = mandateFor(context, method, confirmation);
  attemptPayment(context, intent, method, { ...confirmation, mandate });
}

/** `POST /v1/payment_intents/:id/cancel` */
export function cancelIntent(
  { world, account, actor }: Context,
  intent: PaymentIntent,
  reason: PaymentIntent["cancellation_reason"],
): void {
  if (!CANCELABLE.has(intent.status)) {
    throw unexpectedState(
      intent,
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. Only a PaymentIntent with one of the following statuses may be canceled: requires_payment_method, requires_capture, requires_confirmation, requires_action, processing.`,
    );
  }
  account.authentications.delete(intent.id);
  intent.status = "canceled";
  intent.canceled_at = world.clock.now();
  intent.cancellation_reason = reason;
  intent.next_action = null;
  world.emit(account, "payment_intent.canceled", intent, actor);
}
