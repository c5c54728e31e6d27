import { invalid, noSuch } from "../core/errors.ts";
import {
  choice,
  decimal,
  either,
  emptyable,
  flag,
  hash,
  integer,
  list,
  metadata,
  required,
  text,
} from "../core/params.ts";
import type { Params } from "../core/params.ts";
import type { Call } from "../http/router.ts";
import { PERIOD_ENDS } from "../operations/cancellations.ts";
import { buyerOf, leviesOf, locationInvalid } from "../operations/taxes.ts";
import type { Subscription } from "../store/types.ts";

export const AUTOMATIC_TAX = hash({ enabled: required(flag()) });

/** Automatic tax needs a place that is known well enough. */
export function automaticTax(
  { account }: Call,
  params: { automatic_tax?: { enabled: boolean }; default_payment_method?: string },
  customer: string,
): Partial<Subscription> {
  const enabled = params.automatic_tax?.enabled;
  if (enabled === undefined) return {};
  const owner = account.customers.find(customer);
  const id = params.default_payment_method ?? owner?.invoice_settings.default_payment_method ?? "";
  const buyer = buyerOf(account, owner, account.paymentMethods.find(id));
  if (enabled && leviesOf(buyer) === null) throw locationInvalid("automatic_tax[enabled]");
  const liability = enabled ? { type: "self" } as const : null;
  return { automatic_tax: { disabled_reason: null, enabled, liability } };
}

/** Discounts in the place of those there are; the empty string takes all off. */
export const DISCOUNTS = emptyable(list(hash({ coupon: text(), discount: text() })));

export const ITEMS = list(hash({
  id: text(),
  price: text(),
  quantity: integer(0),
  deleted: flag(),
  metadata: metadata(),
}));

export const ANCHOR_CHANGE = hash({ type: required(choice("now", "unchanged")) });

export const BILLING_MODE = hash({ type: required(choice("classic", "flexible")) });

export function billingMode(
  type: "classic" | "flexible" = "flexible",
): Subscription["billing_mode"] {
  return type === "classic"
    ? { flexible: null, type }
    : { flexible: { proration_discounts: "included" }, type };
}

export const PAYMENT_BEHAVIOR = choice(
  "allow_incomplete",
  "default_incomplete",
  "error_if_incomplete",
  "pending_if_incomplete",
);

export const PRORATION_BEHAVIOR = choice("always_invoice", "create_prorations", "none");

/** Parameters of creating and of updating a subscription. */
export const COMMON = {
  application_fee_percent: emptyable(decimal(0, 100)),
  automatic_tax: AUTOMATIC_TAX,
  cancel_at_period_end: flag(),
  collection_method: choice("charge_automatically"),
  default_payment_method: text(),
  description: emptyable(text(500)),
  discounts: DISCOUNTS,
  metadata: metadata(),
  off_session: flag(),
  payment_behavior: PAYMENT_BEHAVIOR,
  payment_settings: hash({
    save_default_payment_method: choice("off", "on_subscription"),
  }),
  trial_settings: hash({
    end_behavior: required(hash({
      missing_payment_method: choice("cancel", "create_invoice", "pause"),
    })),
  }),
};

export const CANCEL_AT = either(integer(), choice(...PERIOD_ENDS));
export const TRIAL_END = either(integer(), choice("now"));

type Common = Params<typeof COMMON>;

export function checkFee({ account }: Call, percent: number | null | undefined): void {
  if (percent === undefined || percent === null || account.connected) return;
  throw invalid(
    "You can only apply an application_fee_percent when the request is made on behalf of another account (using an OAuth key, the Stripe-Account header, or `transfer_data[destination]`).",
    { param: "application_fee_percent" },
  );
}

export function checkPayer({ account }: Call, id: string | undefined, customer: string): void {
  if (id === undefined) return;
  const method = account.paymentMethods.find(id);
  if (method === undefined) throw noSuch("PaymentMethod", id, "default_payment_method");
  if (method.customer !== customer) {
    throw invalid(
      `The customer does not have a payment method with the ID ${id}. The payment method must be attached to the customer.`,
      { code: "resource_missing", param: "default_payment_method" },
    );
  }
}

export function trialEndOf(
  call: Call,
  params: { trial_end?: number | "now"; trial_period_days?: number },
  within = "",
): number | null {
  const now = call.world.clock.now();
  if (params.trial_end !== undefined && params.trial_period_days !== undefined) {
    throw invalid("You may only specify one of these parameters: trial_end, trial_period_days.", {
      code: "parameters_exclusive",
      param: "trial_end",
    });
  }
  if (params.trial_period_days !== undefined) {
    return params.trial_period_days === 0 ? null : now + params.trial_period_days * 86_400;
  }
  if (params.trial_end === undefined || params.trial_end === "now") return null;
  if (params.trial_end <= now) {
    throw invalid("Invalid timestamp: must be an integer Unix timestamp in the future.", {
      param: within === "" ? "trial_end" : `${within}[trial_end]`,
    });
  }
  return params.trial_end;
}

/** Whether the method that pays an invoice is to pay the later ones. */
export function paymentSettings(params: Common): Partial<Subscription> {
  const save = params.payment_settings?.save_default_payment_method;
  if (save === undefined) return {};
  return {
    payment_settings: {
      payment_method_options: null,
      payment_method_types: null,
      save_default_payment_method: save,
    },
  };
}

export function trialSettings(params: Common): Partial<Subscription> {
  const missing = params.trial_settings?.end_behavior.missing_payment_method;
  if (missing === undefined) return {};
  const end_behavior = { billing_cycle_anchor: null, missing_payment_method: missing };
  return { trial_settings: { end_behavior } };
}
