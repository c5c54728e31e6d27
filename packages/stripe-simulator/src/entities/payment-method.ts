import { createHash } from "node:crypto";
import { newId } from "../core/ids.ts";
import type { Account } from "../store/account.ts";
import type { PaymentMethod } from "../store/types.ts";
import { TEST_DEBITS, testMethodById } from "./test-methods.ts";
import type { Behaviour, TestCard, TestDebit } from "./test-methods.ts";

export interface BillingDetails {
  address?: Partial<Record<keyof Address, string>> | null;
  email?: string | null;
  name?: string | null;
  phone?: string | null;
}

type Address = NonNullable<PaymentMethod["billing_details"]["address"]>;

/** The same for one number always: what tells a merchant that two cards are one. */
function fingerprintOf(number: string): string {
  return createHash("sha256").update(`fingerprint ${number}`).digest("base64url")
    .replaceAll(/[-_]/g, "x").slice(0, 16);
}

export function newBillingDetails(given: BillingDetails = {}): PaymentMethod["billing_details"] {
  return {
    address: {
      city: given.address?.city ?? null,
      country: given.address?.country ?? null,
      line1: given.address?.line1 ?? null,
      line2: given.address?.line2 ?? null,
      postal_code: given.address?.postal_code ?? null,
      state: given.address?.state ?? null,
    },
    email: given.email ?? null,
    name: given.name ?? null,
    phone: given.phone ?? null,
    tax_id: null,
  };
}

function add(
  account: Account,
  now: number,
  rest: Pick<PaymentMethod, "type" | "card" | "us_bank_account" | "sepa_debit">,
  behaviour: Behaviour,
  billing: BillingDetails,
  metadata: Record<string, string>,
): PaymentMethod {
  const method: PaymentMethod = {
    id: newId("pm"),
    object: "payment_method",
    allow_redisplay: "unspecified",
    billing_details: newBillingDetails(billing),
    created: now,
    customer: null,
    customer_account: null,
    livemode: false,
    metadata,
    ...rest,
  };
  account.methodSecrets.set(method.id, { behaviour, use: "fresh", setUp: false });
  return account.paymentMethods.add(method);
}

export function fromCard(
  account: Account,
  now: number,
  known: TestCard,
  shown: { month: number; year: number; checked: string | null },
  billing: BillingDetails,
  metadata: Record<string, string>,
): PaymentMethod {
  const card: NonNullable<PaymentMethod["card"]> = {
    brand: known.brand,
    checks: {
      address_line1_check: null,
      address_postal_code_check: null,
      cvc_check: shown.checked,
    },
    country: known.country,
    display_brand: known.brand === "amex" ? "american_express" : known.brand,
    exp_month: shown.month,
    exp_year: shown.year,
    fingerprint: fingerprintOf(known.number),
    funding: known.funding,
    generated_from: null,
    last4: known.number.slice(-4),
    networks: { available: [known.brand], preferred: null },
    regulated_status: "unregulated",
    three_d_secure_usage: { supported: true },
    wallet: null,
  };
  return add(account, now, { type: "card", card }, known.behaviour, billing, metadata);
}

function debitBehaviour(): Behaviour {
  return { charge: "settles_later", refusedAtSetup: false, authentication: "never" };
}

export function fromDebit(
  account: Account,
  now: number,
  known: TestDebit,
  billing: BillingDetails,
  metadata: Record<string, string>,
): PaymentMethod {
  const fingerprint = fingerprintOf(known.number);
  const last4 = known.number.slice(-4);
  if (known.kind === "sepa_debit") {
    const sepa_debit: NonNullable<PaymentMethod["sepa_debit"]> = {
      bank_code: known.number.slice(4, 12),
      branch_code: "",
      country: known.number.slice(0, 2),
      fingerprint,
      generated_from: { charge: null, setup_attempt: null },
      last4,
    };
    return add(
      account,
      now,
      { type: "sepa_debit", sepa_debit },
      debitBehaviour(),
      billing,
      metadata,
    );
  }
  const us_bank_account: NonNullable<PaymentMethod["us_bank_account"]> = {
    account_holder_type: "individual",
    account_type: "checking",
    bank_name: "STRIPE TEST BANK",
    financial_connections_account: null,
    fingerprint,
    last4,
    networks: { preferred: "ach", supported: ["ach"] },
    routing_number: "110000000",
    status_details: {},
  };
  const rest = { type: "us_bank_account" as const, us_bank_account };
  return add(account, now, rest, debitBehaviour(), billing, metadata);
}

/** How a bank debit with this payment method ends: a failure code, or null when it settles. */
export function debitFailure(method: PaymentMethod): string | null {
  const fingerprint = method.us_bank_account?.fingerprint ?? method.sepa_debit?.fingerprint;
  return TEST_DEBITS.find((one) => fingerprintOf(one.number) === fingerprint)?.failure ?? null;
}

/**
 * The payment method that a request names. A test id such as `pm_card_visa` stands for a new
 * payment method each time, as at Stripe.
 */
export function methodNamed(
  account: Account,
  now: number,
  id: string,
  param: string,
): PaymentMethod {
  const known = account.paymentMethods.find(id);
  if (known !== undefined) return known;
  const test = testMethodById(id);
  if (test === undefined) return account.paymentMethods.get(id, param);
  if (test.kind !== "card") {
    return fromDebit(account, now, test, { name: "Jenny Rosen", email: "jenny@example.com" }, {});
  }
  const year = new Date(now * 1000).getUTCFullYear() + 1;
  return fromCard(account, now, test, { month: 12, year, checked: "unchecked" }, {}, {});
}
