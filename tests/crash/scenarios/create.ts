import type { Ground } from "../ground.ts";
import type { Scenario, Scene } from "../seams.ts";

const TWENTY_MINUTES = 1_200;

async function creating({ shop, user }: Scene) {
  const token = await shop.token(user);
  return () => shop.client.create(token, { priceId: shop.pro.priceId });
}

async function creatingTaxed({ shop, user }: Scene) {
  await shop.query("update public.organizations set tax_enabled = true where id = $1", [
    shop.organizationId,
  ]);
  const token = await shop.token(user);
  const customer = { address: { country: "DE" } };
  return () => shop.client.create(token, { priceId: shop.pro.priceId, customer });
}

const triedAgain = (shop: keyof Ground["shops"]): Scenario => ({
  name: `a create on the ${shop} account that is tried again and paid`,
  slug: "checkout-create",
  shop,
  prepare: async (scene) => {
    const create = await creating(scene);
    return { act: create, afterwards: async () => scene.shop.pay(await create()) };
  },
  ends: [["succeeded"]],
});

export const createScenarios: readonly Scenario[] = [
  triedAgain("platform"),
  triedAgain("connected"),
  {
    name: "a create with tax that is tried again and paid",
    slug: "checkout-create",
    shop: "platform",
    prepare: async (scene) => {
      const create = await creatingTaxed(scene);
      const untax = () =>
        scene.shop.query("update public.organizations set tax_enabled = false where id = $1", [
          scene.shop.organizationId,
        ]);
      return {
        act: create,
        afterwards: async () => {
          await scene.shop.pay(await create());
          await untax();
        },
      };
    },
    ends: [["succeeded"]],
  },
  {
    name: "a create that is tried again only twenty minutes later",
    slug: "checkout-create",
    shop: "platform",
    prepare: async (scene) => {
      const create = await creating(scene);
      return {
        act: create,
        afterwards: async () => {
          await scene.passage.pass(TWENTY_MINUTES);
          await scene.ground.reconcile();
          return scene.shop.pay(await create());
        },
      };
    },
    ends: [["succeeded"]],
  },
  {
    name: "a create whose caller never comes back",
    slug: "checkout-create",
    shop: "platform",
    prepare: async (scene) => ({ act: await creating(scene) }),
    // Before the row there is nothing to end.
    ends: [["expired", "none"]],
  },
];
