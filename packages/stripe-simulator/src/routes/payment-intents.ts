import { invalid } from "../core/errors.ts";
import { checkAmount, checkCurrency } from "../core/money.ts";
import {
  choice,
  emptyable,
  flag,
  integer,
  list,
  required,
  text,
  timeRange,
} from "../core/params.ts";
import { APPLICATION, methodTypesFor, newPaymentIntent } from "../entities/payment-intent.ts";
import { route } from "../http/router.ts";
import { cancelIntent, confirmIntent } from "../operations/intents.ts";
import { syncInvoice } from "../operations/invoices.ts";
import { checkUsable } from "../operations/methods.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";
import {
  checkChargesEnabled,
  checkFee,
  FIELDS,
  find,
  METHODS,
  shown,
  USAGE,
} from "./payment-intent-params.ts";
import { CONFIRM, confirmationOf, customerNamed, mergeMetadata } from "./shared.ts";

const create = route("POST", "/v1/payment_intents", {
  ...CONFIRM,
  ...FIELDS,
  amount: required(integer()),
  currency: required(text()),
  allowed_payment_method_types: list(choice("card", "us_bank_account", "sepa_debit")),
  application_fee_amount: integer(0),
  automatic_payment_methods: METHODS,
  capture_method: choice("automatic", "automatic_async"),
  confirm: flag(),
  error_on_requires_action: flag(),
  off_session: flag(),
  setup_future_usage: USAGE,
}, (call) => {
  const { world, account, params } = call;
  const currency = checkCurrency(params.currency);
  checkAmount(params.amount, currency);
  checkFee(call, params.application_fee_amount, params.amount);
  checkChargesEnabled(call);
  const types = methodTypesFor(currency);
  const allowed = params.allowed_payment_method_types;
  const intent = newPaymentIntent({
    amount: params.amount,
    currency,
    created: world.clock.now(),
    application: account.connected ? APPLICATION : null,
    application_fee_amount: params.application_fee_amount ?? null,
    allowed_payment_method_types: allowed ?? null,
    automatic_payment_methods: {
      enabled: params.automatic_payment_methods?.enabled ?? true,
      allow_redirects: params.automatic_payment_methods?.allow_redirects ?? "always",
    },
    capture_method: params.capture_method ?? "automatic_async",
    customer: params.customer === undefined ? null : customerNamed(call, params.customer),
    description: params.description ?? null,
    metadata: mergeMetadata({}, params.metadata),
    payment_method_types: allowed === undefined
      ? types
      : types.filter((type) => allowed.some((one) => one === type)),
    receipt_email: params.receipt_email ?? null,
    setup_future_usage: params.setup_future_usage ?? null,
  });
  if (intent.payment_method_types.length === 0) {
    throw invalid(`None of the allowed payment method types can pay in ${currency}.`, {
      param: "allowed_payment_method_types",
    });
  }
  if (params.confirm !== true && (params.off_session ?? params.error_on_requires_action) === true) {
    throw invalid("This parameter can only be used together with `confirm=true`.", {
      param: params.off_session === true ? "off_session" : "error_on_requires_action",
    });
  }
  const confirmation = confirmationOf(call);
  if (confirmation.method !== undefined) {
    checkUsable(account, confirmation.method, intent.customer);
    intent.payment_method = confirmation.method.id;
    intent.status = "requires_confirmation";
  }
  account.paymentIntents.add(intent);
  world.emit(account, "payment_intent.created", intent, call.actor);
  if (params.confirm === true) confirmIntent(call, intent, confirmation);
  return intent;
});

const retrieve = route(
  "GET",
  "/v1/payment_intents/:id",
  { client_secret: text() },
  (call) => shown(call, find(call)),
  { publishable: true },
);

const confirm = route(
  "POST",
  "/v1/payment_intents/:id/confirm",
  {
    ...CONFIRM,
    client_secret: text(),
    error_on_requires_action: flag(),
    off_session: flag(),
    receipt_email: emptyable(text()),
    setup_future_usage: emptyable(USAGE),
  },
  (call) => {
    const intent = find(call);
    checkChargesEnabled(call);
    const { receipt_email, setup_future_usage } = call.params;
    const confirmation = confirmationOf(call);
    if (receipt_email !== undefined) intent.receipt_email = receipt_email;
    if (setup_future_usage !== undefined && intent.status !== "succeeded") {
      intent.setup_future_usage = setup_future_usage;
    }
    try {
      confirmIntent(call, intent, confirmation);
    } finally {
      syncInvoice(call, intent);
    }
    return shown(call, intent);
  },
  { publishable: true },
);

const cancel = route("POST", "/v1/payment_intents/:id/cancel", {
  cancellation_reason: choice("duplicate", "fraudulent", "requested_by_customer", "abandoned"),
}, (call) => {
  const intent = find({ ...call, params: {} });
  if (call.account.paymentOfIntent.get(intent.id)?.is_default === true) {
    throw invalid(
      "You cannot cancel PaymentIntents created by invoices. Try voiding the invoice instead.",
    );
  }
  cancelIntent(call, intent, call.params.cancellation_reason ?? null);
  syncInvoice(call, intent);
  return intent;
});

const all = route("GET", "/v1/payment_intents", {
  ...PAGE,
  created: timeRange(),
  customer: text(),
}, ({ account, params }) => {
  const rows = account.paymentIntents.all().filter((intent) =>
    inRange(intent.created, params.created) &&
    (params.customer === undefined || intent.customer === params.customer)
  );
  return paginate(rows, params, "/v1/payment_intents", "payment_intent");
});

export const paymentIntentRoutes = [create, retrieve, confirm, cancel, all];
