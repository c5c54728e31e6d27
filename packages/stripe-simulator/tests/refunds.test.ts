import { describe, expect, it } from "vitest";
import { idOf, RETURN_URL, useBench } from "./simulator.ts";

const bench = useBench();

async function refunded(method: string) {
  const intent = await bench.stripe.paymentIntents.create({
    amount: 2000,
    currency: "usd",
    confirm: true,
    payment_method: method,
    return_url: RETURN_URL,
  });
  const charge = idOf(intent.latest_charge);
  return { refund: await bench.stripe.refunds.create({ payment_intent: intent.id }), charge };
}

const typesAbout = async (id: string) => {
  const { data } = await bench.stripe.events.list({ limit: 100 });
  return data.filter(({ data: { object } }) => "id" in object && object.id === id)
    .map(({ type }) => type).toSorted();
};

describe("a refund that the bank answers later", () => {
  it("is pending, and settles with time", async () => {
    const { refund } = await refunded("pm_card_pendingRefund");
    expect(refund.status).toBe("pending");
    await bench.admin("POST", "/clock/advance", { seconds: 3600 });
    expect((await bench.stripe.refunds.retrieve(refund.id)).status).toBe("succeeded");
    expect(await typesAbout(refund.id)).toEqual([
      "charge.refund.updated",
      "refund.created",
      "refund.updated",
    ]);
  });

  it("had succeeded, fails with time, and the money is on the charge again", async () => {
    const { refund, charge } = await refunded("pm_card_refundFail");
    expect(refund.status).toBe("succeeded");
    await bench.admin("POST", "/clock/advance", { seconds: 3600 });
    expect(await bench.stripe.refunds.retrieve(refund.id))
      .toMatchObject({ status: "failed", failure_reason: "unknown" });
    expect(await bench.stripe.charges.retrieve(charge))
      .toMatchObject({ refunded: false, amount_refunded: 0 });
    expect(await typesAbout(refund.id)).toContain("refund.failed");
    const again = await bench.stripe.refunds.create({ charge });
    expect(again.amount).toBe(2000);
  });

  it("fails when it is told to, once", async () => {
    const { refund } = await refunded("pm_card_visa");
    await bench.admin("POST", `/refunds/${refund.id}/fail`);
    await expect(bench.admin("POST", `/refunds/${refund.id}/fail`)).rejects.toThrow(
      /nothing of that kind/,
    );
    expect((await bench.stripe.refunds.retrieve(refund.id)).status).toBe("failed");
  });
});

it("a reset world is empty, at real time", async () => {
  await bench.admin("POST", "/clock/advance", { seconds: 86_400 });
  await bench.admin("POST", "/reset");
  expect(await bench.now() - Date.now() / 1000).toBeLessThan(60);
  expect((await bench.stripe.refunds.list()).data).toEqual([]);
});
