import { randomUUID } from "node:crypto";
import type { Ground } from "../ground.ts";
import type { Scenario, Scene } from "../seams.ts";

const TWENTY_MINUTES = 1_200;

/** A price of its own: what a function has read of a price it remembers until it dies. */
const newPrice = async ({ shop }: Scene) => (await shop.sell(`Offer-${randomUUID()}`, {})).priceId;

async function creating(scene: Scene) {
  const { shop, user } = scene;
  const token = await shop.token(user);
  const priceId = await newPrice(scene);
  return () => shop.client.create(token, { priceId });
}

/** A coupon that Stripe is yet to be told of. */
async function creatingDiscounted(scene: Scene) {
  const { shop, user } = scene;
  const code = randomUUID();
  await shop.offer({ code, percent_off: 50 });
  const token = await shop.token(user);
  const priceId = await newPrice(scene);
  return () => shop.client.create(token, { priceId, couponCode: code });
}

async function creatingTaxed(scene: Scene) {
  const { shop, user } = scene;
  await shop.query("update billing.organizations set tax_enabled = true where id = $1", [
    shop.organizationId,
  ]);
  const token = await shop.token(user);
  const customer = { address: { country: "DE" }, taxId: "DE123456789" };
  const priceId = await newPrice(scene);
  return () => shop.client.create(token, { priceId, customer });
}

const triedAgain = (
  name: string,
  shop: keyof Ground["shops"],
  prepare: typeof creating,
  ends: Scenario["ends"] = [["succeeded"]],
): Scenario => ({
  name: `a create ${name} that is tried again and paid`,
  slug: "checkout-create",
  shop,
  prepare: async (scene) => {
    const create = await prepare(scene);
    return { act: create, afterwards: async () => scene.shop.pay(await create()) };
  },
  ends,
});

export const createScenarios: readonly Scenario[] = [
  triedAgain("on the platform account", "platform", creating),
  triedAgain("on the connected account", "connected", creating),
  triedAgain("with a coupon", "platform", creatingDiscounted),
  triedAgain("of a returning customer", "platform", async (scene) => {
    await scene.shop.pay(await scene.shop.create({ user: scene.user }));
    return creating(scene);
  }, [["succeeded"], ["succeeded"]]),
  {
    name: "a create with tax that is tried again and paid",
    slug: "checkout-create",
    shop: "platform",
    prepare: async (scene) => {
      const create = await creatingTaxed(scene);
      const untax = () =>
        scene.shop.query("update billing.organizations set tax_enabled = false where id = $1", [
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
