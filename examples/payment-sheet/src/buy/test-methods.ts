/** A number of Stripe's, and the payment method that stands for it: https://docs.stripe.com/testing */
export interface TestMethod {
  readonly name: string;
  readonly number: string;
  readonly paymentMethodId: string;
}

export const testMethods: readonly TestMethod[] = [
  { name: "Succeeds", number: "4242 4242 4242 4242", paymentMethodId: "pm_card_visa" },
  {
    name: "Insufficient funds",
    number: "4000 0000 0000 9995",
    paymentMethodId: "pm_card_visa_chargeDeclinedInsufficientFunds",
  },
  {
    name: "Asks the bank",
    number: "4000 0027 6000 3184",
    paymentMethodId: "pm_card_authenticationRequired",
  },
  {
    name: "Bank, then declined",
    number: "4000 0084 0000 1629",
    paymentMethodId: "pm_card_threeDSecureRequiredChargeDeclined",
  },
  {
    name: "Bank debit, takes days",
    number: "0001 2345 6789",
    paymentMethodId: "pm_usBankAccount_success",
  },
];

const digitsOf = (number: string) => number.replace(/\D/g, "");

/** Undefined where it is none of these. */
export const testMethodOf = (number: string): TestMethod | undefined =>
  testMethods.find((method) => digitsOf(method.number) === digitsOf(number));

/** In fours, as it stands on a card. */
export const spaced = (number: string): string =>
  digitsOf(number).slice(0, 19).replace(/(\d{4})(?=\d)/g, "$1 ");

/** `MM / YY` as it is typed. */
export function spacedExpiry(typed: string): string {
  const digits = digitsOf(typed).slice(0, 4);
  return digits.length > 2 ? `${digits.slice(0, 2)} / ${digits.slice(2)}` : digits;
}

/** Whether a card of this expiry is good now; a card is good through its month. */
export function isGoodExpiry(typed: string, now: Date): boolean {
  const [, month = "", year = ""] = /^(\d{2})(\d{2})$/.exec(digitsOf(typed)) ?? [];
  const [m, y] = [Number(month), 2000 + Number(year)];
  return m >= 1 && m <= 12 && new Date(y, m, 1) > now;
}
