import { invalid } from "../core/errors.ts";
import { newItem, newSubscription } from "../entities/subscription.ts";
import { checkOneCurrency } from "../operations/customer-currency.ts";
import { previewDiscounts } from "../operations/discounts.ts";
import { linesOf, pendingItems } from "../operations/invoice-items.ts";
import { nextBoundary } from "../operations/periods.ts";
import { firstLines } from "../operations/subscriptions.ts";
import type { Invoice } from "../store/types.ts";
import { checkItems, itemDraft } from "./item-params.ts";
import { previewBill, WITHIN } from "./preview-bills.ts";
import type { PreviewCall } from "./preview-bills.ts";
import { trialEndOf } from "./subscription-params.ts";

/** The first invoice of a subscription that does not exist yet. */
export function firstInvoice(call: PreviewCall): Invoice {
  const { account, params, world } = call;
  const details = params.subscription_details ?? {};
  const now = world.clock.now();
  const drafts = (details.items ?? []).map((item, index) => itemDraft(call, item, index, WITHIN));
  const [first] = drafts;
  if (first === undefined) {
    throw invalid("You must specify `subscription` or `subscription_details[items]`.", {
      param: "subscription",
    });
  }
  const customer = params.customer === undefined
    ? ""
    : account.customers.get(params.customer, "customer").id;
  checkItems(drafts, params.currency, WITHIN);
  checkOneCurrency(account, customer, first.price.currency);
  if (details.proration_date !== undefined) {
    throw invalid("You can only pass `proration_date` with a `subscription`.", {
      param: `${WITHIN}[proration_date]`,
    });
  }
  const trialEnd = trialEndOf(call, details, WITHIN);
  const subscription = newSubscription({
    billing_cycle_anchor: trialEnd ?? now,
    created: now,
    currency: first.price.currency,
    customer,
    status: trialEnd === null ? "active" : "trialing",
    trial_end: trialEnd,
  });
  const end = trialEnd ?? nextBoundary(now, first.price);
  subscription.items.data = drafts.map((draft) =>
    newItem(now, subscription.id, draft, { start: now, end })
  );
  const discounts = previewDiscounts(call, params.discounts ?? [], subscription);
  const waiting = linesOf(call, pendingItems(call, subscription));
  return previewBill(call, subscription, {
    reason: "upcoming",
    lines: [...waiting, ...firstLines(subscription)],
    discounts,
    period: { start: now, end: now },
    finalizesAt: null,
  });
}
