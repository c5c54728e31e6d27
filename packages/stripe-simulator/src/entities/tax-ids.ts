import { invalid } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { TaxId } from "../store/types.ts";

/** Kinds of tax id, and how their values look where the simulator knows. */
const FORMS = {
  au_abn: /^\d{11}$/,
  br_cnpj: /^\d{2}\.?\d{3}\.?\d{3}\/?\d{4}-?\d{2}$/,
  ca_bn: /^\d{9}$/,
  ca_gst_hst: /^\d{9}RT\d{4}$/,
  ca_qst: /^\d{10}TQ\d{4}$/,
  ch_vat: /^CHE-?\d{3}\.?\d{3}\.?\d{3} ?(MWST|TVA|IVA)?$/,
  eu_oss_vat: /^EU\d{9}$/,
  eu_vat:
    /^(ATU\d{8}|BE[01]\d{9}|BG\d{9,10}|CY\d{8}[A-Z]|CZ\d{8,10}|DE\d{9}|DK\d{8}|EE\d{9}|EL\d{9}|ES[A-Z0-9]\d{7}[A-Z0-9]|FI\d{8}|FR[A-Z0-9]{2}\d{9}|HR\d{11}|HU\d{8}|IE\d[A-Z0-9+*]\d{5}[A-Z]{1,2}|IT\d{11}|LT(\d{9}|\d{12})|LU\d{8}|LV\d{11}|MT\d{8}|NL\d{9}B\d{2}|PL\d{10}|PT\d{9}|RO\d{2,10}|SE\d{12}|SI\d{8}|SK\d{10}|XI\d{9})$/,
  gb_vat: /^GB(\d{9}|\d{12})$/,
  in_gst: /^\d{2}[A-Z]{5}\d{4}[A-Z][A-Z0-9]Z[A-Z0-9]$/,
  jp_trn: /^T\d{13}$/,
  mx_rfc: /^[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}$/,
  no_vat: /^\d{9}(MVA)?$/,
  nz_gst: /^\d{8,9}$/,
  sg_gst: /^[A-Z0-9]{9,10}$/,
  us_ein: /^\d{2}-?\d{7}$/,
  za_vat: /^4\d{9}$/,
} as const;

export type TaxIdType = keyof typeof FORMS;

function isType(type: string): type is TaxIdType {
  return Object.hasOwn(FORMS, type);
}

export const TAX_ID_TYPES = Object.keys(FORMS).filter(isType);

/** Refuses a value that cannot be of its type. */
export function checkTaxId(type: TaxIdType, value: string, param: string): void {
  if (FORMS[type].test(value.replaceAll(/\s/g, "").toUpperCase())) return;
  throw invalid(`Invalid value for ${type}.`, { code: "tax_id_invalid", param });
}

/** The country of a tax id, as far as its type or value tells. */
function countryOf(type: TaxIdType, value: string): string | null {
  if (type === "eu_oss_vat") return null;
  if (type !== "eu_vat") return type.slice(0, 2).toUpperCase();
  const country = value.slice(0, 2).toUpperCase();
  return country === "EL" ? "GR" : country;
}

/** Only some kinds are looked up; in test mode these digits say with which result. */
function verificationOf(type: TaxIdType, value: string): NonNullable<TaxId["verification"]> {
  const none = { verified_address: null, verified_name: null };
  if (!["au_abn", "eu_vat", "gb_vat"].includes(type)) return { status: "unavailable", ...none };
  if (value.includes("000000000")) return { ...none, status: "verified" };
  if (value.includes("111111111")) return { ...none, status: "unverified" };
  return { ...none, status: "pending" };
}

export function newTaxId(now: number, customer: string, type: TaxIdType, value: string): TaxId {
  return {
    id: newId("txi"),
    object: "tax_id",
    country: countryOf(type, value),
    created: now,
    customer,
    customer_account: null,
    livemode: false,
    owner: { customer, customer_account: null, type: "customer" },
    type,
    value,
    verification: verificationOf(type, value),
  };
}
