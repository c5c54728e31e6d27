import { describe, expect, it } from "vitest";
import type { SessionFacts } from "../../../scripts/console/facts.ts";
import { type Entry, inOrder, timelineOf } from "../../../scripts/console/timeline.ts";

const at = (milliseconds: number) => new Date(Date.UTC(2026, 0, 1, 12) + milliseconds);

const opened: SessionFacts = {
  session: {
    id: "0b500000-0000-4000-8000-0000000000f1",
    organization: "acme",
    status: "open",
    version: "1",
    mode: "standard",
    quantity: 1,
    amount: 2900,
    currency: "usd",
    errorCode: null,
    stripeAccountId: null,
    createdAt: at(100),
    previewedAt: null,
    expiresAt: at(3_600_100),
    fulfillingSince: null,
    completedAt: null,
    updatedAt: at(100),
    repairAt: null,
  },
  attempts: [],
  intents: [],
  subscription: undefined,
  grants: [],
  change: undefined,
  invoices: [],
  disputes: [],
  events: [],
  messages: [],
};

const intent: SessionFacts["intents"][number] = {
  id: "i1",
  stripeId: "pi_1",
  chargeId: null,
  status: "succeeded",
  amount: 2900,
  currency: "usd",
  amountRefunded: 0,
  refundReason: null,
  refundId: null,
  refundStatus: null,
  refundFailures: 0,
  createdAt: at(200),
  // The second had begun before the attempt did.
  succeededAt: at(0),
  refundingSince: null,
  refundedAt: null,
  releasedAt: null,
};
const attempt = (number: number, begun: number, status: string) => ({
  number,
  status,
  intentId: "i1",
  errorCode: status === "failed" ? "card_declined" : null,
  declineCode: status === "failed" ? "insufficient_funds" : null,
  createdAt: at(begun),
  finishedAt: at(begun + 50),
});
const told = (entries: readonly Entry[]) => entries.map(({ source, what }) => `${source}: ${what}`);

const message = (version: number, status: string, errorCode: string | null = null) => ({
  version,
  status,
  errorCode,
  at: at(version * 100),
});

describe("a timeline", () => {
  it("begins with the opening, and says nothing of what has not happened", () => {
    const [first, ...others] = timelineOf(opened);
    expect(first).toMatchObject({ source: "session", at: at(100) });
    expect(first?.what).toMatch(/^opened: standard, 29\.00 USD, quantity 1/);
    expect(others).toEqual([]);
  });

  it("has what Stripe dates by whole seconds behind what it follows from", () => {
    const facts = {
      ...opened,
      intents: [intent],
      attempts: [
        attempt(1, 300, "failed"),
        attempt(2, 500, "succeeded"),
        attempt(3, 1_500, "failed"),
      ],
    };
    const lines = told(timelineOf(facts));
    const place = (text: string) => lines.findIndex((line) => line.includes(text));
    expect(lines).toHaveLength(9);
    // Of the attempts, the one that can have paid by then: the third began a second later.
    expect(place("attempt 2 begun")).toBeGreaterThan(place("attempt 1 failed"));
    expect(place("pi_1 succeeded")).toBe(place("attempt 2 begun") + 1);
    expect(place("attempt 2 succeeded")).toBeGreaterThan(place("pi_1 succeeded"));
    expect(place("attempt 3 begun")).toBeGreaterThan(place("attempt 2 succeeded"));
  });

  it("tells each change of status that was broadcast once, from what to what", () => {
    const messages = [
      message(2, "pending"),
      message(3, "processing"),
      message(4, "processing"),
      message(5, "failed", "refund_pending"),
      message(6, "failed", "payment_refunded"),
    ];
    const session = {
      ...opened.session,
      status: "failed",
      version: "6",
      errorCode: "payment_refunded",
    };
    expect(told(timelineOf({ ...opened, session, messages })).slice(1)).toEqual([
      "status: pending to processing, version 3",
      "status: processing to failed (refund_pending), version 5",
      "status: failed to failed (payment_refunded), version 6",
    ]);
  });

  it("says of the last change what the row says, where no broadcast is kept of it", () => {
    const session = { ...opened.session, status: "expired", version: "4", updatedAt: at(9_000) };
    expect(told(timelineOf({ ...opened, session })).at(-1)).toBe(
      "session: last change, version 4: expired",
    );
  });

  it.each([
    ["dead", "evt_1 received, dead after 3 attempts: no answer"],
    [
      "received",
      `evt_1 received, waits until ${at(900).toISOString()} after 3 attempts: no answer`,
    ],
    ["processing", "evt_1 received, being worked on, attempt 3"],
  ])("says of an event that is %s what becomes of it", (status, said) => {
    const event = {
      id: "evt_1",
      type: "charge.refunded",
      status,
      outcome: null,
      attempts: 3,
      lastError: "no answer",
      receivedAt: at(500),
      processedAt: null,
      nextAttemptAt: at(900),
    };
    expect(told(timelineOf({ ...opened, events: [event] })).at(-1)).toBe(
      `event: charge.refunded ${said}`,
    );
  });

  it("tells features that were granted together as one, and each that was revoked", () => {
    const grants = [
      { feature: "a", grantedAt: at(500), revokedAt: null },
      { feature: "b", grantedAt: at(500), revokedAt: at(900) },
      { feature: "c", grantedAt: at(700), revokedAt: null },
    ];
    expect(told(timelineOf({ ...opened, grants })).slice(1)).toEqual([
      "grant: granted: a, b",
      "grant: granted: c",
      "grant: revoked: b",
    ]);
  });

  it("keeps the order of what happened at the same moment", () => {
    const entries = ["one", "two", "three"].map((what): Entry => ({
      at: at(0),
      source: "log",
      what,
    }));
    expect(inOrder(entries)).toEqual(entries);
  });
});
