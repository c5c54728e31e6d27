import { afterAll, afterEach, describe, expect, it } from "vitest";
import { openShop, refusal } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const shop = await openShop(stack());
const { functionsUrl } = stack();

const limit = (name: string, count: number) =>
  shop.query("update billing.rate_limits set max_count = $2 where name = $1", [name, count]);
async function lift(): Promise<void> {
  await shop.query("update billing.rate_limits set max_count = 1000000 where name <> 'guard'");
  await shop.query("delete from billing.rate_counters");
  await shop.query("delete from billing.organization_guards");
}
afterEach(lift);
afterAll(() => shop.close());

const asked = async (token: string, headers: Record<string, string> = {}) =>
  fetch(`${functionsUrl}/checkout-create`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}`, ...headers },
    body: JSON.stringify({ priceId: shop.pro.priceId }),
  });

describe("a caller who asks too often", () => {
  it("is told 429 with the seconds to wait", async () => {
    const token = await shop.token();
    await limit("create_per_token", 1);
    expect((await asked(token)).status).toBe(201);
    const limited = await asked(token);
    expect(limited.status).toBe(429);
    expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(500);
    expect(await limited.json()).toMatchObject({ error: { code: "rate_limited" } });
  });

  it("is told the same by status, whether or not it shows the owner's token", async () => {
    const session = await shop.create();
    await shop.query("delete from billing.rate_counters");
    await limit("status_per_session", 1);
    expect(await shop.status(session)).toMatchObject({ status: "pending" });
    expect(await refusal(shop.status(session))).toMatchObject({ status: 429 });
    const own = shop.client.ownStatus(await shop.token(), session.id);
    expect(await refusal(own)).toMatchObject({ status: 429, code: "rate_limited" });
  });

  it("is told the same where tokens are made", async () => {
    await limit("tokens_per_customer", 1);
    await shop.token("somebody");
    expect(await refusal(shop.token("somebody"))).toMatchObject({
      status: 429,
      code: "rate_limited",
    });
    expect(await shop.token("somebody else")).toMatch(/^bos_session_/);
  });

  it("cannot hide behind a forwarding header of its own making", async () => {
    await shop.query("delete from billing.rate_counters");
    await limit("create_per_address", 2);
    const statuses: number[] = [];
    for (const forged of ["203.0.113.1", "203.0.113.2", "203.0.113.3"]) {
      const response = await asked(await shop.token(), {
        "x-forwarded-for": forged,
        "cf-connecting-ip": forged,
        "x-real-ip": forged,
      });
      statuses.push(response.status);
    }
    expect(statuses).toEqual([201, 201, 429]);
  });

  it("leaves no address behind: only a digest under the day's salt", async () => {
    await asked(await shop.token());
    const rows = await shop.query<{ subject: string }>(
      "select subject from billing.rate_counters where name = 'create_per_address'",
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.subject).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});

describe("a card tester", () => {
  it("is stopped in one session after its share of cards", async () => {
    await limit("confirm_per_session", 2);
    const session = await shop.create();
    for (let n = 0; n < 2; n += 1) await refusal(shop.pay(session, "pm_card_chargeDeclined"));
    expect(await refusal(shop.pay(session))).toMatchObject({ status: 429, code: "rate_limited" });
  });

  it("is stopped across sessions by the guard, which an operator can see and lift", async () => {
    await limit("declines_per_organization", 2);
    for (let n = 0; n < 3; n += 1) {
      await refusal(shop.pay(await shop.create(), "pm_card_chargeDeclined"));
    }
    expect(await refusal(shop.create())).toMatchObject({ status: 429, code: "rate_limited" });
    const guards = await shop.query(
      "select 1 from billing.organization_guards where organization_id = $1 and until > now()",
      [shop.organizationId],
    );
    expect(guards).toHaveLength(1);

    const other = await openShop(stack());
    try {
      expect(await other.pay(await other.create())).toMatchObject({ status: "active" });
    } finally {
      await other.close();
    }
    await lift();
    expect(await shop.pay(await shop.create())).toMatchObject({ status: "active" });
  });
});
