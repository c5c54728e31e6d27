import { StripeRefusal } from "../core/errors.ts";
import type { FormMap } from "../core/form.ts";
import type { Fault, Faults } from "../faults/faults.ts";
import type { Authorization } from "./auth.ts";

/** One request on its way through. */
export interface Passage {
  requestId: string;
  method: string;
  path: string;
  form: FormMap;
  authorization: Authorization | "none";
  idempotencyKey: string | undefined;
  stripeAccount: string | undefined;
  faults: Fault[];
}

/** The fault of a kind that this request meets. */
export function strikes(passage: Passage, kind: string): Fault | undefined {
  return passage.faults.find((fault) => fault.kind === kind);
}

/** What befalls a request before it is carried out. */
export async function befallBefore(passage: Passage, faults: Faults): Promise<void> {
  const latency = strikes(passage, "latency");
  if (latency !== undefined && latency.phase !== "after") await faults.wait(latency);
  if (strikes(passage, "rate_limit") !== undefined) {
    throw new StripeRefusal(429, {
      type: "invalid_request_error",
      code: "rate_limit",
      message:
        "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
    }, false);
  }
  if (strikes(passage, "error_before") !== undefined) throw new Error("fault");
  if (strikes(passage, "cut_before") !== undefined) throw new Error("cut");
}
