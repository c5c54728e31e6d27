import { randomUUID } from "node:crypto";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { changesOf, FREE, SCALE } from "./changing.ts";
import {
  beginArguments,
  MONTHLY,
  newToken,
  openDatabase,
  openSession,
  openShop,
  statusOf,
  YEARLY,
} from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);
const { openChange, openDowngrade, onFreePlan, subscribed, begin } = changesOf(service, keyDigest);

beforeAll(async () => {
  await owner.rows(
    "update billing.products set stripe_product_id = 'prod_' || replace(id::text, '-', '')",
  );
});
beforeEach(async () => {
  await owner.rows(
    "update billing.products set active = true, archived_at = null, stripe_active = true",
  );
  await owner.rows(
    "update billing.product_prices set active = true, archived_at = null, stripe_active = true",
  );
});

/** Stripe's news that it sells a price no more, or the price's product. */
async function withdraw(what: "price" | "product", priceId: string) {
  const { price, product } = await owner.row<{ price: string; product: string }>(
    `select pr.stripe_price_id as price, p.stripe_product_id as product
     from billing.product_prices pr join billing.products p on p.id = pr.product_id where pr.id = $1`,
    [priceId],
  );
  const id = what === "price" ? price : product;
  const seen = await service.call("locate_offer", { p_stripe_id: id });
  const told = what === "price"
    ? service.call("record_price", {
      p_seen_revision: seen,
      p_stripe_price_id: id,
      p_active: false,
    })
    : service.call("record_product", { p_seen_revision: seen, p_product: { id, active: false } });
  expect(await told).toEqual({ outcome: "recorded" });
}

const attempt = (sessionId: string) =>
  service.call("begin_attempt", {
    p_session_id: sessionId,
    p_stripe_payment_method_id: "pm_card",
    p_intent_status: "requires_payment_method",
  });

async function openFree() {
  const tokenId = await newToken(service, keyDigest, randomUUID());
  const { session } = await service.call<{ session: { id: string } }>(
    "begin_checkout",
    beginArguments(tokenId, { p_price_id: FREE }),
  );
  return { p_session_id: session.id, p_token_id: tokenId, p_livemode: false };
}

/** A checkout of each mode, open when the news comes, and how it is confirmed. */
const modes: [string, string, () => Promise<() => Promise<unknown>>][] = [
  ["a payment", MONTHLY, async () => {
    const { sessionId } = await openSession(service, keyDigest);
    return () => attempt(sessionId);
  }],
  ["a trial", SCALE, async () => {
    const { sessionId } = await openSession(service, keyDigest, undefined, { p_price_id: SCALE });
    return () => attempt(sessionId);
  }],
  ["a paid change", YEARLY, async () => {
    const { sessionId } = await openChange(await subscribed(), YEARLY);
    return () => attempt(sessionId);
  }],
  ["a change with nothing due", YEARLY, async () => {
    const change = await openDowngrade(await subscribed(), YEARLY);
    return () => service.call("complete_free_checkout", change);
  }],
  ["a free plan", FREE, async () => {
    const free = await openFree();
    return () => service.call("complete_free_checkout", free);
  }],
];

describe("what Stripe sells no more is refused before money moves", () => {
  it.each(
    modes.flatMap(([mode, priceId, open]) =>
      (["price", "product"] as const).map((what) => [mode, what, priceId, open] as const)
    ),
  )("%s, whose %s is archived at Stripe while it is open", async (_mode, what, priceId, open) => {
    const confirm = await open();
    await withdraw(what, priceId);
    expect(await confirm()).toEqual({ outcome: "price_unavailable" });
  });

  it.each(modes)(
    "and %s that its owner alone has taken out still ends well",
    async (_mode, priceId, open) => {
      const confirm = await open();
      await owner.rows(
        "update billing.product_prices set active = false, archived_at = now() where id = $1",
        [priceId],
      );
      expect(await confirm()).toMatchObject({
        outcome: expect.stringMatching(/^(confirm|apply|succeeded)$/) as unknown,
      });
    },
  );

  it("counts no attempt and leaves the session open, so that it can be paid once the price is back", async () => {
    const session = await openSession(service, keyDigest);
    await withdraw("price", MONTHLY);
    await attempt(session.sessionId);
    expect(await statusOf(service, session)).toBe("open");
    await owner.rows("update billing.product_prices set stripe_active = true");
    expect(await attempt(session.sessionId)).toMatchObject({ outcome: "confirm", number: 1 });
  });

  it("shows an open checkout's secret to nobody who asks again, until it is sold again", async () => {
    const tokenId = await newToken(service, keyDigest);
    const ask = async () =>
      (await service.call<{ outcome: string }>("begin_checkout", beginArguments(tokenId))).outcome;
    expect(await ask()).toBe("created");
    expect(await ask()).toBe("existing");
    await withdraw("price", MONTHLY);
    expect(await ask()).toBe("price_unavailable");
    await owner.rows("update billing.product_prices set stripe_active = true");
    expect(await ask()).toBe("existing");
  });

  it("opens no new checkout, and is in no list", async () => {
    await withdraw("price", MONTHLY);
    const tokenId = await newToken(service, keyDigest);
    expect(await service.call("begin_checkout", beginArguments(tokenId)))
      .toEqual({ outcome: "price_unavailable" });
    expect((await begin(await onFreePlan(), MONTHLY)).outcome).toBe("price_unavailable");
    const shown = await service.call<object>("read_products", {
      p_token_id: tokenId,
      p_livemode: false,
    });
    expect(JSON.stringify(shown)).toContain(YEARLY);
    expect(JSON.stringify(shown)).not.toContain(MONTHLY);
  });
});
