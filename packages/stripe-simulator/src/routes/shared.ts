import { invalid, noSuch, StripeRefusal } from "../core/errors.ts";
import {
  choice,
  emptyable,
  flag,
  hash,
  integer,
  metadata,
  METADATA_KEYS,
  required,
  text,
  tooManyKeys,
} from "../core/params.ts";
import type { Params } from "../core/params.ts";
import { methodNamed } from "../entities/payment-method.ts";
import { methodFromCard, methodFromDebit } from "../entities/raw-methods.ts";
import type { Call } from "../http/router.ts";
import type { Confirmation } from "../operations/intents.ts";
import type { PaymentMethod } from "../store/types.ts";

export const ADDRESS = hash({
  city: emptyable(text()),
  country: emptyable(text()),
  line1: emptyable(text()),
  line2: emptyable(text()),
  postal_code: emptyable(text()),
  state: emptyable(text()),
});

const BILLING = hash({
  address: emptyable(ADDRESS),
  email: emptyable(text()),
  name: emptyable(text()),
  phone: emptyable(text()),
});

const METHOD_SHAPE = {
  type: required(choice("card", "us_bank_account", "sepa_debit")),
  card: hash({
    number: required(text()),
    exp_month: required(integer()),
    exp_year: required(integer()),
    cvc: text(),
  }),
  us_bank_account: hash({
    account_number: required(text()),
    routing_number: required(text()),
    account_holder_type: choice("individual", "company"),
    account_type: choice("checking", "savings"),
  }),
  sepa_debit: hash({ iban: required(text()) }),
  billing_details: BILLING,
  allow_redisplay: choice("always", "limited", "unspecified"),
  metadata: metadata(),
};

const METHOD_DATA = hash(METHOD_SHAPE);
export { METHOD_SHAPE };

type MethodData = Params<typeof METHOD_SHAPE>;

/** Makes the payment method that raw data describes. */
export function makeMethod({ world, account }: Call, data: MethodData): PaymentMethod {
  const now = world.clock.now();
  const billing = { ...data.billing_details, address: addressOf(data.billing_details?.address) };
  const tags = data.metadata ?? {};
  const missing = (): Error =>
    invalid(`Missing required param: ${data.type}.`, {
      code: "parameter_missing",
      param: data.type,
    });
  if (data.type === "card") {
    if (data.card === undefined) throw missing();
    return methodFromCard(account, now, data.card, billing, tags);
  }
  const number = data.type === "sepa_debit"
    ? data.sepa_debit?.iban
    : data.us_bank_account?.account_number;
  if (number === undefined) throw missing();
  return methodFromDebit(account, now, data.type, number, billing, tags);
}

/** What of an address is there. */
export function addressOf(
  address: Record<string, string | null | undefined> | null | undefined,
): Record<string, string> | null {
  if (address === null || address === undefined) return null;
  const kept = Object.entries(address).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  return Object.fromEntries(kept);
}

/** Parameters of a confirmation that payment and setup intents share. */
export const CONFIRM = {
  payment_method: text(),
  payment_method_data: METHOD_DATA,
  return_url: text(),
  use_stripe_sdk: flag(),
  mandate_data: emptyable(hash({
    customer_acceptance: required(hash({
      type: required(choice("online", "offline")),
      accepted_at: integer(),
      offline: emptyable(hash({})),
      online: hash({ ip_address: text(), user_agent: text(), infer_from_client: flag() }),
    })),
  })),
};

type ConfirmParams = Partial<Params<typeof CONFIRM>> & {
  off_session?: boolean;
  error_on_requires_action?: boolean;
};

export function confirmationOf(call: Call<ConfirmParams>): Confirmation {
  const { params, world, account, publishable } = call;
  if (params.return_url !== undefined && !URL.canParse(params.return_url)) {
    throw invalid("Not a valid URL", { code: "url_invalid", param: "return_url" });
  }
  let method: PaymentMethod | undefined;
  if (params.payment_method_data !== undefined) {
    method = makeMethod(call, params.payment_method_data);
  } else if (params.payment_method !== undefined) {
    method = methodNamed(account, world.clock.now(), params.payment_method, "payment_method");
  }
  const acceptance = params.mandate_data?.customer_acceptance;
  return {
    method,
    offSession: params.off_session ?? false,
    errorOnAction: params.error_on_requires_action ?? false,
    useStripeSdk: params.use_stripe_sdk ?? false,
    returnUrl: params.return_url ?? null,
    mandateData: acceptance === undefined ? null : {
      customer_acceptance: {
        type: acceptance.type,
        ...(acceptance.online === undefined ? {} : { online: acceptance.online }),
        ...(acceptance.accepted_at === undefined ? {} : { accepted_at: acceptance.accepted_at }),
      },
    },
    fromBrowser: publishable,
  };
}

/** A browser may touch an intent only with its client secret. */
export function checkClientSecret(
  call: Call<{ client_secret?: string }>,
  kind: "payment_intent" | "setup_intent",
  intent: { client_secret: string | null },
): void {
  const given = call.params.client_secret;
  if (given === undefined && !call.publishable) return;
  if (given === undefined) {
    throw new StripeRefusal(401, {
      type: "invalid_request_error",
      code: "secret_key_required",
      message:
        `This API call cannot be made with a publishable API key without the ${kind}'s client_secret.`,
    });
  }
  if (given !== intent.client_secret) {
    throw invalid(
      `The client_secret provided does not match the client_secret associated with this ${kind}.`,
      { code: `${kind}_invalid_parameter`, param: "client_secret" },
    );
  }
}

/** The customer that a parameter names; a deleted one is as good as none. */
export function customerNamed({ account }: Call, id: string): string {
  const customer = account.customers.find(id);
  if (customer === undefined) throw noSuch("customer", id, "customer");
  return customer.id;
}

/** Metadata after an update: given keys replace, empty ones go; 50 in all (https://docs.stripe.com/metadata). */
export function mergeMetadata(
  old: Record<string, string>,
  given: Record<string, string> | undefined,
): Record<string, string> {
  const merged = Object.entries({ ...old, ...given }).filter(([, value]) => value !== "");
  if (merged.length > METADATA_KEYS) throw tooManyKeys(merged.length, "metadata");
  return Object.fromEntries(merged);
}
