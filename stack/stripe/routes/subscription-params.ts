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
import type { ItemDraft } from "../entities/subscription.ts";
import type { Call } from "../http/router.ts";
import { buyerOf, leviesOf, locationInvalid } from "../operations/taxes.ts";
import { rhythmOf } from "../operations/proration.ts";
import type { Subscription } from "../store/types.ts";
import { mergeMetadata } from "./shared.ts";

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
  payment_behavior: choice(
    "allow_incomplete",
    "default_incomplete",
    "error_if_incomplete",
    "pending_if_incomplete",
  ),
  payment_settings: hash({
    save_default_payment_method: choice("off", "on_subscription"),
  }),
  proration_behavior: choice("always_invoice", "create_prorations", "none"),
  trial_settings: hash({
    end_behavior: required(hash({
      missing_payment_method: choice("cancel", "create_invoice", "pause"),
    })),
  }),
};

const CONFIG = {
  day_of_month: required(integer(1, 31)),
  hour: integer(0, 23),
  minute: integer(0, 59),
  month: integer(1, 12),
  second: integer(0, 59),
};

export const ANCHOR_CONFIG = hash(CONFIG);

/** The day of the month that a new subscription is to be billed on, where it is given as such. */
export function anchorConfig(
  params: { billing_cycle_anchor?: number; billing_cycle_anchor_config?: Params<typeof CONFIG> },
  items: readonly ItemDraft[],
): Subscription["billing_cycle_anchor_config"] {
  const given = params.billing_cycle_anchor_config;
  if (given === undefined) return null;
  if (params.billing_cycle_anchor !== undefined) {
    throw invalid(
      "You may only specify one of these parameters: billing_cycle_anchor, billing_cycle_anchor_config.",
      { code: "parameters_exclusive", param: "billing_cycle_anchor_config" },
    );
  }
  if (items.some(({ price }) => !["month", "year"].includes(price.recurring?.interval ?? ""))) {
    throw invalid(
      "billing_cycle_anchor_config is only valid with monthly and yearly price intervals.",
      { param: "billing_cycle_anchor_config" },
    );
  }
  return {
    day_of_month: given.day_of_month,
    hour: given.hour ?? null,
    minute: given.minute ?? null,
    month: given.month ?? null,
    second: given.second ?? null,
  };
}

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

export function itemDraft(
  { account }: Call,
  given: { price?: string; quantity?: number; metadata?: Record<string, string> },
  index: number,
): ItemDraft {
  const param = `items[${index}][price]`;
  if (given.price === undefined) {
    throw invalid(`Missing required param: ${param}.`, { code: "parameter_missing", param });
  }
  const price = account.prices.get(given.price, param);
  if (!price.active) {
    throw invalid(
      "The price specified is inactive. This field only accepts active prices.",
      { param },
    );
  }
  if (price.recurring === null) {
    throw invalid(
      "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.",
      { param },
    );
  }
  return {
    price,
    quantity: given.quantity ?? 1,
    metadata: mergeMetadata({}, given.metadata),
  };
}

export function checkItems(
  call: Call,
  items: ItemDraft[],
  customer: string,
  currency?: string,
): void {
  const wanted = currency ?? items[0]?.price.currency ?? "";
  for (const [index, { price }] of items.entries()) {
    if (price.currency === wanted) continue;
    throw invalid(
      `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${wanted}\`.`,
      { param: `items[${index}][price]` },
    );
  }
  if (new Set(items.map((item) => rhythmOf(item.price))).size > 1) {
    throw invalid("This simulator bills all items of a subscription at one interval.", {
      param: "items",
    });
  }
  const owner = call.account.customers.get(customer, "customer");
  const live = call.account.subscriptions.all().some((one) =>
    one.customer === customer && one.ended_at === null
  );
  if (live && typeof owner.currency === "string" && owner.currency !== wanted) {
    throw invalid(
      `You cannot combine currencies on a single customer. This customer has an active subscription, subscription schedule, discount, quote, or invoice item with currency ${owner.currency}`,
      { param: "items" },
    );
  }
}

export function trialEndOf(
  call: Call,
  params: { trial_end?: number | "now"; trial_period_days?: number },
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
      param: "trial_end",
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
