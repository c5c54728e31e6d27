import { expect, it } from "vitest";
import { openDatabase, type OpenSession, openSession, openShop, record } from "./support.ts";

const database = await openDatabase();
const [service, owner] = await Promise.all([database.service(), database.owner()]);
const { keyDigest } = await openShop(owner);

const confirm = ({ sessionId }: OpenSession) =>
  service.call("begin_attempt", {
    p_session_id: sessionId,
    p_stripe_payment_method_id: "pm_1",
    p_intent_status: "requires_payment_method",
  });

/** Seconds until a repair looks, once a page has asked; and until the session's hour is over. */
async function waits({ sessionId }: OpenSession) {
  await owner.rows("update billing.checkout_sessions set checked_at = now() where id = $1", [
    sessionId,
  ]);
  return owner.row<{ due: number; expires: number }>(
    `select extract(epoch from repair_at - now())::bigint::float8 as due, extract(epoch from expires_at - now())::bigint::float8 as expires
     from billing.checkout_sessions where id = $1`,
    [sessionId],
  );
}

it.each<[string, (session: OpenSession) => Promise<unknown>]>([
  ["that nobody has tried to pay", () => Promise.resolve()],
  ["whose card was refused", async (session) => {
    await confirm(session);
    await record(service, session, "requires_payment_method", {
      p_attempt_number: 1,
      p_intent: {
        id: session.intentId,
        status: "requires_payment_method",
        error: { code: "card_declined", message: "declined" },
      },
    });
  }],
])(
  "an open session %s is looked at when it expires, however often a page asks",
  async (_what, meets) => {
    const session = await openSession(service, keyDigest);
    await meets(session);
    const { due, expires } = await waits(session);
    expect(due).toBe(expires);
  },
);

it("an open session whose attempt has no end is looked at within the minute", async () => {
  const session = await openSession(service, keyDigest);
  await confirm(session);
  expect((await waits(session)).due).toBeLessThan(60);
});
