import { invalid, noSuch } from "../core/errors.ts";
import { choice, emptyable, flag, hash, metadata, required, text } from "../core/params.ts";
import { publicPart } from "../entities/public.ts";
import type { Call } from "../http/router.ts";
import type { PaymentIntent } from "../store/types.ts";
import { checkClientSecret, CONFIRM } from "./shared.ts";

export const USAGE = choice("on_session", "off_session");

export const FIELDS = {
  customer: text(),
  description: text(),
  metadata: metadata(),
  receipt_email: emptyable(text()),
  payment_method: text(),
  payment_method_data: CONFIRM.payment_method_data,
};

export const METHODS = hash({
  enabled: required(flag()),
  allow_redirects: choice("always", "never"),
});

export function checkFee(call: Call, fee: number | null | undefined, amount: number): void {
  if (fee === undefined || fee === null) return;
  if (!call.account.connected) {
    throw invalid(
      "Can only apply an application_fee_amount when the PaymentIntent is attempting a direct payment (using an OAuth key or Stripe-Account header) or destination payment (using `transfer_data[destination]`).",
      { param: "application_fee_amount" },
    );
  }
  if (fee > amount) {
    throw invalid(
      `The application fee (${fee}) cannot be greater than the amount of the charge (${amount}).`,
      { param: "application_fee_amount" },
    );
  }
}

export function checkChargesEnabled({ account }: Call): void {
  if (account.settings.charges_enabled) return;
  throw invalid(
    "Your account cannot currently make live charges. To start accepting payments, complete onboarding.",
    { code: "account_invalid" },
  );
}

/** The intent of the path. A browser asks with the client secret. */
export function find(call: Call<{ client_secret?: string }>): PaymentIntent {
  const id = call.ids[0] ?? "";
  const intent = call.account.paymentIntents.find(id);
  if (intent === undefined) throw noSuch("payment_intent", id, "intent");
  checkClientSecret(call, "payment_intent", intent);
  return intent;
}

export function shown(call: Call, intent: PaymentIntent): object {
  return call.publishable ? publicPart(intent) : intent;
}
