import Stripe from "stripe";
import { UsageError } from "../usage-error.ts";
import type { Context } from "./context.ts";

/** A kind of object at Stripe and what is done with it; `write` includes reading (https://docs.stripe.com/keys/restricted-api-keys). */
interface Permission {
  readonly resource: string;
  readonly access: "read" | "write";
  /** Asked for where a catalogue is pushed. */
  readonly forCatalogue?: true;
  /** Is the platform's own matter: not asked for on connected accounts. */
  readonly forPlatform?: true;
  /** A call that changes nothing: it reads one entry, or means to write an object that is not there. */
  readonly probe: readonly [method: string, path: string, params?: Record<string, unknown>];
}

/** No object of Stripe's has this id. */
const NONE = "billingos_none";
const read = (resource: string, path: string): Permission => ({
  resource,
  access: "read",
  probe: ["GET", `/v1/${path}?limit=1`],
});
const write = (
  resource: string,
  path: string,
  params: Record<string, unknown> = {},
): Permission => ({
  resource,
  access: "write",
  probe: ["POST", `/v1/${path}`, params],
});

/** What a restricted key is asked for, by `deploy` and by the functions; docs/deploy.md lists the same. */
export const permissions: readonly Permission[] = [
  read("Events", "events"),
  read("Products", "products"),
  read("Prices", "prices"),
  read("Charges", "charges"),
  read("Disputes", "disputes"),
  write("Customers", `customers/${NONE}`, { description: "" }),
  write("Customer tax ids", `customers/${NONE}/tax_ids`, { type: "eu_vat", value: "DE123456789" }),
  write("Customer balance", `customers/${NONE}/balance_transactions`, {
    amount: 1,
    currency: "usd",
  }),
  write("Payment intents", `payment_intents/${NONE}/cancel`),
  write("Setup intents", `setup_intents/${NONE}/cancel`),
  write("Payment methods", `payment_methods/${NONE}/attach`, { customer: NONE }),
  write("Refunds", "refunds", { payment_intent: NONE }),
  write("Coupons", `coupons/${NONE}`, { name: NONE }),
  write("Subscriptions", `subscriptions/${NONE}`, { cancel_at_period_end: false }),
  write("Invoices", `invoices/${NONE}/void`),
  write("Customer portal", "billing_portal/sessions", { customer: NONE }),
  {
    ...write("Webhook endpoints", `webhook_endpoints/${NONE}`, { disabled: false }),
    forPlatform: true,
  },
  { ...write("Products, for a catalogue", `products/${NONE}`, { name: NONE }), forCatalogue: true },
  { ...write("Prices, for a catalogue", `prices/${NONE}`, { active: false }), forCatalogue: true },
];

/** Where something is sold on a connected account, which is one of the platform's objects. */
const accountsOf = (account: string): Permission => ({
  resource: "Accounts",
  access: "read",
  probe: ["GET", `/v1/accounts/${account}`],
});

/**
 * Tries each call that a restricted key is needed for. Stripe answers 403 to a key that may not, and names the permission
 * (https://docs.stripe.com/error-handling, StripePermissionError); that it does so before it looks for the object is inferred. Should it
 * not, a missing permission is told by the first checkout, and none is ever claimed to be missing that is there.
 *
 * What it may do on connected accounts is a right of its own: the same calls are tried on one of them.
 *
 * @param sells what is pushed besides, and a connected account that is sold on
 * @throws UsageError where the key is none of Stripe's, or lacks a permission, with all that it lacks
 */
export async function keyMayDoAll(
  { stripe, settings }: Pick<Context, "stripe" | "settings">,
  sells: { readonly catalogue: boolean; readonly account: string | undefined },
) {
  const { account } = sells;
  const isRestricted = settings.secrets["STRIPE_SECRET_KEY"]?.startsWith("rk_") === true;
  if (!isRestricted) {
    await lackingOf(stripe, permissions.slice(0, 1));
    return;
  }
  const asked = permissions.filter(({ forCatalogue }) => sells.catalogue || !forCatalogue);
  const lacking = await lackingOf(stripe, asked);
  if (account !== undefined) {
    const there = asked.filter(({ forPlatform }) => !forPlatform);
    lacking.push(
      ...await lackingOf(stripe, [accountsOf(account)]),
      ...(await lackingOf(stripe, there, account)).map((one) => `on connected accounts: ${one}`),
    );
  }
  if (lacking.length > 0) {
    throw new UsageError(
      `STRIPE_SECRET_KEY: the restricted key may not do all that is asked of it; give it at ` +
        `https://dashboard.stripe.com/apikeys: ${lacking.join(", ")}`,
    );
  }
}

async function lackingOf(
  stripe: Stripe,
  asked: readonly Permission[],
  account?: string,
): Promise<string[]> {
  const lacking: string[] = [];
  for (const { resource, access, probe: [method, path, params] } of asked) {
    try {
      await stripe.rawRequest(
        method,
        path,
        params,
        account === undefined ? {} : { stripeAccount: account },
      );
    } catch (error) {
      // No account of this platform's: the catalogue that names it tells, and one that was taken away needs no permission.
      if (isAccountGone(error)) return [];
      if (error instanceof Stripe.errors.StripePermissionError) {
        const [name] = /rak_\w+/.exec(error.message) ?? [];
        lacking.push(`${resource}: ${access}${name === undefined ? "" : ` (${name})`}`);
      } else if (error instanceof Stripe.errors.StripeAuthenticationError) {
        throw new UsageError(
          "STRIPE_SECRET_KEY: Stripe does not know this key; take it from https://dashboard.stripe.com/apikeys",
        );
      } else if (!(error instanceof Stripe.errors.StripeInvalidRequestError)) throw error;
    }
  }
  return lacking;
}

/** 403 as well: https://docs.stripe.com/error-codes#account-invalid */
const isAccountGone = (error: unknown): boolean =>
  error instanceof Stripe.errors.StripeError && error.code === "account_invalid";
