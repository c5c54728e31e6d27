import { describe, expect, it } from "vitest";
import { attach, changesOf, type Owner, paid, subscriptionRow } from "./changing.ts";
import { racing } from "./races.ts";
import {
  complete,
  type Connection,
  MONTHLY,
  newToken,
  openDatabase,
  openShop,
  subscriptionFacts,
  untilBlocked,
} from "./support.ts";

// Whoever writes a free subscription takes its sessions first: two who take them in two orders wait for each other, and Postgres ends one.

const database = await openDatabase();
const [first, second, third, owner, observer] = await Promise.all([
  database.owner(),
  database.service(),
  database.service(),
  database.owner(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);
const race = racing({ first, second, observer });
const { begin, onFreePlan } = changesOf(second, keyDigest);

/** Somebody else, for whom all others wait. */
const hold = ({ subscriptionId }: Owner) => (connection: Connection) =>
  connection.rows("select from billing.subscriptions where id = $1 for update", [subscriptionId]);

describe("a free subscription that is paid for at the instant", () => {
  it.each<[string, string, unknown, (customer: Owner) => Promise<unknown>]>([
    [
      "its owner lets it end",
      "begin_ending",
      expect.objectContaining({ outcome: "at_stripe" }),
      async ({ user, subscriptionId }) =>
        third.call("begin_ending", {
          p_token_id: await newToken(owner, keyDigest, user, ["subscription"]),
          p_livemode: false,
          p_subscription_id: subscriptionId,
          p_ending: true,
        }),
    ],
    [
      "the merchant ends it",
      "cancel_free_subscription",
      false,
      ({ subscriptionId }) =>
        third.call("cancel_free_subscription", { p_subscription_id: subscriptionId }),
    ],
  ])("that %s is changed, and neither call fails", async (_what, name, answer, end) => {
    const customer = await onFreePlan();
    const { session: { id: sessionId } } = await begin(customer, MONTHLY);
    const change = await attach(second, sessionId);
    await paid(change)(second);
    const [, [changed, ended]] = await race(hold(customer), async (connection) => {
      const changing = complete(connection, change, subscriptionFacts());
      await untilBlocked(observer, "complete_checkout");
      return Promise.all([changing, end(customer)]);
    }, name);
    expect(changed).toMatchObject({ outcome: "succeeded" });
    expect(ended).toEqual(answer);
    expect(await subscriptionRow(owner, customer)).toMatchObject({
      price_id: MONTHLY,
      status: "active",
    });
  });
});
