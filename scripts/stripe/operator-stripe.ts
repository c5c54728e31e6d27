import Stripe from "stripe";
import { connectStripe } from "../../shared/stripe/client.ts";
import { isThisMachine } from "../database-url.ts";
import type { Terminal } from "../operator.ts";
import { UsageError } from "../usage-error.ts";
import { PATIENCE, patientFetch, type Pause, readingOnly } from "./patient-fetch.ts";

/** Stripe as an operator's command asks it: at half of its rate, both clients together. */
export interface OperatorStripe {
  readonly livemode: boolean;
  /** Sends nothing but GET. */
  readonly reading: Stripe;
  readonly writing: Stripe;
}

/**
 * The key in the environment, and where Stripe is.
 *
 * @throws UsageError where it is none that can be used
 */
export function stripeKey({ env }: Pick<Terminal, "env">) {
  const secretKey = env["STRIPE_SECRET_KEY"];
  const apiUrl = env["STRIPE_API_URL"];
  const mode = /^(?:sk|rk)_(test|live)_/.exec(secretKey ?? "")?.[1];
  if (secretKey === undefined || mode === undefined) {
    throw new UsageError(
      "STRIPE_SECRET_KEY: put a key of Stripe's, sk_test_…, sk_live_… or a restricted rk_…, in the environment",
    );
  }
  if (apiUrl !== undefined && !URL.canParse(apiUrl)) {
    throw new UsageError("STRIPE_API_URL: must be a URL, or not set at all for Stripe itself");
  }
  return { secretKey, apiUrl, livemode: mode === "live" };
}

/**
 * The clients for the key in the environment; a person who looks on is told where Stripe asks to wait.
 *
 * @throws UsageError where there is none that can be used
 */
export function operatorStripe(terminal: Pick<Terminal, "env" | "progress">): OperatorStripe {
  const { livemode, ...key } = stripeKey(terminal);
  const onPause = ({ reason, seconds }: Pause) =>
    terminal.progress?.(`Stripe asks to wait ${seconds} s (${reason ?? "a lock"})`);
  // What answers on this machine in Stripe's place has no shop beside it to leave the other half to.
  const isStandIn = key.apiUrl !== undefined && isThisMachine(new URL(key.apiUrl).hostname);
  const fetch = patientFetch({ onPause, ...(isStandIn && { perSecond: Infinity }) });
  const client = (how: typeof fetch) => connectStripe(key, how, PATIENCE);
  return { livemode, reading: client(readingOnly(fetch)), writing: client(fetch) };
}

/** Stripe's no to the key itself, which no later request changes. */
export function keyRefusal(error: unknown): UsageError | undefined {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const text = cause instanceof Error ? cause.message : "";
  return error instanceof Stripe.errors.StripeAuthenticationError ||
      text.startsWith("StripeAuthenticationError")
    ? new UsageError(
      "STRIPE_SECRET_KEY: Stripe does not know this key: make one in Stripe's dashboard",
    )
    : undefined;
}
