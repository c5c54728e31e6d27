import { randomBytes } from "node:crypto";
import { Stripe } from "stripe";
import { STRIPE_API_VERSION } from "../shared/stripe/client.ts";
import { enabledEvents } from "../shared/stripe/enabled-events.ts";

/** The Stripe that this stack pays with. */
export interface StripeAccount {
  /** Undefined for Stripe itself. */
  readonly url: string | undefined;
  /** The simulator's admin server; undefined for every other Stripe. */
  readonly adminUrl: string | undefined;
  readonly secretKey: string;
  readonly publishableKey: string;
  /** Secrets given from outside (`stripe listen` prints one); undefined when endpoints are to be made. */
  readonly webhookSecrets: readonly string[] | undefined;
  close(): Promise<void>;
}

export interface StripeAccountOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly port?: number;
  readonly adminPort?: number;
}

/**
 * By default the simulator. With `STRIPE_API_URL` another server that speaks Stripe's API; with
 * `STRIPE_SECRET_KEY` and `STRIPE_PUBLISHABLE_KEY` alone, Stripe itself, in test mode only.
 */
export async function openStripe(options: StripeAccountOptions): Promise<StripeAccount> {
  const { env } = options;
  const url = env["STRIPE_API_URL"];
  const secretKey = env["STRIPE_SECRET_KEY"];
  const publishableKey = env["STRIPE_PUBLISHABLE_KEY"];
  const given = env["STRIPE_WEBHOOK_SECRETS"]?.split(",").map((secret) => secret.trim());
  if (secretKey !== undefined && !/^(sk|rk)_test_/.test(secretKey)) {
    throw new Error("STRIPE_SECRET_KEY is no test key: the local stack never touches real money");
  }
  if (url !== undefined) {
    return {
      url,
      adminUrl: undefined,
      secretKey: secretKey ?? randomKey("sk_test_"),
      publishableKey: publishableKey ?? randomKey("pk_test_"),
      webhookSecrets: given,
      close: () => Promise.resolve(),
    };
  }
  if (secretKey !== undefined) {
    if (publishableKey === undefined) {
      throw new Error("STRIPE_SECRET_KEY is set, so STRIPE_PUBLISHABLE_KEY must be set as well");
    }
    return {
      url: undefined,
      adminUrl: undefined,
      secretKey,
      publishableKey,
      // Stripe delivers to public addresses only; `stripe listen` forwards here, with its own secret.
      webhookSecrets: given ?? [randomKey("whsec_")],
      close: () => Promise.resolve(),
    };
  }
  // Loaded only where it is used: it is the largest part of the stack.
  const { startStripeSimulator } = await import("@billingos/stripe-simulator");
  const simulator = await startStripeSimulator({
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.adminPort === undefined ? {} : { adminPort: options.adminPort }),
  });
  return {
    url: simulator.url,
    adminUrl: simulator.adminUrl,
    secretKey: simulator.secretKey,
    publishableKey: simulator.publishableKey,
    webhookSecrets: undefined,
    close: () => simulator.close(),
  };
}

/** The real client, pointed at whichever Stripe this is. */
export function stripeClient(account: StripeAccount): Stripe {
  if (account.url === undefined) return new Stripe(account.secretKey);
  const { protocol, hostname, port } = new URL(account.url);
  const isTls = protocol === "https:";
  return new Stripe(account.secretKey, {
    protocol: isTls ? "https" : "http",
    host: hostname,
    port: port === "" ? (isTls ? 443 : 80) : Number(port),
    telemetry: false,
  });
}

/** `host:port` of a Stripe, the one place outside the stack that functions may reach. */
export function stripeHost(url = "https://api.stripe.com"): string {
  const { protocol, hostname, port } = new URL(url);
  return `${hostname}:${port || (protocol === "https:" ? "443" : "80")}`;
}

/**
 * Registers the webhook function for the platform's own events and for those of connected accounts, as `npm run deploy` does.
 *
 * @returns their signing secrets, the platform's first
 */
export async function registerWebhooks(
  account: StripeAccount,
  functionUrl: string,
): Promise<readonly string[]> {
  if (account.webhookSecrets !== undefined) return account.webhookSecrets;
  const { webhookEndpoints } = stripeClient(account);
  const make = (connect: boolean) =>
    webhookEndpoints.create({
      url: functionUrl,
      enabled_events: [...enabledEvents],
      api_version: STRIPE_API_VERSION,
      connect,
    });
  const endpoints = [await make(false), await make(true)];
  return endpoints.map(({ secret }) => {
    if (secret === undefined) throw new Error("Stripe made a webhook endpoint without a secret");
    return secret;
  });
}

const randomKey = (prefix: string) => prefix + randomBytes(18).toString("hex");
