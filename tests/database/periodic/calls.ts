import { randomBytes, randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { TRIAL } from "./history.ts";
import { readsOf } from "./measure.ts";
import { beginArguments, type Connection, newToken, openSession } from "../support.ts";

/** Rows of the tables that grow, which a call of a checkout may read: those of its own session, token and customer. */
const OWN = 25;

const FREE = "0b500000-0000-4000-8000-0000000000b1";

/**
 * Law 13 for what customers and Stripe call: its cost is that of the session, whatever else there ever was.
 *
 * @param service on a database that has a long past
 */
export function describeCalls(service: Connection, keyDigest: string): void {
  let past = { sessionId: "", intentId: "", tokenId: "", newTokenId: "", freeTokenId: "" };
  beforeAll(async () => {
    const { id, intent } = await service.row<{ id: string; intent: string }>(
      `select s.id, p.stripe_payment_intent_id as intent from billing.payment_intents p
       join billing.checkout_sessions s on s.payment_intent_id = p.id
       where p.stripe_payment_intent_id = 'pi_past76'`,
    );
    const tokenId = await newToken(service, keyDigest, "user-76", [
      "checkout",
      "entitlements",
      "subscription",
    ]);
    const newTokenId = await newToken(service, keyDigest, "newcomer", ["checkout"]);
    const freeTokenId = await newToken(service, keyDigest, "user-77");
    past = { sessionId: id, intentId: intent, tokenId, newTokenId, freeTokenId };
  });

  const calls: [string, () => Promise<unknown>, most?: number][] = [
    ["status", () => service.call("read_checkout", { p_session_id: past.sessionId })],
    [
      "a confirm's look-up",
      () => service.call("locate_checkout", { p_session_id: past.sessionId }),
    ],
    [
      "a webhook's look-up",
      () => service.call("locate_checkout", { p_stripe_payment_intent_id: past.intentId }),
    ],
    [
      "a customer's features",
      () => service.call("read_entitlements", { p_token_id: past.tokenId, p_livemode: false }),
    ],
    ["a create", () => service.call("begin_checkout", beginArguments(past.tokenId))],
    ["a create under a key", () =>
      service.call(
        "begin_checkout",
        beginArguments(past.tokenId, { p_idempotency_key: randomUUID() }),
      )],
    [
      "a create with a trial",
      () =>
        service.call(
          "begin_checkout",
          beginArguments(past.newTokenId, {
            p_price_id: TRIAL,
            p_customer_email: "new@example.com",
          }),
        ),
    ],
    [
      "a create with a coupon for new customers",
      () =>
        service.call("begin_checkout", beginArguments(past.newTokenId, { p_coupon_code: "NEW" })),
    ],
    ["a create with a coupon of which few are left", async () => {
      const coupon = { p_coupon_code: "FEW" };
      const begun = await service.call("begin_checkout", beginArguments(past.newTokenId, coupon));
      expect(begun).toMatchObject({ outcome: "created" });
    }],
    ["a customer's products", () => service.call("read_products", { p_token_id: past.tokenId })],
    [
      "a customer's subscriptions",
      () => service.call("read_subscriptions", { p_token_id: past.tokenId, p_preview: false }),
    ],
    ["a status for its owner", () =>
      service.call("read_checkout", {
        p_session_id: past.sessionId,
        p_token_id: past.tokenId,
        p_limited: true,
      })],
    ["a create of a free plan, and its confirm", async () => {
      const p_token_id = past.freeTokenId;
      const begun = await service.call<{ session: { id: string } }>(
        "begin_checkout",
        beginArguments(p_token_id, { p_price_id: FREE }),
      );
      return service.call("complete_free_checkout", { p_token_id, p_session_id: begun.session.id });
    }],
    ["a create with a coupon for new customers, and its confirm's beginning", async () => {
      const coupon = { p_coupon_code: "NEW" };
      const { sessionId } = await openSession(service, keyDigest, "another newcomer", coupon);
      const attempt = await service.call("begin_attempt", {
        p_session_id: sessionId,
        p_stripe_payment_method_id: "pm_1",
        p_intent_status: "requires_payment_method",
      });
      expect(attempt).toMatchObject({ outcome: "confirm" });
    }, OWN * 2],
    ["a create, and its confirm's beginning", async () => {
      const { intentId } = await openSession(service, keyDigest, "user-78");
      const { digest } = await service.row<{ digest: string }>(
        "select client_secret_digest as digest from billing.payment_intents where stripe_payment_intent_id = $1",
        [intentId],
      );
      const begun = await service.call("begin_confirm", {
        p_stripe_payment_intent_id: intentId,
        p_client_secret_digest: digest,
        p_stripe_payment_method_id: "pm_1",
      });
      expect(begun).toMatchObject({ attempt: { outcome: "confirm" } });
    }, OWN * 2],
    ["an event that comes in", () =>
      service.call("receive_event", {
        p_stripe_event_id: `evt_${randomBytes(8).toString("hex")}`,
        p_type: "invoice.paid",
        p_livemode: false,
        p_payload: {},
        p_lease_seconds: 60,
      })],
    ["an event that came before", () =>
      service.call("receive_event", {
        p_stripe_event_id: "evt_past76",
        p_type: "invoice.paid",
        p_livemode: false,
        p_payload: {},
        p_lease_seconds: 60,
      })],
  ];

  describe("a long past", () => {
    it.each(calls)("is not searched through for %s", async (_what, call, most = OWN) => {
      const { sequential, fetched } = await readsOf(service, call);
      expect(sequential).toBe(0);
      expect(fetched).toBeLessThanOrEqual(most);
    });
  });
}
