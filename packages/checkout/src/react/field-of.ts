import type { CheckoutError } from "../errors.ts";

/** The field of the sheet that a refusal is about. */
export type Field = "seats" | "coupon" | "address" | "taxId";

const byCode: Readonly<Record<string, Field>> = {
  quantity_not_allowed: "seats",
  address_required: "address",
  address_invalid: "address",
  tax_id_invalid: "taxId",
};
/** As create names them (shared/contract/create.ts), the longer first. */
const byPath: readonly (readonly [string, Field])[] = [
  ["customer.taxId", "taxId"],
  ["customer", "address"],
  ["couponCode", "coupon"],
  ["quantity", "seats"],
];

/** Undefined where a refusal is about none of them. */
export function fieldOf(error: CheckoutError | undefined): Field | undefined {
  if (error === undefined) return undefined;
  if (error.code.startsWith("coupon_")) return "coupon";
  return byCode[error.code] ?? (error.code === "invalid_request" ? fieldAt(error) : undefined);
}

/** Whether it is about where the customer is, which the sheet then asks for. */
export function isOfPlace(error: CheckoutError | undefined): boolean {
  const field = fieldOf(error);
  return field === "address" || field === "taxId";
}

function fieldAt({ details }: CheckoutError): Field | undefined {
  const issues: unknown = details?.["issues"];
  if (!Array.isArray(issues)) return undefined;
  const paths = issues.flatMap((issue: unknown) =>
    typeof issue === "object" && issue !== null && "path" in issue ? [String(issue.path)] : []
  );
  return byPath.find(([start]) => paths.some((path) => path.startsWith(start)))?.[1];
}
