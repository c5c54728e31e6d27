import { invalid } from "../core/errors.ts";
import { disputeTransaction, newDispute } from "../entities/dispute.ts";
import type { DisputeKind } from "../entities/test-methods.ts";
import type { Charge, Dispute } from "../store/types.ts";
import type { Context } from "./context.ts";

const AWAITING: ReadonlySet<Dispute["status"]> = new Set([
  "needs_response",
  "under_review",
  "warning_needs_response",
  "warning_under_review",
]);

export function isOpen(dispute: Dispute): boolean {
  return AWAITING.has(dispute.status);
}

/** An inquiry asks before a chargeback: no money has moved. */
function isInquiry(dispute: Dispute): boolean {
  return dispute.status.startsWith("warning");
}

export function disputesOf({ account }: Context, charge: Charge): Dispute[] {
  return account.disputes.all().filter((one) => one.charge === charge.id);
}

/** The customer's bank takes a payment back, or asks about it. */
export function openDispute(
  context: Context,
  charge: Charge,
  kind: DisputeKind,
  amount = charge.amount,
): Dispute {
  const { world, account, actor } = context;
  // What a bank debit's customer disputes is lost at once: there is nobody to appeal to.
  const final = charge.payment_method_details?.card === undefined;
  const inquiry = kind === "inquiry" && !final;
  const dispute = account.disputes.add(newDispute(world.clock.now(), charge, {
    amount,
    reason: kind === "inquiry" ? "fraudulent" : kind,
    status: final ? "lost" : inquiry ? "warning_needs_response" : "needs_response",
  }));
  charge.disputed = true;
  world.emit(account, "charge.dispute.created", dispute, actor);
  if (!inquiry) withdraw(context, dispute);
  if (final) world.emit(account, "charge.dispute.closed", dispute, actor);
  return dispute;
}

function withdraw({ world, account, actor }: Context, dispute: Dispute): void {
  dispute.balance_transactions.push(disputeTransaction(world.clock.now(), dispute, -1));
  world.emit(account, "charge.dispute.funds_withdrawn", dispute, actor);
}

/** The bank goes on from an inquiry to a chargeback. */
export function escalate(context: Context, dispute: Dispute): void {
  const { world, account, actor } = context;
  if (!isInquiry(dispute)) return;
  world.change(account, "charge.dispute.updated", dispute, actor, () => {
    dispute.status = "needs_response";
    dispute.is_charge_refundable = false;
    if (dispute.payment_method_details?.card !== undefined) {
      dispute.payment_method_details.card.case_type = "chargeback";
    }
  });
  withdraw(context, dispute);
}

/** The bank decides. A won chargeback brings the money back; a won inquiry is just closed. */
export function decide(context: Context, dispute: Dispute, won: boolean): void {
  const { world, account, actor } = context;
  if (!won) escalate(context, dispute);
  const inquiry = isInquiry(dispute);
  world.change(account, "charge.dispute.closed", dispute, actor, () => {
    dispute.status = inquiry ? "warning_closed" : won ? "won" : "lost";
    dispute.is_charge_refundable = won;
  });
  if (!won || inquiry) return;
  dispute.balance_transactions.push(disputeTransaction(world.clock.now(), dispute, 1));
  world.emit(account, "charge.dispute.funds_reinstated", dispute, actor);
}

/** Refuses to pay back what the bank has taken back already. */
export function checkNotChargedBack(context: Context, charge: Charge): void {
  if (disputesOf(context, charge).every((one) => one.is_charge_refundable)) return;
  throw invalid(`Charge ${charge.id} has been charged back; cannot issue a refund.`, {
    code: "charge_disputed",
  });
}

/** A full refund answers an inquiry. */
export function closeInquiries(context: Context, charge: Charge): void {
  if (!charge.refunded) return;
  for (const dispute of disputesOf(context, charge)) {
    if (isOpen(dispute) && isInquiry(dispute)) decide(context, dispute, true);
  }
}
