import { randomUUID } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chargeStep } from "../../shared/domain/currencies.ts";
import {
  beginArguments,
  complete,
  type Connection,
  MONTHLY,
  newToken,
  openDatabase,
  openSession,
  openShop,
  ORGANIZATION,
  PRO_PRODUCT,
  record,
  untilBlocked,
} from "./support.ts";

const FREE = "0b500000-0000-4000-8000-0000000000b1";
const EUR = "0b500000-0000-4000-8000-0000000000b4";
const STARTER_PRODUCT = "0b500000-0000-4000-8000-0000000000a1";

const database = await openDatabase();
const [first, second, owner, observer] = await Promise.all([
  database.service(),
  database.service(),
  database.owner(),
  database.owner(),
]);
const { keyDigest } = await openShop(owner);

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
    `insert into public.discounts (${columns.join(", ")})
     values (${columns.map((_, index) => `$${index + 1}`).join(", ")})`,
    Object.values(row),
  );
  return code;
}

/** Exact, in hundredths of a percent. */
const model = (amount: number, basisPoints: number, step: number) => {
  const exact = BigInt(amount) * BigInt(basisPoints);
  const unit = 10_000n * BigInt(step);
  return Number(((2n * exact + unit) / (2n * unit)) * BigInt(step));
};

const computed = async (
  rows: readonly { amount: number; currency: string; percent?: number; off?: number }[],
) => {
  const found = await owner.rows<{ discount: string }>(
    `select internal.discount_amount(
       jsonb_populate_record(null::public.discounts, jsonb_build_object('percent_off', r.percent, 'amount_off', r.off)),
       r.amount, r.currency) as discount
     from jsonb_to_recordset($1) as r(amount bigint, currency text, percent numeric, off bigint)`,
    [JSON.stringify(rows)],
  );
  return found.map(({ discount }) => Number(discount));
};

describe("what a discount takes off", () => {
  const currencies = ["usd", "jpy", "kwd", "isk"];
  const someAmounts = fc.array(
    fc.record({
      steps: fc.oneof(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 9_999_999 })),
      currency: fc.constantFrom(...currencies),
      basisPoints: fc.integer({ min: 1, max: 10_000 }),
      off: fc.integer({ min: 1, max: 100_000 }),
    }).map(({ steps, currency, basisPoints, off }) => ({
      currency,
      basisPoints,
      off,
      amount: steps * chargeStep(currency),
    })),
    { minLength: 200, maxLength: 200 },
  );
  it("is a percentage to the nearest amount that can be charged, half upwards, and never more than there is", async () => {
    await fc.assert(
      fc.asyncProperty(someAmounts, async (rows) => {
        const discounts = await computed(
          rows.map(({ amount, currency, basisPoints }) => ({
            amount,
            currency,
            percent: basisPoints / 100,
          })),
        );
        expect(discounts).toEqual(
          rows.map(({ amount, currency, basisPoints }) =>
            model(amount, basisPoints, chargeStep(currency))
          ),
        );
        for (const [index, { amount, currency }] of rows.entries()) {
          const discount = discounts[index] ?? -1;
          expect(discount).toBeGreaterThanOrEqual(0);
          expect(discount).toBeLessThanOrEqual(amount);
          expect((amount - discount) % chargeStep(currency)).toBe(0);
        }
      }),
      { numRuns: 10 },
    );
  });

  it("is a fixed amount, and never more than there is", async () => {
    await fc.assert(
      fc.asyncProperty(someAmounts, async (rows) => {
        expect(await computed(rows.map(({ amount, currency, off }) => ({ amount, currency, off }))))
          .toEqual(rows.map(({ amount, off }) => Math.min(amount, off)));
      }),
      { numRuns: 5 },
    );
  });

  it.each([
    [2900, 50, 1450],
    [2901, 50, 1451],
    [999, 33.33, 333],
    [2900, 100, 2900],
    [2900, 0.01, 0],
    [5000, 0.01, 1],
  ])("of %d at %d %% is %d", async (amount, percent, off) => {
    expect(await computed([{ amount, currency: "usd", percent }])).toEqual([off]);
  });
});

describe("begin_checkout with a coupon", () => {
  it("freezes what it takes off and asks for the rest", async () => {
    const code = await offer({ percent_off: 25 });
    expect(await begin(first, code.toLowerCase())).toMatchObject({
      outcome: "created",
      session: { amount: 2900, discountAmount: 725, totalAmount: 2175, intentKind: "payment" },
    });
  });

  it("asks for a card alone where nothing is due", async () => {
    const code = await offer({ amount_off: 5000, currency: "usd" });
    expect((await begin(first, code)).session).toMatchObject({
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
      [
        "that leaves less than can be charged",
        () => offer({ amount_off: 2860, currency: "usd" }),
        MONTHLY,
        "amount_too_small",
        undefined,
      ],
    ] as const,
  )("refuses one %s", async (_, make, price, outcome, reason) => {
    const { details, ...refused } = await begin(first, await make(), { price });
    expect(refused).toEqual({ outcome });
    expect(details?.["reason"]).toBe(reason);
  });

  it("refuses another organization's", async () => {
    const { id } = await owner.row<{ id: string }>(
      "insert into public.organizations (name) values ('Other') returning id",
    );
    expect(await begin(first, await offer({ organization_id: id }))).toEqual({
      outcome: "coupon_not_found",
    });
  });

  it("refuses months on a price by the week, whose periods meet their ends by chance", async () => {
    const { id } = await first.row<{ id: string }>(
      `insert into public.product_prices (product_id, currency, unit_amount, recurring_interval, stripe_price_id)
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
      "update public.subscriptions set status = 'canceled' where checkout_session_id = $1",
      [session.sessionId],
    );
    expect(await begin(first, code, { user })).toEqual({ outcome: "coupon_first_time_only" });
  });
});

const end = (id: string | undefined, status: string) =>
  owner.rows("update public.checkout_sessions set status = $2 where id = $1", [id, status]);

describe("a discount's redemptions", () => {
  it("are held by one of two sessions that ask for the last at the same instant", async () => {
    const code = await offer({ max_redemptions: 1 });
    const tokens = await Promise.all([newToken(first, keyDigest), newToken(second, keyDigest)]);
    const ask = (connection: Connection, tokenId: string) =>
      connection.call("begin_checkout", beginArguments(tokenId, { p_coupon_code: code }));
    await first.rows("begin");
    const won = await ask(first, tokens[0]);
    const racing = ask(second, tokens[1]);
    try {
      await untilBlocked(observer, "begin_checkout");
    } finally {
      await first.rows("commit");
    }
    expect([won.outcome, (await racing).outcome]).toEqual(["created", "coupon_exhausted"]);
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
