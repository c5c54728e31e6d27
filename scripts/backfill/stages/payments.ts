import { found } from "../../../shared/stripe/errors.ts";
import { idOf } from "../../../shared/stripe/ids.ts";
import { findings, listed, type Stage } from "../look.ts";
import { labelled, sellersOf } from "./lost.ts";

/**
 * Payments since of checkouts that the database has forgotten, which neither a checkout nor an invoice here knows: money for which
 * nobody has anything. What went back since is nobody's concern.
 */
export const paymentsSince: Stage = {
  name: "payments",
  async page(look, after) {
    const { ports, place, rows, stripe } = look;
    const { data, last } = await listed(
      look,
      after,
      (params, options) => stripe.paymentIntents.list(params, options),
    );
    const paid = data.filter((one) => one.status === "succeeded" && labelled(one) !== undefined);
    const sellers = await sellersOf(look, paid);
    const known = new Set(
      (await rows.payments(paid.map(({ id }) => id))).map(({ intent }) => intent),
    );
    const due = paid.filter((one) => {
      const { organizationId = "", sessionId = "" } = labelled(one) ?? {};
      return sellers.has(organizationId) && !known.has(one.id) && !look.billed.has(one.id) &&
        !look.lost.has(sessionId);
    });
    return {
      findings: await findings(
        look,
        due,
        ({ id }) => ({ kind: "payment", stripeId: id }),
        async ({ id, latest_charge: charge }) => {
          const paidBy = charge === null
            ? undefined
            : await found(ports.stripe.billing.charge(idOf(charge), place.account));
          return paidBy?.refunded === true
            ? []
            : [{ kind: "payment", stripeId: id, problem: "lost" }];
        },
      ),
      read: data.length,
      last,
    };
  },
};
