import Stripe from "stripe";
import type { StripeEnvironment } from "../runtime/environment.ts";

/** The version that the pinned `stripe` package was made for; written out so that an upgrade is a decision. */
export const STRIPE_API_VERSION = "2026-10-28.endive";

/** Milliseconds for one try; with the retries it stays well inside what an edge function may run. */
const TIMEOUT = 12_000;
/** stripe-node retries lost connections, 409, 429 and 5xx, with jitter; safe because every write carries a key. */
const RETRIES = 3;

/**
 * Stripe's own client. Made once per module.
 *
 * @param fetch what sends the requests
 * @param timeout milliseconds for one try
 */
export function connectStripe(
  environment: Pick<StripeEnvironment, "secretKey" | "apiUrl">,
  fetch?: typeof globalThis.fetch,
  timeout = TIMEOUT,
): Stripe {
  const at = environment.apiUrl === undefined ? undefined : new URL(environment.apiUrl);
  return new Stripe(environment.secretKey, {
    apiVersion: STRIPE_API_VERSION,
    httpClient: Stripe.createFetchHttpClient(fetch),
    timeout,
    maxNetworkRetries: RETRIES,
    telemetry: false,
    ...(at === undefined ? {} : {
      protocol: at.protocol === "http:" ? "http" : "https",
      host: at.hostname,
      port: Number(at.port === "" ? (at.protocol === "http:" ? 80 : 443) : at.port),
    }),
  });
}
