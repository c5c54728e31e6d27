import { causeText } from "../../shared/runtime/cause.ts";
import { checkSubscription } from "../../shared/sync/billing.ts";
import type { Fit } from "./judge.ts";
import { type Left, leftOf } from "./left.ts";
import { isOfOne, type Site } from "./look.ts";

/** A subscription that has its row. */
export interface InRow extends Fit {
  readonly isNew: boolean;
}

/**
 * Reads them once more, now that they have rows: an event that came in between found none. With the newest invoice, by which
 * later refunds, disputes and dunning are followed. What cannot be read has come over nevertheless, and is told.
 */
export async function catchUp(site: Site, inRows: readonly InRow[]): Promise<readonly Left[]> {
  const { ports, account } = site;
  const behind: Left[] = [];
  for (const one of inRows) {
    try {
      if (await isBehind(site, one)) await checkSubscription(ports, one.stripeId, account);
    } catch (error) {
      if (!isOfOne(error)) throw error;
      ports.log.error("not read again", { row: one.id, cause: causeText(error) });
      behind.push(leftOf(one, "not_read_again"));
    }
  }
  return behind;
}

/** Whether it has just come over, or did in a run that was stopped before it had read the newest invoice. */
async function isBehind({ ports }: Site, { isNew, atStripe }: InRow): Promise<boolean> {
  const { latest_invoice: invoice } = atStripe;
  if (isNew) return true;
  if (invoice === null || invoice.status === "draft") return false;
  return await ports.billing.invoiceStatus(invoice.id) !== invoice.status;
}
