import { invalid, noSuch } from "../core/errors.ts";
import { checkAmount, checkCurrency } from "../core/money.ts";
import {
  choice,
  emptyable,
  flag,
  hash,
  integer,
  list,
  metadata,
  required,
  text,
  timeRange,
} from "../core/params.ts";
import { APPLICATION, methodTypesFor, newPaymentIntent } from "../entities/payment-intent.ts";
import { methodNamed } from "../entities/payment-method.ts";
import { publicPart } from "../entities/public.ts";
import { route } from "../http/router.ts";
import type { Call } from "../http/router.ts";
import { cancelIntent, confirmIntent } from "../operations/intents.ts";
import { syncInvoice } from "../operations/invoices.ts";
import { checkUsable } from "../operations/methods.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";
import { SEARCH, search } from "../store/search.ts";
import type { PaymentIntent } from "../store/types.ts";
import {
  checkClientSecret,
  CONFIRM,
  confirmationOf,
  customerNamed,
  makeMethod,
  mergeMetadata,
} from "./shared.ts";

const USAGE = choice("on_session", "off_session");

const FIELDS = {
  hooks: hash({ inputs: hash({ tax: hash({ calculation: required(text()) }) }) }),
  customer: text(),
  description: text(),
  metadata: metadata(),
  receipt_email: emptyable(text()),
  payment_method: text(),
  payment_method_data: CONFIRM.payment_method_data,
};

const METHODS = hash({ enabled: required(flag()), allow_redirects: choice("always", "never") });

function checkFee(call: Call, fee: number | null | undefined, amount: number): void {
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

function checkChargesEnabled({ account }: Call): void {
  if (account.settings.charges_enabled) return;
  throw invalid(
    "Your account cannot currently make live charges. To start accepting payments, complete onboarding.",
    { code: "account_invalid" },
  );
}

/** The tax calculation that an intent names: what it says is recorded when the intent is paid. */
function hooksOf(
  { account }: Call,
  given: { inputs?: { tax?: { calculation: string } } } | undefined,
): Pick<PaymentIntent, "hooks"> {
  const id = given?.inputs?.tax?.calculation;
  if (id === undefined) return {};
  const { id: calculation } = account.taxCalculations.get(id, "hooks[inputs][tax][calculation]");
  return { hooks: { inputs: { tax: { calculation } } } };
}

/** The intent of the path. A browser asks with the client secret. */
function find(call: Call<{ client_secret?: string }>): PaymentIntent {
  const id = call.ids[0] ?? "";
  const intent = call.account.paymentIntents.find(id);
  if (intent === undefined) throw noSuch("payment_intent", id, "intent");
  checkClientSecret(call, "payment_intent", intent);
  return intent;
}

function shown(call: Call, intent: PaymentIntent): object {
  return call.publishable ? publicPart(intent) : intent;
}

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
    ...hooksOf(call, params.hooks),
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

const UPDATABLE: readonly PaymentIntent["status"][] = [
  "requires_payment_method",
  "requires_confirmation",
  "requires_action",
];

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
  Object.assign(intent, hooksOf(call, params.hooks));
  intent.metadata = mergeMetadata(intent.metadata, params.metadata);
  if (params.description !== undefined) intent.description = params.description;
  if (params.receipt_email !== undefined) intent.receipt_email = params.receipt_email;
  if (params.setup_future_usage !== undefined) {
    intent.setup_future_usage = params.setup_future_usage;
  }
  return intent;
});

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
  const invoice = call.account.invoiceOfIntent.get(intent.id);
  if (invoice !== undefined) {
    throw invalid(
      `You cannot cancel PaymentIntents created by invoices; void the invoice instead: ${invoice}`,
    );
  }
  cancelIntent(call, intent, call.params.cancellation_reason ?? null);
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

const found = route("GET", "/v1/payment_intents/search", SEARCH, ({ world, account, params }) => {
  const newest = world.clock.now() - world.searchLagSeconds;
  return search(account.paymentIntents.all(), params, "/v1/payment_intents/search", newest);
});

export const paymentIntentRoutes = [create, retrieve, update, confirm, cancel, all, found];
