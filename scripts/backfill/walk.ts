import Stripe from "stripe";
import { causeText } from "../../shared/runtime/cause.ts";
import { AccountGone, StripeRefusal } from "../../shared/stripe/errors.ts";
import type { Cursors } from "./cursor.ts";
import type { Finding } from "./finding.ts";
import type { Look, Page, Stage } from "./look.ts";
import { isSettled, type Outcome, type Resumed } from "./outcome.ts";
import { connected } from "./stages/account.ts";
import { invoicesSince, openInvoices } from "./stages/invoices.ts";
import { paymentsSince } from "./stages/payments.ts";
import { disputesSince, openDisputes, refundsSince } from "./stages/returned-money.ts";
import { living, madeSince } from "./stages/subscriptions.ts";

/**
 * In this order: an invoice is written only where its subscription has a row, a payment is known by its invoice, a refund is written
 * where its invoice has a row.
 */
export const stages: readonly Stage[] = [
  connected,
  madeSince,
  living,
  invoicesSince,
  openInvoices,
  paymentsSince,
  refundsSince,
  disputesSince,
  openDisputes,
];

export interface Walker {
  /** Where a run that mends keeps how far it is; absent in one that only looks, which begins at the beginning. */
  readonly cursors?: Cursors;
  /** Before anything is looked at, where another run was stopped. */
  readonly onResumed: (resumed: Resumed) => void;
  readonly onOutcome: (outcome: Outcome) => void;
  readonly onPage: (stage: string, read: number) => void;
}

/** Goes through all lists of one account. */
export async function walk(
  look: Look,
  { cursors, onResumed, onOutcome, onPage }: Walker,
): Promise<void> {
  const { place } = look;
  const from = await cursors?.read(place);
  let left = from?.left ?? 0;
  if (from?.stage !== undefined) onResumed({ account: place.account, stage: from.stage, left });
  if (from?.stage === "done") return;
  const first = Math.max(0, stages.findIndex(({ name }) => name === from?.stage));
  const told = new Set<string>();
  for (const stage of stages.slice(first)) {
    let after = stage.name === from?.stage ? from.after : undefined;
    let read = 0;
    do {
      const page = await pageAfter(look, stage, after);
      for (const finding of page.findings) {
        const name = `${finding.kind} ${finding.stripeId}`;
        if (told.has(name)) continue;
        told.add(name);
        const outcome = await outcomeOf(look, finding, cursors !== undefined);
        if (!isSettled(outcome)) left += 1;
        onOutcome(outcome);
      }
      after = page.last;
      read += page.read;
      onPage(stage.name, read);
      if (after !== undefined) await cursors?.keep(place, { stage: stage.name, after, left });
    } while (after !== undefined);
    const next = stages[stages.indexOf(stage) + 1];
    await cursors?.keep(place, { stage: next?.name ?? "done", after: undefined, left });
  }
}

/** What a list's cursor names may be gone from Stripe by now, such as a draft: then it is read from its beginning. */
async function pageAfter(look: Look, stage: Stage, after: string | undefined): Promise<Page> {
  try {
    return await stage.page(look, after);
  } catch (error) {
    if (!(error instanceof StripeRefusal) || error.param !== "starting_after") throw error;
    return stage.page(look, undefined);
  }
}

async function outcomeOf(
  { place, ports }: Look,
  { repair, ...finding }: Finding,
  mend: boolean,
): Promise<Outcome> {
  const outcome = { account: place.account, ...finding };
  if (!mend) return outcome;
  if (repair === undefined) return { ...outcome, repaired: false };
  try {
    const came = await repair();
    if (came === "given back") return { ...outcome, repaired: true, givenBack: true };
    // As reconcile's readings say it: Stripe has no such thing any more, or it is nothing of ours.
    return { ...outcome, repaired: came !== "unknown" && came !== "missing" };
  } catch (error) {
    if (error instanceof AccountGone || error instanceof Stripe.errors.StripeError) throw error;
    const { kind, stripeId } = finding;
    ports.log.error("not brought in line", { kind, stripeId, cause: causeText(error) });
    return { ...outcome, repaired: false };
  }
}
