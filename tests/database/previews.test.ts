import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { attach, preview } from "./changing.ts";
import { openRaces } from "./races.ts";
import {
  beginArguments,
  complete,
  type Connection,
  newToken,
  ORGANIZATION,
  record,
  version,
} from "./support.ts";

const { first, owner, keyDigest, race } = await openRaces();

beforeAll(() => owner.rows("update billing.organizations set tax_enabled = true"));

async function bare(): Promise<string> {
  const { session } = await first.call<{ session: { id: string } }>(
    "begin_checkout",
    beginArguments(await newToken(first, keyDigest), { p_customer_address: { country: "DE" } }),
  );
  return session.id;
}
const taxed = (taxAmount: number) => ({
  discountAmount: 0,
  taxAmount,
  amountDue: 2900 + taxAmount,
});
const row = (id: string) =>
  owner.row<{ previewed_at: Date | null; total_amount: string; version: string }>(
    "select * from billing.checkout_sessions where id = $1",
    [id],
  );
const attaching = (sessionId: string) => (connection: Connection) => attach(connection, sessionId);

describe("the preview of a session's first invoice", () => {
  it("is the first of two that are read at the same instant", async () => {
    const id = await bare();
    const [won, lost] = await race(
      preview(id, taxed(551)),
      preview(id, taxed(400)),
      "record_preview",
    );
    expect(won).toMatchObject({ taxAmount: 551, totalAmount: 3451, previewed: true });
    expect(lost).toEqual(won);
  });

  it("stands, however often it is asked for", async () => {
    const id = await bare();
    const shown = await preview(id, taxed(551))(first);
    const kept = await row(id);
    expect(await preview(id, taxed(400))(first)).toEqual(shown);
    expect(await row(id)).toEqual(kept);
  });

  it("stands when it says what was known: the price", async () => {
    const id = await bare();
    expect(await preview(id, taxed(0))(first)).toMatchObject({ totalAmount: 2900 });
    expect(await preview(id, taxed(551))(first)).toMatchObject({ taxAmount: 0, totalAmount: 2900 });
  });

  it("changes nothing once an intent is attached", async () => {
    const id = await bare();
    const session = await attach(first, id);
    const before = await row(id);
    expect(await preview(id, taxed(551))(first)).toMatchObject({
      taxAmount: 0,
      totalAmount: 2900,
      previewed: false,
    });
    expect(await row(id)).toEqual(before);
    expect(await version(first, session)).toBe(Number(before.version));
  });

  it("changes nothing where an intent is being attached at the same instant", async () => {
    const id = await bare();
    const [, late] = await race(attaching(id), preview(id, taxed(551)), "record_preview");
    expect(late).toMatchObject({ taxAmount: 0, totalAmount: 2900, previewed: false });
  });

  it("that is being written at the same instant is what the intent is for", async () => {
    const id = await bare();
    const [, { intentId }] = await race(
      preview(id, taxed(551)),
      attaching(id),
      "attach_payment_intent",
    );
    expect(
      await owner.row(
        "select amount from billing.payment_intents where stripe_payment_intent_id = $1",
        [intentId],
      ),
    ).toEqual({ amount: "3451" });
  });

  it.each(["canceled", "failed", "expired"])("changes no session that is %s", async (status) => {
    const id = await bare();
    await owner.rows("update billing.checkout_sessions set status = $2 where id = $1", [
      id,
      status,
    ]);
    const before = await row(id);
    await preview(id, taxed(551))(first);
    expect(await row(id)).toEqual(before);
  });

  it("changes no session that has succeeded", async () => {
    const session = await attach(first, await bare());
    await record(first, session, "succeeded");
    await complete(first, session);
    const before = await row(session.sessionId);
    await preview(session.sessionId, taxed(551))(first);
    expect(await row(session.sessionId)).toEqual(before);
  });

  it("is misuse where there is no session", async () => {
    await expect(preview(randomUUID(), taxed(0))(first)).rejects.toMatchObject({ code: "BO002" });
  });
});

describe("a session without a preview", () => {
  it.each([
    ["tax", "tax_amount = 100, total_amount = 3000", "checkout_sessions_tax_is_previewed"],
    [
      "discount",
      "discount_amount = 100, total_amount = 2800",
      "checkout_sessions_discount_is_whole",
    ],
  ])("has no %s", async (_what, change, constraint) => {
    const id = await bare();
    await expect(owner.rows(`update billing.checkout_sessions set ${change} where id = $1`, [id]))
      .rejects.toMatchObject({ constraint });
  });

  it("shows what its previewed twin shows, but for the figures", async () => {
    const id = await bare();
    const { session } = await first.call<{ session: object }>(
      "begin_checkout",
      beginArguments(await newToken(first, keyDigest), { p_customer_address: { country: "DE" } }),
    );
    const shown = await preview(id, taxed(551))(first);
    expect(Object.keys(shown).toSorted()).toEqual(Object.keys(session).toSorted());
    expect(shown).toMatchObject({
      organizationId: ORGANIZATION,
      tax: { address: { country: "DE" } },
    });
  });
});
