import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { StripeRefusal } from "../core/errors.ts";
import type { FormMap } from "../core/form.ts";

export type Authorization = "secret" | "publishable";

function refuse(message: string): StripeRefusal {
  return new StripeRefusal(401, { type: "invalid_request_error", message }, false);
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function presented(request: IncomingMessage, form: FormMap): string | undefined {
  const header = request.headers.authorization ?? "";
  if (header.startsWith("Bearer ")) return header.slice(7).trim();
  if (header.startsWith("Basic ")) {
    return Buffer.from(header.slice(6), "base64").toString().split(":")[0];
  }
  const key = form.get("key");
  return typeof key === "string" ? key : undefined;
}

/** Which key a request came with; a wrong or missing one is Stripe's 401. */
export function authorize(
  request: IncomingMessage,
  form: FormMap,
  keys: { secretKey: string; publishableKey: string },
): Authorization {
  const key = presented(request, form);
  if (key === undefined || key === "") {
    throw refuse(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    );
  }
  if (same(key, keys.secretKey)) return "secret";
  if (same(key, keys.publishableKey)) return "publishable";
  throw refuse(`Invalid API Key provided: ${key.slice(0, 8)}${"*".repeat(12)}${key.slice(-4)}`);
}

export function secretKeyRequired(): StripeRefusal {
  return new StripeRefusal(401, {
    type: "invalid_request_error",
    code: "secret_key_required",
    message:
      "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.",
  }, false);
}
