import { invalid } from "../core/errors.ts";
import { checkAmount, checkCurrency } from "../core/money.ts";
import { emptyable, integer, text } from "../core/params.ts";
import { methodTypesFor } from "../entities/payment-intent.ts";
import { methodNamed } from "../entities/payment-method.ts";
import { route } from "../http/router.ts";
import type { Call } from "../http/router.ts";
import { checkUsable } from "../operations/methods.ts";
import type { PaymentIntent } from "../store/types.ts";
import { checkFee, FIELDS, find, USAGE } from "./payment-intent-params.ts";
import { customerNamed, makeMethod, mergeMetadata } from "./shared.ts";

const UPDATABLE: readonly PaymentIntent["status"][] = [
  "requires_payment_method",
  "requires_confirmation",
  "requires_action",
];

/** What an invoice says of its own intent is not changed apart from the invoice. */
function checkOwn({ account }: Call, intent: PaymentIntent, params: object): void {
  if (account.paymentOfIntent.get(intent.id)?.is_default !== true) return;
  const fixed = ["amount", "currency", "customer", "application_fee_amount"];
  const param = fixed.find((one) => Object.hasOwn(params, one));
  if (param === undefined) return;
  throw invalid(`The ${param} of a PaymentIntent created by an invoice cannot be changed.`, {
    param,
  });
}

const update = route("POST", "/v1/payment_intents/:id", {
  ...FIELDS,
  amount: integer(),
  currency: text(),
  application_fee_amount: emptyable(integer(0)),
  setup_future_usage: emptyable(USAGE),
}, (call) => {
  const { world, account, params } = call;
  const intent = find({ ...call, params: {} });
  const onlyTags = Object.keys(params).every((key) => ["metadata", "description"].includes(key));
  if (!onlyTags && !UPDATABLE.includes(intent.status)) {
    throw invalid(
      `This PaymentIntent's ${
        Object.keys(params)[0]
      } could not be updated because it has a status of ${intent.status}. You may only update it in one of the following statuses: ${
        UPDATABLE.join(", ")
      }.`,
      { code: "payment_intent_unexpected_state", payment_intent: structuredClone(intent) },
    );
  }
  checkOwn(call, intent, params);
  const currency = params.currency === undefined ? intent.currency : checkCurrency(params.currency);
  const amount = params.amount ?? intent.amount;
  checkAmount(amount, currency);
  const fee = params.application_fee_amount === undefined
    ? intent.application_fee_amount
    : params.application_fee_amount;
  checkFee(call, fee, amount);
  if (params.customer !== undefined) intent.customer = customerNamed(call, params.customer);
  if (params.payment_method_data !== undefined) {
    intent.payment_method = makeMethod(call, params.payment_method_data).id;
  } else if (params.payment_method !== undefined) {
    const now = world.clock.now();
    const method = methodNamed(account, now, params.payment_method, "payment_method");
    checkUsable(account, method, intent.customer);
    intent.payment_method = method.id;
  }
  if (intent.payment_method !== null && intent.status === "requires_payment_method") {
    intent.status = "requires_confirmation";
  }
  if (currency !== intent.currency) intent.payment_method_types = methodTypesFor(currency);
  intent.amount = amount;
  intent.currency = currency;
  intent.application_fee_amount = fee;
  intent.metadata = mergeMetadata(intent.metadata, params.metadata);
  if (params.description !== undefined) intent.description = params.description;
  if (params.receipt_email !== undefined) intent.receipt_email = params.receipt_email;
  if (params.setup_future_usage !== undefined) {
    intent.setup_future_usage = params.setup_future_usage;
  }
  return intent;
});

export const paymentIntentUpdateRoutes = [update];
