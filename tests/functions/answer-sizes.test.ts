import { createCheckoutClient } from "@billingos/checkout";
import { afterAll, expect, it } from "vitest";
import { openShop } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

const { functionsUrl } = stack();
const shop = await openShop(stack());
afterAll(() => shop.close());

it("a checkout's answers are small", async () => {
  const bytes: number[] = [];
  const client = createCheckoutClient({
    functionsUrl,
    sessionToken: await shop.token(),
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      bytes.push((await response.clone().arrayBuffer()).byteLength);
      return response;
    },
  });
  const { id, clientSecret } = await client.create({ priceId: shop.pro.priceId });
  await client.confirm({ clientSecret, paymentMethodId: "pm_card_visa" });
  await client.status(id);
  const [created = Infinity, confirmed = Infinity, read = Infinity] = bytes;
  expect(bytes).toHaveLength(3);
  expect(created).toBeLessThan(1_000);
  expect(confirmed).toBeLessThan(400);
  expect(read).toBeLessThan(1_000);
});
