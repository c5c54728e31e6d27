import { choice, hash, required, text } from "../core/params.ts";
import { checkTaxId, newTaxId, TAX_ID_TYPES } from "../entities/tax-ids.ts";
import type { TaxIdType } from "../entities/tax-ids.ts";
import { route } from "../http/router.ts";
import type { Call } from "../http/router.ts";
import { PAGE, paginate } from "../store/list.ts";
import type { TaxId } from "../store/types.ts";

export const TAX_ID = hash({ type: required(choice(...TAX_ID_TYPES)), value: required(text()) });

/** Gives a customer a tax id. */
export function giveTaxId(
  { world, account, actor }: Call,
  customer: string,
  given: { type: TaxIdType; value: string },
  param: string,
): TaxId {
  checkTaxId(given.type, given.value, param);
  const made = newTaxId(world.clock.now(), customer, given.type, given.value);
  account.taxIds.add(made);
  world.emit(account, "customer.tax_id.created", made, actor);
  return made;
}

const addTaxId = route("POST", "/v1/customers/:id/tax_ids", {
  type: required(choice(...TAX_ID_TYPES)),
  value: required(text()),
}, (call) => {
  const customer = call.account.customers.get(call.ids[0] ?? "");
  return giveTaxId(call, customer.id, call.params, "value");
});

const allTaxIds = route("GET", "/v1/customers/:id/tax_ids", PAGE, ({ account, ids, params }) => {
  const { id } = account.customers.get(ids[0] ?? "");
  const rows = account.taxIds.all().filter((one) => one.customer === id);
  return paginate(rows, params, `/v1/customers/${id}/tax_ids`, "tax_id");
});

export const taxIdRoutes = [addTaxId, allTaxIds];
