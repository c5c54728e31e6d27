import { randomUUID } from "node:crypto";
import { afterAll, expect, it } from "vitest";
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
