import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { openRaces } from "./races.ts";
import {
  beginArguments,
  complete,
  type Connection,
  MONTHLY,
  newToken,
  openSession,
  ORGANIZATION,
  PRO_PRODUCT,
  record,
} from "./support.ts";

const FREE = "0b500000-0000-4000-8000-0000000000b1";
const EUR = "0b500000-0000-4000-8000-0000000000b4";
const STARTER_PRODUCT = "0b500000-0000-4000-8000-0000000000a1";

const { database, first, second, owner, keyDigest, race } = await openRaces();

interface Terms {
  readonly outcome: string;
  readonly details?: Record<string, unknown>;
  readonly session?: {
    readonly id: string;
    readonly amount: number;
    readonly discountAmount: number;
    readonly totalAmount: number;
    readonly intentKind: string;
    readonly checkoutMode: string;
    readonly previewed: boolean;
    readonly discount: object | null;
  };
}

const begin = async (
  connection: Connection,
  code: string,
  { user = randomUUID(), price = MONTHLY }: { user?: string; price?: string } = {},
) =>
  connection.call<Terms>(
    "begin_checkout",
    beginArguments(await newToken(connection, keyDigest, user), {
      p_price_id: price,
      p_coupon_code: code,
    }),
  );

/** The session once Stripe has said what its invoice comes to. */
const previewed = ({ session }: Terms, amounts: { discountAmount: number; amountDue: number }) =>
  first.call<NonNullable<Terms["session"]>>("record_preview", {
    p_session_id: session?.id,
    p_preview: { taxAmount: 0, ...amounts },
  });

/** A discount of its own, named as the table's columns; 50 % once unless told otherwise. */
async function offer(given: Record<string, unknown> = {}): Promise<string> {
  const code = `C-${randomUUID()}`;
  const row = {
    organization_id: ORGANIZATION,
    code,
    ...("amount_off" in given ? {} : { percent_off: 50 }),
    ...given,
  };
  const columns = Object.keys(row);
  await first.rows(
    `insert into billing.discounts (${columns.join(", ")})
     values (${columns.map((_, index) => `$${index + 1}`).join(", ")})`,
    Object.values(row),
  );
  return code;
}

describe("begin_checkout with a coupon", () => {
  it("freezes what the discount is, and shows the price until Stripe has said what it takes off", async () => {
    const code = await offer({ percent_off: 25, duration: "repeating", duration_in_months: 3 });
    const begun = await begin(first, code.toLowerCase());
    expect(begun).toMatchObject({
      outcome: "created",
      session: { amount: 2900, discountAmount: 0, totalAmount: 2900, previewed: false },
    });
    await owner.rows("update billing.discounts set percent_off = 50 where code = $1", [code]);
    const { discount } = await previewed(begun, { discountAmount: 725, amountDue: 2175 });
    expect(discount).toEqual({ code, percentOff: 25, duration: "repeating", months: 3 });
  });

  it("asks for the rest once Stripe has said what it takes off", async () => {
    const begun = await begin(first, await offer({ percent_off: 25 }));
    expect(await previewed(begun, { discountAmount: 725, amountDue: 2175 })).toMatchObject({
      amount: 2900,
      discountAmount: 725,
      totalAmount: 2175,
      intentKind: "payment",
      previewed: true,
    });
  });

  it("asks for a card alone where nothing is due", async () => {
    const begun = await begin(first, await offer({ amount_off: 5000, currency: "usd" }));
    expect(await previewed(begun, { discountAmount: 2900, amountDue: 0 })).toMatchObject({
      amount: 2900,
      discountAmount: 2900,
      totalAmount: 0,
      intentKind: "setup",
      checkoutMode: "standard",
    });
  });

  it.each(
    [
      ["nobody has made", () => Promise.resolve("NO-SUCH"), MONTHLY, "coupon_not_found", undefined],
      [
        "that was withdrawn",
        () => offer({ active: false }),
        MONTHLY,
        "coupon_not_found",
        undefined,
      ],
      [
        "of yesterday",
        () => offer({ expires_at: "2020-01-01" }),
        MONTHLY,
        "coupon_expired",
        undefined,
      ],
      [
        "for another product",
        () => offer({ product_id: STARTER_PRODUCT }),
        MONTHLY,
        "coupon_not_applicable",
        "product",
      ],
      [
        "in another currency",
        () => offer({ amount_off: 100, currency: "usd" }),
        EUR,
        "coupon_not_applicable",
        "currency",
      ],
      ["for what is free", () => offer(), FREE, "coupon_not_applicable", "free"],
    ] as const,
  )("refuses one %s", async (_, make, price, outcome, reason) => {
    const { details, ...refused } = await begin(first, await make(), { price });
    expect(refused).toEqual({ outcome });
    expect(details?.["reason"]).toBe(reason);
  });

  it("refuses another organization's", async () => {
    const { id } = await owner.row<{ id: string }>(
      "insert into billing.organizations (name) values ('Other') returning id",
    );
    expect(await begin(first, await offer({ organization_id: id }))).toEqual({
      outcome: "coupon_not_found",
    });
  });

  it("refuses months on a price by the week, whose periods meet their ends by chance", async () => {
    const { id } = await first.row<{ id: string }>(
      `insert into billing.product_prices (product_id, currency, unit_amount, recurring_interval, stripe_price_id)
       values ($1, 'usd', 900, 'week', 'price_week') returning id`,
      [PRO_PRODUCT],
    );
    const code = await offer({ duration: "repeating", duration_in_months: 3 });
    expect(await begin(first, code, { price: id })).toMatchObject({
      outcome: "coupon_not_applicable",
      details: { reason: "interval" },
    });
  });

  it("is for the product that it names", async () => {
    expect(await begin(first, await offer({ product_id: PRO_PRODUCT }))).toMatchObject({
      outcome: "created",
    });
  });

  it("refuses one for new customers to whoever has had a subscription, also one that ended", async () => {
    const user = randomUUID();
    const code = await offer({ first_time_only: true });
    expect(await begin(first, code, { user })).toMatchObject({ outcome: "created" });
    const session = await openSession(first, keyDigest, user);
    await record(first, session, "succeeded");
    await complete(first, session);
    await owner.rows(
      "update billing.subscriptions set status = 'canceled' where checkout_session_id = $1",
      [session.sessionId],
    );
    expect(await begin(first, code, { user })).toEqual({ outcome: "coupon_first_time_only" });
  });
});

const end = (id: string | undefined, status: string) =>
  owner.rows("update billing.checkout_sessions set status = $2 where id = $1", [id, status]);

describe("a discount's redemptions", () => {
  it("are held by one of two sessions that ask for the last at the same instant", async () => {
    const code = await offer({ max_redemptions: 1 });
    const tokens = await Promise.all([newToken(first, keyDigest), newToken(second, keyDigest)]);
    const ask = (tokenId: string) => (connection: Connection) =>
      connection.call("begin_checkout", beginArguments(tokenId, { p_coupon_code: code }));
    const ends = await race(ask(tokens[0]), ask(tokens[1]), "begin_checkout");
    expect(ends.map(({ outcome }) => outcome)).toEqual(["created", "coupon_exhausted"]);
  });

  it("never exceed the limit, however many ask at once", async () => {
    const code = await offer({ max_redemptions: 3 });
    const connections = await Promise.all(Array.from({ length: 8 }, () => database.service()));
    const outcomes = await Promise.all(connections.map((connection) => begin(connection, code)));
    expect(outcomes.filter(({ outcome }) => outcome === "created")).toHaveLength(3);
    expect(outcomes.filter(({ outcome }) => outcome === "coupon_exhausted")).toHaveLength(5);
  });

  it.each(["expired", "canceled", "failed"])(
    "are free again once a session is %s",
    async (status) => {
      const code = await offer({ max_redemptions: 1 });
      const { session } = await begin(first, code);
      expect(await begin(first, code)).toEqual({ outcome: "coupon_exhausted" });
      await end(session?.id, status);
      expect(await begin(first, code)).toMatchObject({ outcome: "created" });
    },
  );

  it.each(["requires_action", "processing"])("are held while a session is %s", async (status) => {
    const code = await offer({ max_redemptions: 1 });
    const { session } = await begin(first, code);
    await end(session?.id, status);
    expect(await begin(first, code)).toEqual({ outcome: "coupon_exhausted" });
  });

  it("stay used by a session that succeeded", async () => {
    const code = await offer({ max_redemptions: 1 });
    const session = await openSession(first, keyDigest, undefined, { p_coupon_code: code });
    await record(first, session, "succeeded");
    await complete(first, session);
    expect(await begin(first, code)).toEqual({ outcome: "coupon_exhausted" });
  });

  it("are held once by whoever asks for the same again", async () => {
    const code = await offer({ max_redemptions: 1 });
    const tokenId = await newToken(first, keyDigest);
    const ask = () =>
      first.call("begin_checkout", beginArguments(tokenId, { p_coupon_code: code }));
    expect((await ask()).outcome).toBe("created");
    expect((await ask()).outcome).toBe("existing");
  });
});

describe("the table of discounts", () => {
  it("gives the code of one that has ended to another, which is the one that is sold", async () => {
    const code = await offer({ percent_off: 50 });
    await owner.rows("update billing.discounts set active = false where code = $1", [code]);
    expect(await begin(first, code)).toEqual({ outcome: "coupon_not_found" });
    await offer({ code, percent_off: 10 });
    expect(await begin(first, code)).toMatchObject({
      session: { discount: { code, percentOff: 10 } },
    });
  });

  it.each([
    ["two of one code in other letters", { code: "TWICE" }, "discounts_organization_id_code_key"],
    ["a code with a space at its end", { code: "SPACE " }, "discounts_code_form"],
    [
      "an amount that could not be charged",
      { amount_off: 5, currency: "kwd" },
      "discounts_amount_off_chargeable",
    ],
    ["an amount without a currency", { amount_off: 5 }, "discounts_amount_off_currency"],
    [
      "months that are none",
      { duration: "repeating", duration_in_months: 0 },
      "discounts_duration_in_months_range",
    ],
    ["more than everything", { percent_off: 100.01 }, "discounts_percent_off_range"],
  ])("has not %s", async (_, given, constraint) => {
    await offer({ code: "twice" }).catch(() => undefined);
    await expect(offer(given)).rejects.toMatchObject({ constraint });
  });
});
