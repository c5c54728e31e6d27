import { noSuch } from "../core/errors.ts";
import { choice, flag, hash, list, metadata, required, text, timeRange } from "../core/params.ts";
import { APPLICATION } from "../entities/payment-intent.ts";
import { publicPart } from "../entities/public.ts";
import { newSetupIntent } from "../entities/setup-intent.ts";
import { route } from "../http/router.ts";
import type { Call } from "../http/router.ts";
import { checkUsable } from "../operations/methods.ts";
import { cancelSetup, confirmSetup } from "../operations/setups.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";
import type { SetupIntent } from "../store/types.ts";
import {
  checkClientSecret,
  CONFIRM,
  confirmationOf,
  customerNamed,
  mergeMetadata,
} from "./shared.ts";

const TYPES = ["card", "us_bank_account", "sepa_debit"] as const;

function find(call: Call<{ client_secret?: string }>): SetupIntent {
  const id = call.ids[0] ?? "";
  const intent = call.account.setupIntents.find(id);
  if (intent === undefined) throw noSuch("setupintent", id, "intent");
  checkClientSecret(call, "setup_intent", intent);
  return intent;
}

function shown(call: Call, intent: SetupIntent): object {
  return call.publishable ? publicPart(intent) : intent;
}

const create = route("POST", "/v1/setup_intents", {
  ...CONFIRM,
  allowed_payment_method_types: list(choice(...TYPES)),
  automatic_payment_methods: hash({
    enabled: required(flag()),
    allow_redirects: choice("always", "never"),
  }),
  confirm: flag(),
  customer: text(),
  description: text(),
  metadata: metadata(),
  usage: choice("off_session", "on_session"),
}, (call) => {
  const { world, account, params } = call;
  const allowed = params.allowed_payment_method_types;
  const intent = newSetupIntent({
    created: world.clock.now(),
    usage: params.usage ?? "off_session",
    application: account.connected ? APPLICATION : null,
    allowed_payment_method_types: allowed ?? null,
    automatic_payment_methods: {
      enabled: params.automatic_payment_methods?.enabled ?? true,
      allow_redirects: params.automatic_payment_methods?.allow_redirects ?? "always",
    },
    customer: params.customer === undefined ? null : customerNamed(call, params.customer),
    description: params.description ?? null,
    metadata: mergeMetadata({}, params.metadata),
    payment_method_types: allowed ?? [...TYPES],
  });
  const confirmation = confirmationOf(call);
  if (confirmation.method !== undefined) {
    checkUsable(account, confirmation.method, intent.customer);
    intent.payment_method = confirmation.method.id;
    intent.status = "requires_confirmation";
  }
  account.setupIntents.add(intent);
  world.emit(account, "setup_intent.created", intent, call.actor);
  if (params.confirm === true) confirmSetup(call, intent, confirmation);
  return intent;
});

const retrieve = route(
  "GET",
  "/v1/setup_intents/:id",
  { client_secret: text() },
  (call) => shown(call, find(call)),
  { publishable: true },
);

const confirm = route(
  "POST",
  "/v1/setup_intents/:id/confirm",
  { ...CONFIRM, client_secret: text() },
  (call) => {
    const intent = find(call);
    confirmSetup(call, intent, confirmationOf(call));
    return shown(call, intent);
  },
  { publishable: true },
);

const cancel = route("POST", "/v1/setup_intents/:id/cancel", {
  cancellation_reason: choice("duplicate", "requested_by_customer", "abandoned"),
}, (call) => {
  const intent = find({ ...call, params: {} });
  cancelSetup(call, intent, call.params.cancellation_reason ?? null);
  return intent;
});

const all = route("GET", "/v1/setup_intents", {
  ...PAGE,
  created: timeRange(),
  customer: text(),
  payment_method: text(),
}, ({ account, params }) => {
  const rows = account.setupIntents.all().filter((intent) =>
    inRange(intent.created, params.created) &&
    (params.customer === undefined || intent.customer === params.customer) &&
    (params.payment_method === undefined || intent.payment_method === params.payment_method)
  );
  return paginate(rows, params, "/v1/setup_intents", "setupintent");
});

export const setupIntentRoutes = [create, retrieve, confirm, cancel, all];
