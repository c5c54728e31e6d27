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

export interface Keys {
  secretKey: string;
  publishableKey: string;
  /**
   * What each restricted key may do: `customer_read`, or `customer_write`, which includes reading; `connect_customer_read` is the
   * same on connected accounts.
   */
  restrictedKeys: Readonly<Record<string, readonly string[]>>;
}

/**
 * Which key a request came with, a restricted one counting as secret; a wrong or missing one is Stripe's 401, and a restricted one
 * without the call's permission its 403, before anything else is looked at.
 */
export function authorize(
  request: IncomingMessage,
  form: FormMap,
  keys: Keys,
  call: Call,
): Authorization {
  const key = presented(request, form);
  if (key === undefined || key === "") {
    throw refuse(
      "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
    );
  }
  if (same(key, keys.secretKey)) return "secret";
  if (same(key, keys.publishableKey)) return "publishable";
  const granted = keys.restrictedKeys[key];
  if (granted !== undefined) return permit(key, granted, call);
  throw refuse(`Invalid API Key provided: ${key.slice(0, 8)}${"*".repeat(12)}${key.slice(-4)}`);
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly stripeAccount: string | undefined;
}

const CONNECT = "connect_";

/** Named by the last kind of object in the path, in the singular, and by whether the call writes. */
function permit(
  key: string,
  granted: readonly string[],
  { method, path, stripeAccount }: Call,
): Authorization {
  const isConnected = stripeAccount !== undefined;
  if (isConnected && !granted.some((one) => one.startsWith(CONNECT))) {
    throw new StripeRefusal(403, {
      type: "invalid_request_error",
      message:
        "You passed a restricted API key with the Stripe-Account header, but the restricted API key does not have any Connect permissions.",
    }, false);
  }
  const kind = path.split("/").findLast((part) => /^[a-z_]+s$/.test(part))?.slice(0, -1) ?? "";
  const needed = method === "GET" ? `${kind}_read` : `${kind}_write`;
  const scope = isConnected ? CONNECT : "";
  if ([needed, `${kind}_write`].some((one) => granted.includes(scope + one))) return "secret";
  const lacks = kind === ""
    ? "This is a restricted API key, but the required permissions are not available for use by restricted keys."
    : `Having the 'rak_${needed}' permission would allow this request to continue.`;
  const masked = `${key.slice(0, 8)}${"*".repeat(12)}${key.slice(-6)}`;
  throw new StripeRefusal(403, {
    type: "invalid_request_error",
    message:
      `The provided key '${masked}' does not have the required permissions for this endpoint${
        isConnected ? ` on account '${stripeAccount}'` : ""
      }. ${lacks}`,
  }, false);
}

export function secretKeyRequired(): StripeRefusal {
  return new StripeRefusal(401, {
    type: "invalid_request_error",
    code: "secret_key_required",
    message:
      "This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.",
  }, false);
}
