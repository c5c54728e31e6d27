import * as z from "zod/mini";

/** A row's id. */
export const uuid = z.uuid();

/** What a catalogue's file calls an organization, a product, a price or a discount; a price's is no UUID. */
export const catalogueKey = z.string().check(z.regex(/^[a-z0-9][a-z0-9_.-]{0,63}$/));

/** A time: RFC 3339, UTC, milliseconds. */
export const timestamp = z.iso.datetime();

/** An integer in the currency's minor unit: cents for usd, whole yen for jpy. */
export const minorUnits = z.int().check(z.minimum(0));

/** ISO 4217, lower case, as Stripe writes it. */
export const currency = z.string().check(z.regex(/^[a-z]{3}$/));

/**
 * No control characters: they forge log lines and break mail headers further on. No half of a surrogate pair, and
 * nowhere a NUL: Postgres stores neither.
 */
const plainText = (max: number) =>
  z.string().check(
    z.trim(),
    z.minLength(1),
    z.maxLength(max),
    z.regex(/^[^\p{Cc}\p{Cs}]*$/u, "must not contain control characters"),
  );

/** A person's or company's name. */
export const personName = plainText(200);

/**
 * An e-mail address as a browser's own field accepts it (https://html.spec.whatwg.org/#valid-e-mail-address), so that no
 * form refuses what the customer's page has taken; 254 characters is the longest that SMTP carries (RFC 5321, 4.5.3.1.3).
 * Only a name without a dot (`jenny@host`) is taken by a browser and not here: nobody outside that host can write to it.
 */
export const email = z.pipe(
  z.pipe(
    z.string().check(z.trim(), z.maxLength(254)),
    z.email({ pattern: z.regexes.html5Email }).check(
      z.refine(
        (address) => address.slice(address.lastIndexOf("@")).includes("."),
        "must have a domain with a dot",
      ),
    ),
  ),
  z.transform((address) => {
    // A domain has no case; what stands before it may.
    const at = address.lastIndexOf("@");
    return address.slice(0, at) + address.slice(at).toLowerCase();
  }),
);

/** What a customer types to get a discount; case does not matter. */
export const couponCode = plainText(100);

/** The merchant's own id of a user or an organization; names that erased customers have are nobody's to take. */
export const externalId = plainText(255).check(
  z.regex(/^(?!erased:)/, "must not begin with erased:"),
);

/** https, or http to the developer's own machine. */
export const webUrl = z.string().check(
  z.maxLength(2048),
  z.regex(/^[^\s\p{Cc}\p{Cs}]*$/u),
  z.refine((value) => {
    if (!URL.canParse(value)) return false;
    const { protocol, hostname } = new URL(value);
    return protocol === "https:" ||
      (protocol === "http:" && ["localhost", "127.0.0.1", "[::1]"].includes(hostname));
  }, "must be an https URL"),
);

/**
 * What the merchant says of a session stands at Stripe beside our own keys, by which we know our objects again. Each of theirs
 * has this before it and none of ours has, so that none can be taken for another.
 */
export const METADATA_PREFIX = "app_";

/**
 * Stripe takes 50 keys of 40 characters and values of 500 (https://docs.stripe.com/metadata). Five keys are kept for ours:
 * what Stripe would refuse is to be refused before there is anything to pay.
 */
const METADATA_LIMITS = { keys: 50 - 5, key: 40 - METADATA_PREFIX.length, value: 500 };

/** No square brackets: Stripe takes them in no key. */
export const metadata = z
  .record(
    z.string().check(
      z.minLength(1),
      z.maxLength(METADATA_LIMITS.key),
      z.regex(/^[^[\]\p{Cc}\p{Cs}]*$/u),
    ),
    z.string().check(z.maxLength(METADATA_LIMITS.value), z.regex(/^[^\0\p{Cs}]*$/u)),
  ).check(
    z.refine(
      (value) => Object.keys(value).length <= METADATA_LIMITS.keys,
      `must have at most ${METADATA_LIMITS.keys} keys`,
    ),
  );
