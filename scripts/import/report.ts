import type { Terminal } from "../operator.ts";
import type { Held } from "./claims.ts";
import type { Left, Reason } from "./left.ts";
import type { Moved } from "./move.ts";
import type { Source } from "./source.ts";

const sentences: Readonly<Record<Reason, string>> = {
  no_external_id: "has no external id, and its finished checkouts give none or several",
  external_id_too_long: "has an external id of more than 255 characters",
  external_id_twice: "shares its external id with another customer at Stripe",
  stripe_customer_twice: "shares its customer at Stripe with another external id",
  malformed_id: "names something at Stripe by what is no such id",
  not_at_stripe: "is not at Stripe, on the organization's account and in the key's mode",
  deleted_at_stripe: "was deleted at Stripe",
  stripe_customer_taken: "is at Stripe who is another customer here",
  other_stripe_customer: "is known here as another customer at Stripe",
  no_customer: "has no customer",
  subscription_twice: "is several people's by the old rows",
  customer_left: "is of a customer who was left",
  customer_deleted: "is still billed by Stripe, and its customer was deleted",
  no_stripe_id: "is unknown to Stripe, a free one maybe; its customer may take it anew",
  other_customer_at_stripe: "is another customer's at Stripe",
  incomplete: "waits for its first payment",
  price_unknown: "is of a price that the catalogue does not have",
  several_prices: "is of several prices of the catalogue",
  already_subscribed: "is the second one to its product for its customer",
  taken: "is another customer's here",
  of_a_checkout: "was made by a checkout here",
  not_read_again: "is imported, and not read again yet; the reason is above",
  no_subscription: "is finished, and there is no subscription of it",
  failed: "could not be taken in; the reason is above",
};

export interface Report {
  readonly applied: boolean;
  readonly customers: Counts & { readonly completed: number };
  readonly subscriptions: Counts & {
    /** Never paid and given up, or ended at Stripe and of a price that the catalogue does not have. */
    readonly ended: number;
  };
  readonly finishedCheckouts: number;
  readonly left: readonly Left[];
  /** Taken in, and the merchant's own on a connected account: followed, and neither changed nor canceled here. */
  readonly merchantsOwn: readonly Held[];
  readonly reasons: Readonly<Record<string, number>>;
  /** What is never taken in. */
  readonly notImported: {
    readonly openCheckouts: number;
    readonly openUntil: string | null;
    readonly webhookEvents: number;
  };
}

interface Counts {
  readonly imported: number;
  readonly known: number;
  readonly left: number;
}

export function reportOf(
  applied: boolean,
  { checkouts, open, webhookEvents }: Source,
  moved: readonly Moved[],
  left: readonly Left[],
): Report {
  const sum = (of: (one: Moved) => number) => moved.reduce((total, one) => total + of(one), 0);
  const who = (came: Moved["customer"]) => moved.filter(({ customer }) => customer === came).length;
  const of = (kind: Left["kind"]) => left.filter((one) => one.kind === kind).length;
  const reasons: Record<string, number> = {};
  for (const { reason } of left) reasons[reason] = (reasons[reason] ?? 0) + 1;
  return {
    applied,
    customers: {
      imported: who("imported"),
      completed: who("completed"),
      known: who("known"),
      left: of("customer"),
    },
    subscriptions: {
      imported: sum((one) => one.imported),
      known: sum((one) => one.known),
      ended: sum((one) => one.ended),
      left: of("subscription"),
    },
    finishedCheckouts: checkouts.length,
    left,
    merchantsOwn: moved.flatMap((one) => one.merchantsOwn),
    reasons,
    notImported: { openCheckouts: open.count, openUntil: open.until, webhookEvents },
  };
}

export function tell({ out }: Pick<Terminal, "out">, report: Report): void {
  const { applied, customers, subscriptions, left, merchantsOwn, reasons, notImported } = report;
  for (const { kind, id, stripeId, reason, detail } of left) {
    const at = stripeId === null ? "" : ` (${stripeId})`;
    out(
      `left: ${kind} ${id}${at} ${sentences[reason]}${detail === undefined ? "" : `: ${detail}`}`,
    );
  }
  for (const { id, stripeId } of merchantsOwn) {
    out(`the merchant's own: subscription ${id} (${stripeId}) cannot be changed or canceled here`);
  }
  const word = applied ? "imported" : "to import";
  out(
    `customers: ${customers.imported} ${word}, ${customers.completed} completed, ${customers.known} known, ${customers.left} left`,
  );
  out(
    `subscriptions: ${subscriptions.imported} ${word}, ${subscriptions.known} known, ${subscriptions.ended} ended, ${subscriptions.left} left`,
  );
  const why = Object.entries(reasons).map(([reason, count]) => `${count} ${reason}`);
  if (why.length > 0) out(`left, by reason: ${why.join(", ")}`);
  const until = notImported.openUntil === null ? "" : `, the last until ${notImported.openUntil}`;
  out(
    `not imported: ${notImported.openCheckouts} open checkouts${until}, ${notImported.webhookEvents} webhook events`,
  );
  if (!applied) out("nothing was written; --apply imports");
}
