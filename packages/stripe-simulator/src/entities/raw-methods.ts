import { cardRefused, invalid } from "../core/errors.ts";
import type { Account } from "../store/account.ts";
import type { PaymentMethod } from "../store/types.ts";
import { fromCard, fromDebit } from "./payment-method.ts";
import type { BillingDetails } from "./payment-method.ts";
import { TEST_CARDS, TEST_DEBITS } from "./test-methods.ts";
import type { TestDebit } from "./test-methods.ts";

export interface CardData {
  number: string;
  exp_month: number;
  exp_year: number;
  cvc?: string;
}

function luhn(number: string): boolean {
  let sum = 0;
  for (const [index, digit] of number.split("").toReversed().entries()) {
    const doubled = index % 2 === 1 ? Number(digit) * 2 : Number(digit);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

function cardError(code: string, param: string, message: string): Error {
  return cardRefused(message, { code, param });
}

/** A payment method from raw card data. Only Stripe's test numbers are known. */
export function methodFromCard(
  account: Account,
  now: number,
  card: CardData,
  billing: BillingDetails = {},
  metadata: Record<string, string> = {},
): PaymentMethod {
  const number = card.number.replaceAll(/[\s-]/g, "");
  if (!/^\d{12,19}$/.test(number) || !luhn(number)) {
    throw cardError("incorrect_number", "number", "Your card number is incorrect.");
  }
  if (card.exp_month < 1 || card.exp_month > 12) {
    throw cardError(
      "invalid_expiry_month",
      "exp_month",
      "Your card's expiration month is invalid.",
    );
  }
  const year = card.exp_year < 100 ? 2000 + card.exp_year : card.exp_year;
  if (Date.UTC(year, card.exp_month, 1) / 1000 <= now) {
    throw cardError("invalid_expiry_year", "exp_year", "Your card's expiration year is invalid.");
  }
  if (card.cvc !== undefined && !/^\d{3,4}$/.test(card.cvc)) {
    throw cardError("invalid_cvc", "cvc", "Your card's security code is invalid.");
  }
  const known = TEST_CARDS.find((one) => one.number === number);
  if (known === undefined) {
    throw cardRefused(
      "Your card was declined. Your request was in test mode, but used a non test card. For a list of valid test cards, visit: https://stripe.com/docs/testing.",
      { code: "card_declined", decline_code: "test_mode_live_card", param: "number" },
    );
  }
  const checked = card.cvc === undefined ? null : "unchecked";
  return fromCard(account, now, known, { month: card.exp_month, year, checked }, billing, metadata);
}

/** A payment method from a US account number or an IBAN, if it is one of Stripe's test accounts. */
export function methodFromDebit(
  account: Account,
  now: number,
  kind: TestDebit["kind"],
  number: string,
  billing: BillingDetails = {},
  metadata: Record<string, string> = {},
): PaymentMethod {
  const plain = number.replaceAll(/\s/g, "").toUpperCase();
  const known = TEST_DEBITS.find((one) => one.kind === kind && one.number === plain);
  if (known === undefined) {
    throw invalid("You must use a test bank account number in test mode.", {
      code: "account_number_invalid",
    });
  }
  if (typeof billing.name !== "string" || (kind === "sepa_debit" && !billing.email)) {
    throw invalid("Missing required param: billing_details[name].", {
      code: "parameter_missing",
      param: "billing_details[name]",
    });
  }
  return fromDebit(account, now, known, billing, metadata);
}
