import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { attach, type Begun, SCALE, SEATS } from "./changing.ts";
import { payLate } from "./fulfilling.ts";
import { openRaces } from "./races.ts";
import {
  beginArguments,
  type Connection,
  MONTHLY,
  newToken,
  type OpenSession,
  openSession,
  ORGANIZATION,
  record,
  YEARLY,
} from "./support.ts";

const { first, second, owner, keyDigest, race } = await openRaces();

await owner.rows(
  `insert into billing.discounts (organization_id, code, percent_off, first_time_only)
   values ($1, 'NEW-HALF', 50, true), ($1, 'NEW-FIFTH', 20, true), ($1, 'ANYBODY', 10, false)`,
  [ORGANIZATION],
);
let user = "";
beforeEach(() => {
  user = randomUUID();
});

const begin = async (price: string, code = "NEW-HALF") =>
  first.call<Begun>(
    "begin_checkout",
    beginArguments(await newToken(first, keyDigest, user), {
      p_price_id: price,
      p_coupon_code: code,
    }),
  );
const open = async (price: string, code = "NEW-HALF") =>
  attach(first, (await begin(price, code)).session.id, price === SCALE ? "seti" : "pi");
const attempt = ({ sessionId }: OpenSession) => (connection: Connection) =>
  connection.call("begin_attempt", {
    p_session_id: sessionId,
    p_stripe_payment_method_id: "pm_1",
    p_intent_status: "requires_payment_method",
  });

const underWay: [string, (session: OpenSession) => Promise<unknown>][] = [
  ["is just being confirmed", (session) => attempt(session)(first)],
  ["is paid by a bank debit that takes days", (session) => record(first, session, "processing")],
  ["is being fulfilled", (session) => record(first, session, "succeeded")],
  ["was paid after its expiry and is being fulfilled", (session) => payLate(first, owner, session)],
];

describe("a discount for new customers is given once: while a checkout with one", () => {
  it.each(underWay)("%s, no card is charged for another product with one", async (_, pay) => {
    const [one, other] = [await open(MONTHLY), await open(SEATS, "NEW-FIFTH")];
    await pay(one);
    expect(await attempt(other)(second)).toEqual({ outcome: "coupon_first_time_only" });
  });

  it.each(underWay)("%s, no other product is offered with one", async (_, pay) => {
    await pay(await open(MONTHLY));
    expect(await begin(SEATS, "NEW-FIFTH")).toEqual({ outcome: "coupon_first_time_only" });
    expect(await begin(SEATS, "ANYBODY")).toMatchObject({ outcome: "created" });
  });

  it("that begins a trial is confirmed, no card is charged for another product with one", async () => {
    const [one, other] = [await open(SCALE), await open(MONTHLY)];
    await attempt(one)(first);
    expect(await attempt(other)(second)).toEqual({ outcome: "coupon_first_time_only" });
  });

  it("and one without are under way, the discount is still due", async () => {
    const [one, other] = [await open(MONTHLY, "ANYBODY"), await open(SEATS)];
    await record(first, one, "processing");
    expect(await attempt(other)(second)).toMatchObject({ outcome: "confirm" });
  });

  it("is on an account that the organization has left, the discount is still due", async () => {
    await record(first, await open(MONTHLY), "processing");
    await owner.rows(
      "update billing.organizations set stripe_account_id = 'acct_new' where id = $1",
      [ORGANIZATION],
    );
    const { outcome } = await begin(SEATS);
    await owner.rows("update billing.organizations set stripe_account_id = null where id = $1", [
      ORGANIZATION,
    ]);
    expect(outcome).toBe("created");
  });

  it("is another customer's, it is still due to this one", async () => {
    await record(first, await open(MONTHLY), "processing");
    user = randomUUID();
    expect(await attempt(await open(SEATS))(second)).toMatchObject({ outcome: "confirm" });
  });
});

it("of two checkouts with discounts for new customers that confirm at the same instant, one charges its card", async () => {
  const [one, other] = [await open(MONTHLY), await open(SEATS, "NEW-FIFTH")];
  const [won, late] = await race(attempt(one), attempt(other), "begin_attempt");
  expect([won.outcome, late.outcome]).toEqual(["confirm", "coupon_first_time_only"]);
});

it.each([
  ["was refused", "requires_payment_method"],
  ["waits for the customer's bank, whose page may have been left", "requires_action"],
  ["was given up", "canceled"],
])("a discount for new customers is due again once the first payment %s", async (_, status) => {
  const [one, other] = [await open(MONTHLY), await open(SEATS)];
  await attempt(one)(first);
  await record(first, one, status, { p_attempt_number: 1 });
  expect(await attempt(other)(second)).toMatchObject({ outcome: "confirm" });
});

it("a second checkout of the same product is told of the payment and not that its customer is not new", async () => {
  await record(first, await open(MONTHLY), "processing");
  const other = await open(YEARLY);
  expect(await attempt(other)(second)).toEqual({ outcome: "payment_in_progress" });
});

it("whose checkout has no such discount confirms one product after the other", async () => {
  const [one, other] = [
    await openSession(first, keyDigest, user),
    await openSession(first, keyDigest, user, { p_price_id: SEATS }),
  ];
  await attempt(one)(first);
  expect(await attempt(other)(second)).toMatchObject({ outcome: "confirm" });
});
