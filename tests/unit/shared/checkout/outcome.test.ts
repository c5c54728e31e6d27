import { describe, expect, it } from "vitest";
import { givenUp } from "../../../../shared/checkout/outcome.ts";
import { read } from "../../../../shared/stripe/write.ts";
import { SESSION } from "../stripe/plans.ts";
import { type Answer, invalid, lost, missing, recordedStripe } from "../stripe/recorded.ts";
import { recordedLog } from "../support/recorded-database.ts";

async function outcomeOf(reply: Answer, overdue: boolean) {
  const { stripe } = recordedStripe({ "GET /v1/customers/cus_1": [reply] });
  const { log, lines } = recordedLog();
  const error: unknown = await read(() => stripe.customers.retrieve("cus_1"))
    .catch((thrown: unknown) => thrown);
  try {
    return { fulfilled: givenUp({ log }, { sessionId: SESSION, overdue }, error), lines };
  } catch (thrown) {
    return { isRethrown: thrown === error, lines };
  }
}

const mendable = invalid({ code: "stripe_tax_inactive" });
const final = missing("items[0][price]");

describe("a paid session that could not be fulfilled", () => {
  it.each([["before", false], ["behind", true]])(
    "goes back at once where Stripe's refusal is final, %s its deadline",
    async (_when, overdue) => {
      expect((await outcomeOf(final, overdue)).fulfilled)
        .toEqual({ outcome: "refused", reason: "fulfillment_refused" });
    },
  );

  it.each([["refuses what somebody can mend", mendable], ["does not answer", lost]])(
    "is tried again until its deadline where Stripe %s, and goes back then",
    async (_what, reply) => {
      expect(await outcomeOf(reply, false)).toMatchObject({ isRethrown: true });
      expect((await outcomeOf(reply, true)).fulfilled)
        .toEqual({ outcome: "refused", reason: "deadline_passed" });
    },
  );

  it("is told to whoever can mend it, and not where Stripe was only away", async () => {
    expect((await outcomeOf(mendable, false)).lines.join()).toContain("stripe refused");
    expect((await outcomeOf(lost, false)).lines).toEqual([]);
  });
});
