import { StripeRefusal } from "../core/errors.ts";
import type { ErrorBody } from "../core/errors.ts";
import { isObject } from "../core/json.ts";
import { publicPart } from "../entities/public.ts";
import type { Answer } from "./idempotency.ts";

/** Stripe itself has failed. */
export function broken(): Answer {
  return {
    status: 500,
    body: {
      error: {
        type: "api_error",
        message:
          "An unknown error occurred. If this persists, please contact us at https://support.stripe.com/.",
      },
    },
  };
}

/** A browser is not shown in an error what it may not read either. */
function withoutPrivate(body: ErrorBody): ErrorBody {
  const { payment_intent, setup_intent, ...rest } = body;
  return {
    ...rest,
    ...(isObject(payment_intent) ? { payment_intent: publicPart(payment_intent) } : {}),
    ...(isObject(setup_intent) ? { setup_intent: publicPart(setup_intent) } : {}),
  };
}

/** What is answered in place of an object. */
export function refusal(error: unknown, publishable = false): Answer {
  if (error instanceof StripeRefusal) {
    const body = publishable ? withoutPrivate(error.body) : error.body;
    return { status: error.status, body: { error: body } };
  }
  const planned = error instanceof Error && (error.message === "fault" || error.message === "cut");
  if (!planned) console.error(error);
  return broken();
}
