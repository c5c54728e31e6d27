import { randomUUID } from "node:crypto";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { changePreview, changesOf, preview, SCALE, SEATS } from "./changing.ts";
import {
  beginArguments,
  MONTHLY,
  newToken,
  openDatabase,
  openShop,
  ORGANIZATION,
} from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);
const { begin, onFreePlan, subscribed } = changesOf(service, keyDigest);
const FEE_BPS = 250;

const priced = (priceId: string, unitAmount: number) =>
  owner.rows("update billing.product_prices set unit_amount = $2 where id = $1", [
    priceId,
    unitAmount,
  ]);
const opened = async (priceId: string, quantity = 1): Promise<string> => {
  const { session } = await service.call<{ session: { id: string } }>(
    "begin_checkout",
    beginArguments(await newToken(service, keyDigest, randomUUID()), {
      p_price_id: priceId,
      p_quantity: quantity,
    }),
  );
  return session.id;
};
/** The platform's share is of all that is charged, its tax included; half a minor unit rounds up. */
const feeOf = (total: number) => Math.floor((total * FEE_BPS + 5_000) / 10_000);

const money = (min: number) =>
  fc.oneof(fc.integer({ min, max: 10_000 }), fc.integer({ min, max: 99_999_999 }));
const charge = fc.record({
  unitAmount: money(50),
  quantity: fc.integer({ min: 1, max: 100 }),
  /** Stripe tells of what it takes off other items, too: it may be more than the price. */
  discount: fc.oneof(fc.constant(0), money(0)),
  tax: fc.oneof(fc.constant(0), money(0)),
  /** Of the customer at Stripe: a credit below zero, a debt above. */
  balance: fc.oneof(fc.constant(0), money(-10_000), fc.integer({ min: -999_999_999, max: 0 })),
});

beforeAll(() =>
  owner.rows(
    `update billing.organizations set stripe_account_id = 'acct_1', application_fee_bps = $2
     where id = $1`,
    [ORGANIZATION, FEE_BPS],
  )
);

describe("what is due", () => {
  it("is amount less discount, with tax and what the customer had at Stripe", async () => {
    await fc.assert(
      fc.asyncProperty(charge, async ({ unitAmount, quantity, discount, tax, balance }) => {
        await priced(SEATS, unitAmount);
        const amount = unitAmount * quantity;
        const net = amount - Math.min(discount, amount) + tax;
        const amountDue = Math.max(net + balance, 0);
        const shown = await preview(await opened(SEATS, quantity), {
          discountAmount: discount,
          taxAmount: tax,
          amountDue,
        })(service);
        const { discountAmount, taxAmount, adjustmentAmount, totalAmount } = shown;
        expect(totalAmount).toBe(amountDue);
        expect(amount - discountAmount + taxAmount + adjustmentAmount).toBe(totalAmount);
        expect(shown).toMatchObject({
          amount,
          discountAmount: Math.min(discount, amount),
          taxAmount: tax,
          adjustmentAmount: amountDue - net,
          intentKind: amountDue > 0 ? "payment" : "setup",
          applicationFeeAmount: feeOf(amountDue),
        });
      }),
      { numRuns: 150 },
    );
  });

  it("of a trial is nothing, whatever its end will bring", async () => {
    await fc.assert(
      fc.asyncProperty(money(50), money(0), async (amount, discount) => {
        await priced(SCALE, amount);
        const shown = await preview(await opened(SCALE), {
          discountAmount: discount,
          taxAmount: 0,
          amountDue: 0,
        })(service);
        expect(shown).toMatchObject({
          amount,
          discountAmount: Math.min(discount, amount),
          taxAmount: 0,
          adjustmentAmount: 0,
          totalAmount: 0,
          intentKind: "setup",
          applicationFeeAmount: 0,
        });
      }),
      { numRuns: 30 },
    );
  });

  it("of a trial is not more than nothing", async () => {
    const trial = await opened(SCALE);
    await expect(
      preview(trial, { discountAmount: 0, taxAmount: 0, amountDue: 100 })(service),
    ).rejects.toMatchObject({ constraint: "checkout_sessions_total_amount" });
  });

  it("for a change is what is charged less what is credited, with tax and what the customer had", async () => {
    const customer = await subscribed();
    await fc.assert(
      fc.asyncProperty(
        charge,
        money(0),
        money(0),
        async ({ unitAmount, quantity, tax, balance }, credited, charged) => {
          await priced(SCALE, unitAmount);
          const own = Math.max(charged - credited, 0);
          const amountDue = Math.max(charged - credited + tax + balance, 0);
          const { session: { id } } = await begin(customer, SCALE);
          const facts = changePreview({ quantity, taxAmount: tax, amountDue }, credited, charged);
          const shown = await preview(id, facts)(service);
          expect(shown).toMatchObject({
            amount: unitAmount * quantity,
            discountAmount: 0,
            taxAmount: tax,
            totalAmount: amountDue,
            intentKind: amountDue > 0 ? "payment" : "none",
            applicationFeeAmount: feeOf(amountDue),
            change: { credited, charged },
          });
          expect(own + shown.taxAmount + shown.adjustmentAmount).toBe(shown.totalAmount);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("for a change that credits more tax than it charges has no tax below zero", async () => {
    const { session: { id } } = await begin(await subscribed(), SCALE);
    const facts = changePreview({ taxAmount: -190, amountDue: 0 }, 4_000, 3_000);
    expect(await preview(id, facts)(service)).toMatchObject({
      taxAmount: 0,
      adjustmentAmount: 0,
      totalAmount: 0,
      intentKind: "none",
    });
  });

  it("for a free subscription that is to be paid for is its first period's", async () => {
    await priced(MONTHLY, 2_900);
    const customer = await onFreePlan();
    await fc.assert(
      fc.asyncProperty(charge, async ({ tax, balance }) => {
        const { session: { id } } = await begin(customer, MONTHLY);
        const amountDue = Math.max(2_900 + tax + balance, 0);
        const shown = await preview(id, { discountAmount: 0, taxAmount: tax, amountDue })(service);
        expect(shown).toMatchObject({ amount: 2_900, taxAmount: tax, totalAmount: amountDue });
        expect(2_900 + shown.taxAmount + shown.adjustmentAmount).toBe(shown.totalAmount);
        expect(shown).toMatchObject({
          intentKind: amountDue > 0 ? "payment" : "setup",
          applicationFeeAmount: feeOf(amountDue),
        });
      }),
      { numRuns: 30 },
    );
  });
});
