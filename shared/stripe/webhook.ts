import Stripe from "stripe";
import * as z from "zod/mini";
import type { Json } from "../domain/json.ts";
import { CheckoutError } from "../runtime/errors.ts";

/** Seconds by which a signature may be old: https://docs.stripe.com/webhooks#replay-attacks */
const TOLERANCE = 300;

const provider = Stripe.createSubtleCryptoProvider();

/** The part of an event that is acted upon; the rest is kept as it came. */
const eventForm = z.looseObject({
  id: z.string().check(z.regex(/^[A-Za-z0-9_]{1,255}$/)),
  type: z.string().check(z.regex(/^[a-z0-9_.]{1,255}$/)),
  livemode: z.boolean(),
  account: z.optional(z.string().check(z.regex(/^[A-Za-z0-9_]{1,255}$/))),
  api_version: z.nullish(z.string().check(z.maxLength(50))),
  data: z.looseObject({ object: z.looseObject({}) }),
});

/** An event that is known to be Stripe's. */
export interface VerifiedEvent {
  readonly id: string;
  readonly type: string;
  readonly livemode: boolean;
  readonly account?: string | undefined;
  /** In which the object is rendered; null in events of an account without a version. */
  readonly api_version?: string | null | undefined;
  readonly data: { readonly object: object };
}

/**
 * The event, once one of the secrets has signed these very bytes within five minutes; throws `signature_invalid`, and
 * `invalid_request` for what was signed and is no event. There is no way around it, in no mode.
 */
export async function verifyEvent(
  stripe: Stripe,
  body: Uint8Array,
  signature: string | null,
  secrets: readonly string[],
): Promise<VerifiedEvent> {
  if (signature === null) throw new CheckoutError("signature_invalid");
  await expectSigned(stripe, body, signature, secrets);
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new CheckoutError("invalid_json");
  }
  const event = eventForm.safeParse(value);
  if (!event.success) throw new CheckoutError("invalid_request");
  return event.data;
}

async function expectSigned(
  stripe: Stripe,
  body: Uint8Array,
  signature: string,
  secrets: readonly string[],
): Promise<void> {
  const { signature: verifier } = stripe.webhooks;
  if (verifier === null) throw new Error("this build of the stripe package verifies nothing");
  let cause: unknown;
  for (const secret of secrets) {
    try {
      await verifier.verifyHeaderAsync(
        body,
        signature,
        secret,
        TOLERANCE,
        provider,
      );
      return;
    } catch (error) {
      cause = error;
    }
  }
  // The library's text quotes the header and the body; only its kind may be logged.
  throw new CheckoutError("signature_invalid", {
    cause: new Error(cause instanceof Error ? cause.constructor.name : "unknown"),
  });
}

/**
 * Client secrets also stand inside the URLs by which a bank is reached. The prefix is bounded so that a long text, such as a
 * dispute's evidence, costs no more than its length.
 */
const clientSecretText = /[a-z]{1,16}_[A-Za-z0-9]+_secret_[A-Za-z0-9]+/g;

/** Client secrets, and addresses of pages at Stripe that show a person's invoice or receipt to whoever has the address. */
const opensToAnybody = /^(client_secret|(hosted|receipt)_(\w+_)?url|(\w+_)?pdf)$/;

/** An event as it may be kept: without what opens something to whoever has it, at whatever depth it stands. */
export function withoutSecrets(value: unknown): Json {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => !opensToAnybody.test(key))
        .map(([key, part]) => [storable(key), withoutSecrets(part)]),
    );
  }
  if (typeof value === "string") return storable(withoutClientSecret(value));
  return typeof value === "number" || typeof value === "boolean" ? value : null;
}

/** The pattern tries each letter of a text, which took a third of an event's time: few texts have its middle. */
const withoutClientSecret = (text: string) =>
  text.includes("_secret_") ? text.replace(clientSecretText, "[removed]") : text;

/** Postgres stores neither half a surrogate pair nor NUL. */
const storable = (text: string) => text.replace(/[\0\p{Cs}]/gu, "\ufffd");
