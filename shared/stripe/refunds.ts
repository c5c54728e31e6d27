import type Stripe from "stripe";
import type { SeenRefund } from "../domain/facts.ts";
import { disputeStage, mayComeBack } from "../domain/disputes.ts";
import { StripeRefusal } from "./errors.ts";
import { idempotencyKey } from "./idempotency.ts";
import { type Account, onAccount } from "./account.ts";
import { read, writeOrRefuse } from "./write.ts";

/** A payment that cannot be honored. */
export interface PaymentToRefund {
  readonly sessionId: string;
  readonly stripePaymentIntentId: string;
  readonly stripeAccountId: Account;
  /** Minor units. */
  readonly applicationFeeAmount: number;
  /** Whether a refund may be made where none stands; else it is only looked at what there is. */
  readonly mayRefund: boolean;
}

/** Which payment it is, and whose session's. */
type SessionsPayment = Pick<
  PaymentToRefund,
  "sessionId" | "stripePaymentIntentId" | "stripeAccountId"
>;

const hasFailed = ({ status }: Stripe.Refund) => status === "failed" || status === "canceled";

/** Stripe's two words for a payment that its dispute keeps from being refunded: https://docs.stripe.com/error-codes */
const disputed: ReadonlySet<string> = new Set(["charge_disputed", "refund_disputed_payment"]);

const isAlreadyRefunded = (error: unknown) =>
  error instanceof StripeRefusal && error.stripeCode === "charge_already_refunded";

const isWhole = ({ charge }: Stripe.Refund) =>
  typeof charge === "object" && charge !== null && charge.refunded;

/** Old refunds have no status: they were over when they were made. */
const stateOf = ({ id, status }: Stripe.Refund) => ({ id, status: status ?? "succeeded" });

const isLost = ({ status }: Stripe.Dispute) => disputeStage(status) === "lost";

const amountOf = (disputes: readonly Stripe.Dispute[]) =>
  disputes.reduce((sum, { amount }) => sum + amount, 0);

/** Minor units of a disputed payment that no refund gave back. */
const leftOf = ({ charge }: Stripe.Dispute) =>
  typeof charge === "string" ? Infinity : charge.amount_captured - charge.amount_refunded;

/**
 * The session's own refund, unless it failed. It gives back what no other has given back by then: where one of those by hand fails later,
 * a part is owed again (package: Refund.failure_balance_transaction).
 */
function standing({ sessionId }: SessionsPayment, list: readonly Stripe.Refund[]) {
  const good = list.filter((refund) => !hasFailed(refund));
  const isAll = good.length === list.length;
  return good.find((refund) =>
    refund.metadata?.["checkout_session_id"] === sessionId && (isAll || isWhole(refund))
  ) ??
    // Somebody gave it all back by hand: that is what was wanted.
    good.find(isWhole);
}

/** The calls about refunds. */
export interface Refunds {
  retrieve(id: string, account: Account): Promise<Stripe.Refund>;
  /** Gives back a payment that Stripe collected for an invoice of a session which is not fulfilled. */
  giveBack(payment: SessionsPayment): Promise<void>;
  /** Minor units of a payment that disputes have taken, as far as is known for good. */
  lost(stripePaymentIntentId: string, account: Account): Promise<number>;
  /**
   * The refund that gives the whole payment back, with the platform's fee: the one that stands, else a new one where
   * it may be made, else the last that failed. Where Stripe refuses, what the bank took back stands for it; else the
   * money stays owed, and `refusal` says why.
   */
  ensure(payment: PaymentToRefund): Promise<SeenRefund & { readonly refusal?: StripeRefusal }>;
}

export function refunds(stripe: Stripe): Refunds {
  /** All of a payment, newest first. Listing by intent is consistent at once. */
  const listOf = async ({ stripePaymentIntentId, stripeAccountId }: SessionsPayment) => {
    const { data } = await read(() =>
      stripe.refunds.list(
        { payment_intent: stripePaymentIntentId, limit: 100, expand: ["data.charge"] },
        onAccount(stripeAccountId),
      )
    );
    return data;
  };

  const make = async (
    payment: Omit<PaymentToRefund, "mayRefund">,
    failures: number,
  ): Promise<Stripe.Refund> => {
    const { sessionId, stripePaymentIntentId, stripeAccountId, applicationFeeAmount } = payment;
    const parameters: Stripe.RefundCreateParams = {
      payment_intent: stripePaymentIntentId,
      reason: "requested_by_customer",
      metadata: { checkout_session_id: sessionId },
      // Stripe refuses it for a charge that had no fee.
      ...(applicationFeeAmount === 0 ? {} : { refund_application_fee: true }),
    };
    try {
      return await writeOrRefuse<Stripe.Refund>({
        account: stripeAccountId,
        // A refund that failed at the bank is kept under its key: the next one needs another.
        idempotencyKey: await idempotencyKey("refund", `${sessionId}:${failures}`, parameters),
        run: (keyed) => stripe.refunds.create(parameters, keyed),
        find: async () => standing(payment, await listOf(payment)),
      });
    } catch (error) {
      const byHand = isAlreadyRefunded(error)
        ? (await listOf(payment)).find((refund) => !hasFailed(refund))
        : undefined;
      if (byHand === undefined) throw error;
      return byHand;
    }
  };

  const disputesOf = async (stripePaymentIntentId: string, account: Account) => {
    const { data } = await read(() =>
      stripe.disputes.list(
        { payment_intent: stripePaymentIntentId, limit: 100, expand: ["data.charge"] },
        onAccount(account),
      )
    );
    return data;
  };

  /** What the customer's bank took back by itself: a refund in all but name, final once the dispute is lost. */
  const takenBack = async ({ stripePaymentIntentId, stripeAccountId }: PaymentToRefund) => {
    const data = await disputesOf(stripePaymentIntentId, stripeAccountId);
    const open = data.find(({ status }) => mayComeBack(status));
    if (open !== undefined) return { id: open.id, status: "pending" };
    const lost = data.filter(isLost);
    const [last] = lost;
    return last !== undefined && amountOf(lost) >= leftOf(last)
      ? { id: last.id, status: "succeeded" }
      : undefined;
  };

  return {
    retrieve: (id, account) => read(() => stripe.refunds.retrieve(id, {}, onAccount(account))),

    async giveBack(payment) {
      const list = await listOf(payment);
      if (standing(payment, list) !== undefined) return;
      // Of what Stripe collects for a subscription's invoice the platform has its share too.
      const { latest_charge: charge } = await read(() =>
        stripe.paymentIntents.retrieve(
          payment.stripePaymentIntentId,
          { expand: ["latest_charge"] },
          onAccount(payment.stripeAccountId),
        )
      );
      const fee = typeof charge === "string" ? null : charge?.application_fee_amount;
      await make({ ...payment, applicationFeeAmount: fee ?? 0 }, list.filter(hasFailed).length);
    },

    async lost(stripePaymentIntentId, account) {
      return amountOf((await disputesOf(stripePaymentIntentId, account)).filter(isLost));
    },

    async ensure(payment) {
      const list = await listOf(payment);
      const failed = list.filter(hasFailed);
      const failures = failed.length;
      const seen = standing(payment, list) ?? (payment.mayRefund ? undefined : failed[0]);
      try {
        return { ...stateOf(seen ?? await make(payment, failures)), failures };
      } catch (error) {
        if (!(error instanceof StripeRefusal)) throw error;
        const isTaken = disputed.has(error.stripeCode);
        const taken = isTaken ? await takenBack(payment) : undefined;
        if (taken !== undefined) return { ...taken, failures };
        const [last] = failed;
        return { ...(last === undefined ? {} : stateOf(last)), failures, refusal: error };
      }
    },
  };
}
