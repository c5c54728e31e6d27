import { describe, expect, it } from "vitest";
import { stripeGateway } from "../../../../shared/stripe/gateway.ts";
import { answer, listOf, recordedStripe } from "./recorded.ts";

const open = {
  id: "pi_1",
  status: "requires_action",
  metadata: { checkout_session_id: "1", organization_id: "o" },
};
const moreOf = (...data: object[]) =>
  answer({ object: "list", data, has_more: true, url: "/v1/list" });
const PAYMENTS = "GET /v1/payment_intents";
const SETUPS = "GET /v1/setup_intents";
const EVENTS = "GET /v1/events";

describe("a span of which a list holds more than a page", () => {
  it.each([PAYMENTS, SETUPS])("is not read further, where it can be halved: %s", async (list) => {
    const { stripe, calls } = recordedStripe({
      [PAYMENTS]: [listOf(open)],
      [SETUPS]: [listOf()],
      [list]: [moreOf(open), listOf()],
    });
    const { backlog } = stripeGateway(stripe);
    expect(await backlog.openIntents(null, { from: 1, to: 2 })).toBeUndefined();
    expect(calls().filter((call) => call === list)).toHaveLength(1);
  });

  it("is read to its end where it is a second", async () => {
    const { stripe } = recordedStripe({
      [PAYMENTS]: [moreOf(open), listOf({ ...open, id: "pi_2" })],
      [SETUPS]: [listOf(
        { ...open, id: "seti_1" },
        ...["succeeded", "processing", "canceled"].map((status) =>
          Object.assign({}, open, { status })
        ),
      )],
    });
    const { backlog } = stripeGateway(stripe);
    expect(await backlog.openIntents(null, { from: 1, to: 1 })).toEqual(
      ["pi_1", "pi_2", "seti_1"].map((id) => ({ id, organizationId: "o" })),
    );
  });

  it("is halved for its events too", async () => {
    const { stripe } = recordedStripe({ [EVENTS]: [moreOf({ id: "evt_1", created: 1 })] });
    const { backlog } = stripeGateway(stripe);
    expect(await backlog.undelivered(null, { from: 1, to: 2 }, ["charge.refunded"]))
      .toBeUndefined();
  });
});
