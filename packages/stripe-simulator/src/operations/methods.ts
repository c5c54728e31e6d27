import { cardRefused, invalid } from "../core/errors.ts";
import type { Decline } from "../entities/test-methods.ts";
import type { PaymentMethod } from "../store/types.ts";
import type { Account, MethodSecret } from "../store/account.ts";
import type { Context } from "./context.ts";
import { changeSubscription } from "./lifecycle.ts";

const USED_UP =
  "The provided PaymentMethod was previously used with a PaymentIntent without Customer attachment, shared with a connected account without Customer attachment, or was detached from a Customer. It may not be used again. To use a PaymentMethod multiple times, you must attach it to a Customer first.";

export function secretOf(account: Account, method: PaymentMethod): MethodSecret {
  const secret = account.methodSecrets.get(method.id);
  if (secret === undefined) throw new Error(`payment method ${method.id} has no secret`);
  return secret;
}

/** Refuses a payment method that this customer (or nobody) may not pay with. */
export function checkUsable(
  account: Account,
  method: PaymentMethod,
  customer: string | null,
): void {
  if (method.customer !== null && customer === null) {
    throw invalid(
      `The PaymentMethod ${method.id} belongs to the Customer ${method.customer}. Please include the Customer in the \`customer\` parameter on the PaymentIntent.`,
      { param: "payment_method" },
    );
  }
  if (method.customer !== null && method.customer !== customer) {
    throw invalid(
      `The PaymentMethod ${method.id} does not belong to the Customer you supplied, ${customer}. Please use this PaymentMethod with the Customer that it belongs to instead.`,
      { param: "payment_method" },
    );
  }
  if (method.customer === null && secretOf(account, method).use !== "fresh") {
    throw invalid(USED_UP, { param: "payment_method" });
  }
}

/** Marks a payment method as having paid or been set up, attaching it where it is to be kept. */
export function spend(
  context: Context,
  method: PaymentMethod,
  keep: boolean,
  customer: string | null,
): void {
  if (method.customer !== null) return;
  const secret = secretOf(context.account, method);
  if (keep && customer !== null) attachTo(context, method, customer);
  else secret.use = keep ? "attachable" : "consumed";
}

function attachTo(
  { world, account, actor }: Context,
  method: PaymentMethod,
  customer: string,
): void {
  method.customer = customer;
  world.emit(account, "payment_method.attached", method, actor);
}

/** `POST /v1/payment_methods/:id/attach` */
export function attach(context: Context, method: PaymentMethod, customer: string): void {
  const { account } = context;
  account.customers.get(customer, "customer");
  if (method.customer === customer) return;
  if (method.customer !== null) {
    throw invalid(
      "The payment method you provided has already been attached to a customer.",
      { code: "payment_method_unexpected_state", param: "payment_method" },
    );
  }
  const secret = secretOf(account, method);
  if (secret.use === "consumed") {
    throw invalid(
      "This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.",
      { param: "payment_method" },
    );
  }
  // Stripe checks a card with its bank when it is saved; what was paid with has been checked.
  if (secret.use === "fresh" && secret.behaviour.refusedAtSetup) {
    const { charge } = secret.behaviour;
    if (typeof charge !== "string") throw cardRefused(charge.message, { ...detail(charge) });
  }
  attachTo(context, method, customer);
}

function detail(decline: Decline) {
  return {
    code: decline.code,
    ...(decline.decline_code === undefined ? {} : { decline_code: decline.decline_code }),
    ...(decline.advice_code === undefined ? {} : { advice_code: decline.advice_code }),
  };
}

export { detail as declineDetail };

/** `POST /v1/payment_methods/:id/detach`: it can never be used again. */
export function detach(context: Context, method: PaymentMethod): void {
  const { world, account, actor } = context;
  if (method.customer === null) {
    throw invalid(
      "The payment method you provided is not attached to a customer so detachment is impossible.",
      { param: "payment_method" },
    );
  }
  const customer = method.customer;
  method.customer = null;
  secretOf(account, method).use = "consumed";
  world.emit(account, "payment_method.detached", method, actor, { customer });
  const owner = account.customers.find(customer);
  if (owner?.invoice_settings.default_payment_method === method.id) {
    owner.invoice_settings.default_payment_method = null;
  }
  for (const subscription of account.subscriptions.all()) {
    if (subscription.default_payment_method !== method.id) continue;
    changeSubscription(context, subscription, () => {
      subscription.default_payment_method = null;
    });
  }
}
