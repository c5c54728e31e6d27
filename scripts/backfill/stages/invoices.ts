import { invoiceFacts } from "../../../shared/stripe/billing-facts.ts";
import { found } from "../../../shared/stripe/errors.ts";
import { idOf } from "../../../shared/stripe/ids.ts";
import { syncInvoice } from "../../../shared/sync/billing.ts";
import { drift, type Finding } from "../finding.ts";
import { findings, listed, type Look, nextRows, type Stage } from "../look.ts";
import type { Row } from "../rows.ts";

const named = (stripeId: string) => ({ kind: "invoice", stripeId }) as const;

/**
 * Invoices made since, of subscriptions that have a row. A draft is told of once it is final. Those of a subscription that was told as
 * lost are told with it, and here only what has paid them is noted.
 */
export const invoicesSince: Stage = {
  name: "invoices",
  async page(look, after) {
    const { rows, stripe } = look;
    const { data, last } = await listed(
      look,
      after,
      (params, options) => stripe.invoices.list(params, options),
    );
    const billed = data.flatMap(({ id, status, parent }) => {
      const subscription = parent?.subscription_details?.subscription;
      return subscription === undefined ? [] : [{ id, status, subscription: idOf(subscription) }];
    });
    const ours = new Set(
      (await rows.subscriptions(billed.map(({ subscription }) => subscription)))
        .map(({ stripeId }) => stripeId),
    );
    const known = new Map(
      (await rows.invoices(billed.map(({ id }) => id))).map((row) => [row.stripeId, row]),
    );
    const due = billed.filter(({ id, status, subscription }) =>
      (ours.has(subscription) || look.lost.has(subscription)) &&
      (status !== "draft" || known.has(id))
    );
    return {
      findings: await findings(
        look,
        due,
        ({ id }) => named(id),
        async ({ id, subscription }) => {
          const differences = await compareInvoice(look, id, known.get(id));
          return ours.has(subscription) ? differences : [];
        },
      ),
      read: data.length,
      last,
    };
  },
};

/** Older ones that were not paid yet when they were last told of. */
export const openInvoices: Stage = {
  name: "rows of open invoices",
  async page(look, after) {
    const { page, last } = await nextRows(after, look.rows.openInvoices);
    return {
      findings: await findings(
        look,
        page,
        ({ stripeId }) => named(stripeId),
        (row) => compareInvoice(look, row.stripeId, row),
      ),
      read: page.length,
      last,
    };
  },
};

export async function compareInvoice(
  { ports, place, billed }: Look,
  id: string,
  row: Row | undefined,
): Promise<readonly Finding[]> {
  const invoice = await found(ports.stripe.billing.invoice(id, place.account));
  if (invoice === undefined) return [{ ...named(id), problem: "gone" }];
  const facts = invoiceFacts(invoice);
  if (facts === null) return [];
  if (facts.paymentIntentId !== null) billed.add(facts.paymentIntentId);
  const fields = row === undefined ? [] : drift({ ...facts }, row.facts);
  if (row !== undefined && fields.length === 0) return [];
  return [{
    ...named(id),
    ...(row === undefined ? { problem: "missing" } : { problem: "differs", fields }),
    repair: () => syncInvoice(ports, id, place.account),
  }];
}
