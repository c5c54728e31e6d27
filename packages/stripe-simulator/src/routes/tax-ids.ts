import { noSuch } from "../core/errors.ts";
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

const taxId = route("GET", "/v1/customers/:id/tax_ids/:id", {}, (call) => ownTaxId(call));

const removeTaxId = route("DELETE", "/v1/customers/:id/tax_ids/:id", {}, (call) => {
  const { world, account, actor } = call;
  const found = ownTaxId(call);
  account.taxIds.remove(found.id);
  world.emit(account, "customer.tax_id.deleted", found, actor);
  return { id: found.id, object: "tax_id", deleted: true };
});

function ownTaxId({ account, ids }: Call): TaxId {
  const [customer = "", id = ""] = ids;
  const found = account.taxIds.find(id);
  if (found?.customer === customer) return found;
  throw noSuch("tax_id", id);
}

const allTaxIds = route("GET", "/v1/customers/:id/tax_ids", PAGE, ({ account, ids, params }) => {
  const { id } = account.customers.get(ids[0] ?? "");
  const rows = account.taxIds.all().filter((one) => one.customer === id);
  return paginate(rows, params, `/v1/customers/${id}/tax_ids`, "tax_id");
});

export const taxIdRoutes = [addTaxId, taxId, removeTaxId, allTaxIds];
