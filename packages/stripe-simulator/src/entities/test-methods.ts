import type { Charge, PaymentError } from "../store/types.ts";

/**
 * Stripe's test payment methods: https://docs.stripe.com/testing
 * Each row is one test card or account with the ids under which Stripe knows it.
 */

type AdviceCode = NonNullable<NonNullable<Charge["outcome"]>["advice_code"]>;

export interface Decline {
  code: NonNullable<PaymentError["code"]>;
  decline_code?: string;
  message: string;
  /** `try_again_later`, `do_not_try_again` or `confirm_card_data`. */
  advice_code?: AdviceCode;
}

export interface Behaviour {
  /** What a charge comes to. */
  charge: "succeeds" | "settles_later" | Decline;
  /** Refused already when it is set up or attached to a customer. */
  refusedAtSetup: boolean;
  /** When the customer must authenticate: never, always, or unless set up before. */
  authentication: "never" | "always" | "unless_set_up";
  /** What the bank says of a refund later on; left out where it takes it at once. */
  refund?: "settles_later" | "fails_later";
  /** What the customer does to a payment as soon as it has succeeded. */
  dispute?: DisputeKind;
}

/** An inquiry, or the reason of a chargeback such as `fraudulent`. */
export type DisputeKind = string;

export interface TestCard {
  kind: "card";
  ids: readonly string[];
  number: string;
  brand: string;
  funding: "credit" | "debit" | "prepaid";
  country: string;
  behaviour: Behaviour;
}

export interface TestDebit {
  kind: "us_bank_account" | "sepa_debit";
  ids: readonly string[];
  /** Account number, or IBAN. */
  number: string;
  /** Code with which the debit fails when it would settle; null when it settles. */
  failure: string | null;
}

const SUCCEEDS: Behaviour = { charge: "succeeds", refusedAtSetup: false, authentication: "never" };

function good(
  number: string,
  brand: string,
  ids: string[],
  funding: TestCard["funding"] = "credit",
  country = "US",
): TestCard {
  return { kind: "card", ids, number, brand, funding, country, behaviour: SUCCEEDS };
}

function refunded(number: string, id: string, refund: NonNullable<Behaviour["refund"]>): TestCard {
  return { ...good(number, "visa", [id]), behaviour: { ...SUCCEEDS, refund } };
}

function disputed(number: string, name: string, dispute: DisputeKind): TestCard {
  const card = good(number, "visa", [`pm_card_${name}`]);
  return { ...card, behaviour: { ...SUCCEEDS, dispute } };
}

function declined(number: string, name: string, decline: Decline, refusedAtSetup = true): TestCard {
  return {
    kind: "card",
    ids: [`pm_card_${name}`, `pm_card_visa_${name}`],
    number,
    brand: "visa",
    funding: "credit",
    country: "US",
    behaviour: { charge: decline, refusedAtSetup, authentication: "never" },
  };
}

function authenticated(
  number: string,
  ids: string[],
  authentication: Behaviour["authentication"],
  charge: Behaviour["charge"] = "succeeds",
): TestCard {
  return {
    kind: "card",
    ids,
    number,
    brand: "visa",
    funding: "credit",
    country: "US",
    behaviour: { charge, refusedAtSetup: false, authentication },
  };
}

function cardDeclined(decline_code: string, message: string, advice_code: AdviceCode): Decline {
  return { code: "card_declined", decline_code, message, advice_code };
}

const GENERIC = cardDeclined("generic_decline", "Your card was declined.", "try_again_later");
const FUNDS = cardDeclined(
  "insufficient_funds",
  "Your card has insufficient funds.",
  "try_again_later",
);
const PROCESSING: Decline = {
  code: "processing_error",
  decline_code: "processing_error",
  message: "An error occurred while processing your card. Try again in a little bit.",
  advice_code: "try_again_later",
};

export const TEST_CARDS: readonly TestCard[] = [
  good("4242424242424242", "visa", ["pm_card_visa", "pm_card_us"]),
  good("4000056655665556", "visa", ["pm_card_visa_debit"], "debit"),
  good("5555555555554444", "mastercard", ["pm_card_mastercard"]),
  good("5200828282828210", "mastercard", ["pm_card_mastercard_debit"], "debit"),
  good("5105105105105100", "mastercard", ["pm_card_mastercard_prepaid"], "prepaid"),
  good("378282246310005", "amex", ["pm_card_amex"]),
  good("6011111111111117", "discover", ["pm_card_discover"]),
  good("3056930009020004", "diners", ["pm_card_diners"]),
  good("3566002020360505", "jcb", ["pm_card_jcb"]),
  good("6200000000000005", "unionpay", ["pm_card_unionpay"]),
  good("4000001240000000", "visa", ["pm_card_ca"], "credit", "CA"),
  good("4000008260000000", "visa", ["pm_card_gb"], "credit", "GB"),
  good("4000002760000016", "visa", ["pm_card_de"], "credit", "DE"),
  good("4000002500000003", "visa", ["pm_card_fr"], "credit", "FR"),
  good("4000003920000003", "visa", ["pm_card_jp"], "credit", "JP"),
  refunded("4000000000007726", "pm_card_pendingRefund", "settles_later"),
  refunded("4000000000005126", "pm_card_refundFail", "fails_later"),
  declined("4000000000000002", "chargeDeclined", GENERIC),
  declined("4000000000009995", "chargeDeclinedInsufficientFunds", FUNDS),
  declined(
    "4000000000009987",
    "chargeDeclinedLostCard",
    cardDeclined("lost_card", "Your card was declined.", "do_not_try_again"),
  ),
  declined(
    "4000000000009979",
    "chargeDeclinedStolenCard",
    cardDeclined("stolen_card", "Your card was declined.", "do_not_try_again"),
  ),
  declined("4000000000000069", "chargeDeclinedExpiredCard", {
    code: "expired_card",
    decline_code: "expired_card",
    message: "Your card has expired.",
    advice_code: "do_not_try_again",
  }),
  declined("4000000000000127", "chargeDeclinedIncorrectCvc", {
    code: "incorrect_cvc",
    decline_code: "incorrect_cvc",
    message: "Your card's security code is incorrect.",
    advice_code: "confirm_card_data",
  }),
  declined("4000000000000119", "chargeDeclinedProcessingError", PROCESSING),
  declined(
    "4000000000006975",
    "chargeDeclinedVelocityLimitExceeded",
    cardDeclined(
      "card_velocity_exceeded",
      "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
      "try_again_later",
    ),
  ),
  declined(
    "4100000000000019",
    "chargeDeclinedFraudulent",
    cardDeclined("fraudulent", "Your card was declined.", "do_not_try_again"),
  ),
  declined(
    "4000000000004954",
    "radarBlock",
    cardDeclined("fraudulent", "Your card was declined.", "do_not_try_again"),
    false,
  ),
  declined("4000000000000341", "chargeCustomerFail", GENERIC, false),
  disputed("4000000000000259", "createDispute", "fraudulent"),
  disputed("4000000000002685", "createDisputeProductNotReceived", "product_not_received"),
  disputed("4000000000001976", "createDisputeInquiry", "inquiry"),
  authenticated("4000000000003220", ["pm_card_threeDSecure2Required"], "always"),
  authenticated(
    "4000002760003184",
    ["pm_card_authenticationRequired", "pm_card_threeDSecureRequired"],
    "always",
  ),
  authenticated(
    "4000002500003155",
    ["pm_card_authenticationRequiredOnSetup"],
    "unless_set_up",
  ),
  authenticated(
    "4000003800000446",
    ["pm_card_authenticationRequiredSetupForOffSession"],
    "unless_set_up",
  ),
  authenticated(
    "4000008260003178",
    ["pm_card_authenticationRequiredChargeDeclinedInsufficientFunds"],
    "always",
    FUNDS,
  ),
  authenticated(
    "4000008400001629",
    ["pm_card_threeDSecureRequiredChargeDeclined"],
    "always",
    GENERIC,
  ),
  authenticated(
    "4000008400001280",
    ["pm_card_threeDSecureRequiredProcessingError"],
    "always",
    PROCESSING,
  ),
  authenticated("4000000000003055", ["pm_card_threeDSecureOptional"], "never"),
];

export const TEST_DEBITS: readonly TestDebit[] = [
  debit("000123456789", "pm_usBankAccount_success", null),
  debit("000111111113", "pm_usBankAccount_accountClosed", "account_closed"),
  debit("000111111116", "pm_usBankAccount_noAccount", "no_account"),
  debit("000222222227", "pm_usBankAccount_insufficientFunds", "insufficient_funds"),
  debit("000333333335", "pm_usBankAccount_debitNotAuthorized", "debit_not_authorized"),
  debit("000444444440", "pm_usBankAccount_invalidCurrency", "invalid_currency"),
  // Stripe lists no ids for SEPA test accounts, only IBANs; give the IBAN.
  { kind: "sepa_debit", ids: [], number: "DE89370400440532013000", failure: null },
  { kind: "sepa_debit", ids: [], number: "AT611904300234573201", failure: null },
  { kind: "sepa_debit", ids: [], number: "FR1420041010050500013M02606", failure: null },
  { kind: "sepa_debit", ids: [], number: "DE62370400440532013001", failure: "debit_declined" },
  {
    kind: "sepa_debit",
    ids: [],
    number: "AT861904300235473202",
    failure: "debit_declined",
  },
];

function debit(number: string, id: string, failure: string | null): TestDebit {
  return { kind: "us_bank_account", ids: [id], number, failure };
}

/** The test card or account behind an id such as `pm_card_visa`. */
export function testMethodById(id: string): TestCard | TestDebit | undefined {
  return [...TEST_CARDS, ...TEST_DEBITS].find((one) => one.ids.includes(id));
}
