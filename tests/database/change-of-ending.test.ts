import { expect, it } from "vitest";
import { changesOf, type Owner } from "./changing.ts";
import { newToken, openDatabase, openShop, ORGANIZATION } from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);
const { begin, onFreePlan } = changesOf(service, keyDigest);
await owner.rows(
  `with other as (
     insert into billing.products (organization_id, key, name) values ($1, 'free-too', 'Free too') returning id
   )
   insert into billing.product_prices (product_id, key, currency, unit_amount, recurring_interval)
   select id, 'free-too', 'usd', 0, 'year' from other`,
  [ORGANIZATION],
);

const set = async ({ user, subscriptionId }: Owner, ending: boolean) =>
  service.call("begin_ending", {
    p_token_id: await newToken(service, keyDigest, user, ["subscription"]),
    p_livemode: false,
    p_subscription_id: subscriptionId,
    p_ending: ending,
  });
async function change(customer: Owner) {
  const { session } = await begin(customer, "free-too");
  return service.call("complete_free_checkout", {
    p_session_id: session.id,
    p_token_id: await newToken(service, keyDigest, customer.user),
    p_livemode: false,
  });
}
const endOf = ({ subscriptionId }: Owner) =>
  owner.row(
    `select cancel_at_period_end as ending, cancel_at = current_period_end as "withPeriod",
       current_period_end > now() + interval '364 days' as "ofTheYear"
     from billing.subscriptions where id = $1`,
    [subscriptionId],
  );

// As Stripe has it of a paid one that is changed: https://docs.stripe.com/changelog/basil/2025-07-30/cancel-at-enums
it("a free plan that is to end and changes ends with its new period, and may go on until then", async () => {
  const customer = await onFreePlan();
  await set(customer, true);
  expect(await change(customer)).toMatchObject({ outcome: "succeeded" });
  expect(await endOf(customer)).toEqual({ ending: true, withPeriod: true, ofTheYear: true });
  expect(await set(customer, false)).toMatchObject({
    outcome: "read",
    subscription: { cancelAtPeriodEnd: false },
  });
});

it("a free plan that goes on and changes goes on", async () => {
  const customer = await onFreePlan();
  expect(await change(customer)).toMatchObject({ outcome: "succeeded" });
  expect(await endOf(customer)).toEqual({ ending: false, withPeriod: null, ofTheYear: true });
});
