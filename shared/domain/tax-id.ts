/** A tax id with Stripe's word for its kind: https://docs.stripe.com/billing/customer/tax-ids */
export interface TaxId {
  readonly type: string;
  readonly value: string;
}

/** Greece writes EL and Northern Ireland XI: https://ec.europa.eu/taxation_customs/vies */
const EU_VAT =
  /^(AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)[A-Z0-9]{2,13}$/;

/** Kinds that are told by their own form, wherever the customer says to live. */
const byForm: readonly (readonly [string, RegExp])[] = [
  ["eu_vat", EU_VAT],
  ["gb_vat", /^GB(\d{9}|\d{12}|GD\d{3}|HA\d{3})$/],
  ["ch_vat", /^CHE\d{9}(MWST|TVA|IVA)$/],
  ["no_vat", /^\d{9}MVA$/],
];

/** Kinds that are bare numbers: the country tells. */
const byCountry = new Map<string, readonly [string, RegExp]>([
  ["AU", ["au_abn", /^\d{11}$/]],
  ["BR", ["br_cnpj", /^\d{14}$/]],
  ["CA", ["ca_gst_hst", /^\d{9}RT\d{4}$/]],
  ["IN", ["in_gst", /^\d{2}[A-Z]{5}\d{4}[A-Z][A-Z0-9]Z[A-Z0-9]$/]],
  ["JP", ["jp_trn", /^T\d{13}$/]],
  ["NZ", ["nz_gst", /^\d{8,9}$/]],
  ["SG", ["sg_gst", /^(M\d{8}[A-Z]|\d{9}[A-Z])$/]],
  ["US", ["us_ein", /^\d{9}$/]],
  ["ZA", ["za_vat", /^4\d{9}$/]],
]);

/**
 * What kind of tax id a customer has written; undefined where it cannot be told. Whether the id exists is Stripe's and
 * the tax office's to say.
 */
export function taxIdOf(text: string, country: string | undefined): TaxId | undefined {
  const value = text.toUpperCase().replaceAll(/[\s.\-/]/g, "");
  const known = byForm.find(([, form]) => form.test(value));
  if (known !== undefined) return { type: known[0], value };
  const [type, form] = byCountry.get(country ?? "") ?? [];
  return type !== undefined && form?.test(value) === true ? { type, value } : undefined;
}
