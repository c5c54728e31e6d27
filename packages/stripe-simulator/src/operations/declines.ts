import { cardRefused } from "../core/errors.ts";
import { snapshot } from "../core/json.ts";
import { newCharge } from "../entities/charge.ts";
import type { Decline } from "../entities/test-methods.ts";
import type { PaymentError, PaymentIntent, PaymentMethod } from "../store/types.ts";
import type { Context } from "./context.ts";
import { declineDetail } from "./methods.ts";

/** Records a decline and returns the 402 that tells of it. */
export function declined(
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

/** An attempt has come to nothing: the intent waits for another way to pay. */
export function backToPaymentMethod(
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
