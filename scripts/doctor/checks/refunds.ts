import { check, told } from "../check.ts";
import { count } from "../project.ts";

/** Whether money waits for a person to give it back. */
export const refunds = check({
  name: "refunds",
  findings: {
    "given-up": {
      severity: "failure",
      fix: "give the money back in Stripe's dashboard or agree on another way with the customer",
    },
  },
  read: (project) =>
    count(
      project,
      // In the words of payment_intents_owed_idx, so that what was ever paid is not read.
      `select count(*) from billing.payment_intents
       where refund_status = 'given_up' and refund_reason is not null and released_at is null`,
    ),
  judge: (givenUp: number) =>
    told([givenUp > 0, "given-up", `${givenUp} refunds were returned by the bank and given up`]),
});
