import { newId } from "../core/ids.ts";
import { APPLICATION } from "../entities/payment-intent.ts";
import type { Charge } from "../store/types.ts";
import type { Context } from "./context.ts";

/** The platform's share of a connected account's charge: an object of the platform's own. */
export function takeFee({ world, account }: Context, charge: Charge): void {
  const amount = charge.application_fee_amount ?? 0;
  if (amount === 0) return;
  const id = newId("fee");
  charge.application_fee = id;
  world.platform.applicationFees.add({
    id,
    object: "application_fee",
    account: account.id,
    amount,
    amount_refunded: 0,
    application: APPLICATION,
    balance_transaction: null,
    charge: charge.id,
    created: world.clock.now(),
    currency: charge.currency,
    fee_source: { charge: charge.id, type: "charge" },
    livemode: false,
    originating_transaction: null,
    refunded: false,
    refunds: {
      object: "list",
      data: [],
      has_more: false,
      url: `/v1/application_fees/${id}/refunds`,
    },
  });
}

/**
 * Gives the fee of a refunded charge back: all of it with a full refund, a proportional part with another (the pinned package's
 * comment on `RefundCreateParams.refund_application_fee`). That a part is rounded to the nearest unit is inferred.
 */
export function returnFee({ world, actor }: Context, charge: Charge): void {
  if (typeof charge.application_fee !== "string") return;
  const fee = world.platform.applicationFees.get(charge.application_fee);
  const due = Math.round(fee.amount * charge.amount_refunded / charge.amount_captured);
  const amount = due - fee.amount_refunded;
  if (amount <= 0) return;
  fee.refunds.data.push({
    id: newId("fr"),
    object: "fee_refund",
    amount,
    balance_transaction: null,
    created: world.clock.now(),
    currency: fee.currency,
    fee: fee.id,
    metadata: {},
  });
  world.change(world.platform, "application_fee.refunded", fee, actor, () => {
    fee.amount_refunded = due;
    fee.refunded = due === fee.amount;
  });
}
