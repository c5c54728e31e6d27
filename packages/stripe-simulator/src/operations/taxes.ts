import { roundTo } from "../core/currencies.ts";
import { invalid } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { isEuropean, leviesAt } from "../core/tax-rates.ts";
import type { Levy, TaxAddress } from "../core/tax-rates.ts";
import type { Account } from "../store/account.ts";
import type { Customer, LineTax, PaymentMethod } from "../store/types.ts";

export interface GivenTaxId {
  type: string;
  value: string;
}

/** Who buys, as far as taxes go. */
export interface Buyer {
  address: TaxAddress | null;
  taxIds: readonly GivenTaxId[];
  override: "customer_exempt" | "none" | "reverse_charge";
}

export function overrideOf(exempt: string | null | undefined): Buyer["override"] {
  if (exempt === "exempt") return "customer_exempt";
  return exempt === "reverse" ? "reverse_charge" : "none";
}

function taxIdsOf(account: Account, customer: string): GivenTaxId[] {
  return account.taxIds.all().filter((one) => one.customer === customer)
    .map(({ type, value }) => ({ type, value }));
}

/** A customer's place is the address, else that of the payment method, else the card's country. */
export function buyerOf(
  account: Account,
  customer: Customer | undefined,
  method: PaymentMethod | undefined,
): Buyer {
  const given = [customer?.address, method?.billing_details.address];
  const address = given.find((one) => typeof one?.country === "string") ?? null;
  const country = method?.card?.country ?? null;
  return {
    address: address ?? (country === null ? null : { country, postal_code: null, state: null }),
    taxIds: customer === undefined ? [] : taxIdsOf(account, customer.id),
    override: overrideOf(customer?.tax_exempt),
  };
}

/** The taxes that a buyer pays; null where the place is not known well enough. */
export function leviesOf(buyer: Buyer): Levy[] | null {
  const levies = buyer.address === null ? null : leviesAt(buyer.address);
  if (levies === null) return null;
  const untaxed = (reason: Levy["reason"]): Levy[] =>
    levies.map((
      levy,
    ) => (levy.reason === "standard_rated" ? { ...levy, percent: 0, reason } : levy));
  if (buyer.override !== "none") return untaxed(buyer.override);
  // A business in the Union owes the tax itself; the seller is elsewhere.
  const country = buyer.address?.country?.toUpperCase() ?? null;
  const business = isEuropean(country) && buyer.taxIds.some((one) => one.type === "eu_vat");
  return business ? untaxed("reverse_charge") : levies;
}

export function locationInvalid(param: string): Error {
  return invalid(
    "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.",
    { code: "customer_tax_location_invalid", param },
  );
}

export interface Tax {
  levy: Levy;
  amount: number;
  taxable: number;
}

/** Each tax on an amount, which contains them or does not. */
export function taxOn(
  amount: number,
  behavior: "exclusive" | "inclusive",
  levies: readonly Levy[],
  currency: string,
): Tax[] {
  const percents = levies.reduce((all, levy) => all + levy.percent, 0);
  const base = behavior === "exclusive" ? amount : amount / (1 + percents / 100);
  const amounts = levies.map((levy) => roundTo((base * levy.percent) / 100, currency));
  const inside = behavior === "exclusive" ? 0 : amounts.reduce((all, tax) => all + tax, 0);
  return levies.map((levy, index) => ({
    levy,
    amount: amounts[index] ?? 0,
    taxable: levy.percent === 0 ? 0 : amount - inside,
  }));
}

/** The taxes as an invoice's line shows them; each rate has one id. */
export function lineTaxes(
  account: Account,
  taxes: readonly Tax[],
  behavior: "exclusive" | "inclusive",
): LineTax[] {
  return taxes.map(({ levy, amount, taxable }) => {
    const key = `${levy.country} ${levy.state} ${levy.type} ${levy.percent} ${behavior}`;
    const id = account.taxRates.get(key) ?? newId("txr");
    account.taxRates.set(key, id);
    return {
      amount,
      tax_behavior: behavior,
      tax_rate_details: { tax_rate: id },
      taxability_reason: levy.reason,
      taxable_amount: taxable,
      type: "tax_rate_details",
    };
  });
}
