import { invalid, noSuch } from "../core/errors.ts";
import { checkStep } from "../core/money.ts";
import { choice, flag, integer, metadata, text, timeRange } from "../core/params.ts";
import { route } from "../http/router.ts";
import type { Call } from "../http/router.ts";
import { returnFee } from "../operations/application-fees.ts";
import { checkNotChargedBack, closeInquiries } from "../operations/disputes.ts";
import { makeRefund } from "../operations/refunds.ts";
import { inRange, PAGE, paginate } from "../store/list.ts";
import type { Charge } from "../store/types.ts";
import { mergeMetadata } from "./shared.ts";

function chargeNamed(
  { account }: Call,
  params: { charge?: string; payment_intent?: string },
): Charge {
  if (params.charge !== undefined) return account.charges.get(params.charge, "charge");
  if (params.payment_intent === undefined) {
    throw invalid(
      "One of the following params should be provided for this request: payment_intent or charge.",
    );
  }
  const intent = account.paymentIntents.find(params.payment_intent);
  if (intent === undefined) {
    throw noSuch("payment_intent", params.payment_intent, "payment_intent");
  }
  const charge = intent.latest_charge === null
    ? undefined
    : account.charges.find(intent.latest_charge);
  if (intent.status !== "succeeded" || charge === undefined) {
    throw invalid(
      `This PaymentIntent (${intent.id}) does not have a successful charge to refund.`,
      { code: "charge_not_refundable", param: "payment_intent" },
    );
  }
  return charge;
}

function checkRefundable(charge: Charge, amount: number): void {
  if (charge.refunded) {
    throw invalid(`Charge ${charge.id} has already been refunded.`, {
      code: "charge_already_refunded",
    });
  }
  if (charge.status !== "succeeded") {
    throw invalid(`Charge ${charge.id} cannot be refunded: it is ${charge.status}.`, {
      code: "charge_not_refundable",
    });
  }
  const left = charge.amount_captured - charge.amount_refunded;
  if (amount < 1) {
    throw invalid("This value must be greater than or equal to 1.", {
      code: "parameter_invalid_integer",
      param: "amount",
    });
  }
  checkStep(amount, charge.currency);
  if (amount > left) {
    throw invalid(
      `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`,
      { param: "amount" },
    );
  }
}

const create = route("POST", "/v1/refunds", {
  amount: integer(),
  charge: text(),
  metadata: metadata(),
  payment_intent: text(),
  reason: choice("duplicate", "fraudulent", "requested_by_customer"),
  refund_application_fee: flag(),
}, (call) => {
  const { params } = call;
  const charge = chargeNamed(call, params);
  const amount = params.amount ?? charge.amount_captured - charge.amount_refunded;
  if (params.refund_application_fee === true && charge.application_fee === null) {
    throw invalid(
      `Attempting to refund_application_fee on charge ${charge.id}, but it has no application fee`,
      { param: "refund_application_fee" },
    );
  }
  checkRefundable(charge, amount);
  checkNotChargedBack(call, charge);
  const refund = makeRefund(call, charge, {
    amount,
    metadata: mergeMetadata({}, params.metadata),
    reason: params.reason ?? null,
  });
  if (params.refund_application_fee === true) returnFee(call, charge);
  closeInquiries(call, charge);
  return refund;
});

const retrieve = route(
  "GET",
  "/v1/refunds/:id",
  {},
  ({ account, ids }) => account.refunds.get(ids[0] ?? ""),
);

const all = route("GET", "/v1/refunds", {
  ...PAGE,
  charge: text(),
  created: timeRange(),
  payment_intent: text(),
}, ({ account, params }) => {
  const rows = account.refunds.all().filter((refund) =>
    inRange(refund.created, params.created) &&
    (params.charge === undefined || refund.charge === params.charge) &&
    (params.payment_intent === undefined || refund.payment_intent === params.payment_intent)
  );
  return paginate(rows, params, "/v1/refunds", "refund");
});

export const refundRoutes = [create, retrieve, all];
