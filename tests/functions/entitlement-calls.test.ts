import { randomUUID } from "node:crypto";
import { afterAll, expect, it } from "vitest";
import { endingResponse, subscriptionsResponse } from "../../shared/contract/subscription.ts";
import { openGround } from "../crash/ground.ts";

const ground = await openGround();
afterAll(() => ground.close());

it.each([
  ["/entitlements", "read_entitlements"],
  ["/features/entitlements", "read_entitlements"],
  ["/features/check?feature_key=pro-1", "read_entitlements"],
  ["/products", "read_products"],
  ["/subscription", "read_subscriptions"],
])(
  "GET %s is one call of the database, and none of anything else",
  async (path, name) => {
    const shop = ground.shops.platform;
    const user = randomUUID();
    await shop.pay(await shop.create({ user }));
    const token = await shop.token(user);
    await shop.idle();
    const watch = ground.proxy.watch();
    const response = await fetch(`${ground.stack.info.functionsUrl}${path}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    watch.end();
    expect(response.status).toBe(200);
    expect(await response.text()).toContain(shop.pro.productId);
    expect(watch.calls.map((each) => each.name)).toEqual([`SQL ${name}`]);
  },
);

it.each(["before", "after"] as const)(
  "a cancellation whose function dies %s Stripe carries it out is brought about when it is asked for again",
  async (moment) => {
    const shop = ground.shops.platform;
    const user = randomUUID();
    await shop.pay(await shop.create({ user }));
    const token = await shop.token(user);
    const url = `${ground.stack.info.functionsUrl}/subscription`;
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const shown = async () => {
      const answer = await fetch(url, { headers });
      const { subscriptions: [one] } = subscriptionsResponse.parse(await answer.json());
      if (one === undefined) throw new Error("there is no subscription");
      return one;
    };
    const { id } = await shown();
    const kill = () => ground.stack.functions.kill("subscription");
    // begin_ending, locate_subscription, the reading at Stripe, and then the writing.
    const watch = ground.proxy.watch({ call: 4, moment, kill });
    const body = JSON.stringify({ subscriptionId: id });
    await fetch(`${url}/cancel`, { method: "POST", headers, body }).catch(() => undefined);
    watch.end();
    await ground.stack.functions.restart("subscription");
    expect(watch.struck).toBe(true);
    expect(watch.calls[3]?.name).toMatch(/POST .*subscriptions/);
    expect(await shown()).toMatchObject({ cancelAtPeriodEnd: false });
    const again = await fetch(`${url}/cancel`, { method: "POST", headers, body });
    expect(endingResponse.parse(await again.json()).subscription)
      .toMatchObject({ id, cancelAtPeriodEnd: true });
  },
);
