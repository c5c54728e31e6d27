import { NOBODY } from "../core/actor.ts";
import { newRefund } from "../entities/refund.ts";
import type { Account } from "../store/account.ts";
import type { Charge, Refund } from "../store/types.ts";
import type { World } from "../world.ts";
import type { Context } from "./context.ts";

/** Seconds that the bank of a test card takes over a refund. */
const BANK_SECONDS = 3_600;

/** Gives money back. What a test card's bank will say of it later waits in `account.refundsAtBank`. */
export function makeRefund(
  { world, account, actor }: Context,
  charge: Charge,
  given: Pick<Refund, "amount" | "metadata" | "reason">,
): Refund {
  const later = account.methodSecrets.get(String(charge.payment_method))?.behaviour.refund;
  const now = world.clock.now();
  const refund = newRefund(now, charge, {
    ...given,
    status: later === "settles_later" ? "pending" : "succeeded",
  });
  account.refunds.add(refund);
  if (later !== undefined) {
    account.refundsAtBank.set(refund.id, {
      answersAt: now + BANK_SECONDS,
      failure: later === "fails_later" ? "unknown" : null,
    });
  }
  world.emit(account, "refund.created", refund, actor);
  world.change(account, "charge.refunded", charge, actor, () => {
    charge.amount_refunded += given.amount;
    charge.refunded = charge.amount_refunded === charge.amount_captured;
  });
  return refund;
}

/**
 * The bank answers: the money arrives, or `failure` says why it came back. Also one that had succeeded may fail; one that
 * has failed or was canceled does nothing more (undefined).
 */
export function answerRefund(
  world: World,
  account: Account,
  id: string,
  failure: string | null,
): { id: string; status: string | null } | undefined {
  const refund = account.refunds.find(id);
  if (refund === undefined) return undefined;
  account.refundsAtBank.delete(id);
  if (refund.status !== "pending" && refund.status !== "succeeded") return undefined;
  const before = refund.status;
  world.change(account, "refund.updated", refund, NOBODY, () => {
    refund.status = failure === null ? "succeeded" : "failed";
    if (failure !== null) refund.failure_reason = failure;
  });
  if (refund.status === before) return { id, status: refund.status };
  world.emit(account, "charge.refund.updated", refund, NOBODY);
  if (failure !== null) {
    world.emit(account, "refund.failed", refund, NOBODY);
    const charge = account.charges.get(String(refund.charge));
    world.change(account, "charge.updated", charge, NOBODY, () => {
      charge.amount_refunded -= refund.amount;
      charge.refunded = false;
    });
  }
  return { id, status: refund.status };
}
