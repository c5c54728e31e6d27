import type Stripe from "stripe";
import { disputeFacts } from "../../../shared/stripe/billing-facts.ts";
import { found } from "../../../shared/stripe/errors.ts";
import { idOf } from "../../../shared/stripe/ids.ts";
import { syncCharge, syncDispute } from "../../../shared/sync/billing.ts";
import { drift, type Finding } from "../finding.ts";
import { findings, listed, type Look, nextRows, type Stage } from "../look.ts";
import type { PaymentRow, Row } from "../rows.ts";
import { compareInvoice } from "./invoices.ts";

/** Refunds made since, by whomever, of payments that are a checkout's or an invoice's. */
export const refundsSince: Stage = {
  name: "refunds",
  async page(look, after) {
    const { rows, stripe } = look;
    const { data, last } = await listed(
      look,
      after,
      (params, options) => stripe.refunds.list(params, options),
    );
    const charges = new Map(
      data.flatMap(({ payment_intent: intent, charge }) =>
        intent === null || charge === null ? [] : [[idOf(intent), idOf(charge)] as const]
      ),
    );
    const ours = await rows.payments([...charges.keys()]);
    const invoices = new Map(
      (await rows.invoices(ours.flatMap(({ invoiceId }) => invoiceId ?? [])))
        .map((row) => [row.stripeId, row]),
    );
    return {
      findings: await findings(
        look,
        ours,
        ({ intent }) => ({ kind: "payment", stripeId: intent }),
        (payment) =>
          payment.invoiceId === null
            ? comparePayment(look, payment, charges.get(payment.intent) ?? "")
            : compareInvoice(look, payment.invoiceId, invoices.get(payment.invoiceId)),
      ),
      read: data.length,
      last,
    };
  },
};

async function comparePayment(
  { ports, place }: Look,
  { intent, amountRefunded: here }: PaymentRow,
  chargeId: string,
): Promise<readonly Finding[]> {
  const charge = await found(ports.stripe.billing.charge(chargeId, place.account));
  if (charge === undefined || charge.amount_refunded === here) return [];
  return [{
    kind: "payment",
    stripeId: intent,
    problem: "differs",
    fields: [{ field: "amountRefunded", here, atStripe: charge.amount_refunded }],
    repair: () => syncCharge(ports, chargeId, place.account),
  }];
}

const named = (stripeId: string) => ({ kind: "dispute", stripeId }) as const;

/** Disputes opened since about such payments. */
export const disputesSince: Stage = {
  name: "disputes",
  async page(look, after) {
    const { rows, stripe } = look;
    const { data, last } = await listed(
      look,
      after,
      (params, options) => stripe.disputes.list(params, options),
    );
    const intents = data.flatMap(({ payment_intent: intent }) =>
      intent === null ? [] : [idOf(intent)]
    );
    const ours = new Set((await rows.payments(intents)).map(({ intent }) => intent));
    const known = new Map(
      (await rows.disputes(data.map(({ id }) => id))).map((row) => [row.stripeId, row]),
    );
    const due = data.filter(({ id, payment_intent: intent }) =>
      known.has(id) || (intent !== null && ours.has(idOf(intent)))
    );
    return {
      findings: await findings(
        look,
        due,
        ({ id }) => named(id),
        (one) => Promise.resolve(compareDispute(look, one, known.get(one.id))),
      ),
      read: data.length,
      last,
    };
  },
};

/** Older ones that were not decided yet when they were last told of. */
export const openDisputes: Stage = {
  name: "rows of open disputes",
  async page(look, after) {
    const { ports, place, rows } = look;
    const { page, last } = await nextRows(after, rows.openDisputes);
    return {
      findings: await findings(
        look,
        page,
        ({ stripeId }) => named(stripeId),
        async (row) => {
          const one = await found(ports.stripe.billing.dispute(row.stripeId, place.account));
          return one === undefined
            ? [{ ...named(row.stripeId), problem: "gone" }]
            : compareDispute(look, one, row);
        },
      ),
      read: page.length,
      last,
    };
  },
};

function compareDispute(
  { ports, place }: Look,
  dispute: Stripe.Dispute,
  row: Row | undefined,
): readonly Finding[] {
  const facts = disputeFacts(dispute);
  if (facts === null) return [];
  const fields = row === undefined ? [] : drift({ ...facts }, row.facts);
  if (row !== undefined && fields.length === 0) return [];
  return [{
    ...named(dispute.id),
    ...(row === undefined ? { problem: "missing" } : { problem: "differs", fields }),
    repair: () => syncDispute(ports, dispute.id, place.account),
  }];
}
