import * as fc from "fast-check";
import type { FaultSpec } from "@billingos/stripe-simulator";
import type { Round, Timed } from "./actions.ts";
import { card, session } from "./acts.ts";
import { outage, requestFault, staleRead } from "./faults.ts";
import { HOPELESS } from "./hopeless.ts";

/** Everybody pays at the same instant; where sessions are one customer's for one product, only one may have it. */
export const rush = fc.record({
  broken: fc.option(requestFault, { freq: 2 }),
  pays: fc.tuple(...[0, 1, 2, 3].map((number) =>
    fc.record({
      after: fc.integer({ min: 10, max: 25 }),
      action: fc.record({
        do: fc.constantFrom("confirm" as const, "confirm in browser" as const),
        session: fc.constant(number),
        card: fc.constantFrom("pm_card_visa", "pm_card_visa", "pm_card_pendingRefund"),
      }),
    })
  )),
}).map(({ broken, pays }): Timed[] => {
  const timed: Timed[] = broken === null
    ? []
    : [{ after: 0, action: { do: "break", fault: broken } }];
  return timed.concat(pays);
});

/** One card after the other on one session, while what is read of the first comes late. */
export const secondThoughts = fc.record({
  session,
  late: staleRead,
  first: fc.constantFrom("pm_card_chargeDeclined", "pm_card_threeDSecure2Required"),
  second: card,
  after: fc.integer({ min: 10, max: 150 }),
}).map(({ session: one, late, first, second, after: then }): Timed[] => [
  { after: 0, action: { do: "break", fault: late } },
  { after: 5, action: { do: "confirm in browser", session: one, card: first } },
  { after: then, action: { do: "confirm", session: one, card: second } },
]);

/** Paid, and before anybody can act upon the news Stripe stops answering. */
export const unheard = fc.record({
  session,
  after: fc.integer({ min: 1, max: 15 }),
  outage,
}).map(({ session: one, after: then, outage: fault }): Timed[] => [
  { after: 0, action: { do: "confirm in browser", session: one, card: "pm_card_visa" } },
  { after: then, action: { do: "break", fault } },
]);

/**
 * Paid, done at Stripe, and nobody hears of it, by answer, look or event, until Stripe has forgotten its idempotency keys:
 * only what is found can keep a repair from doing it again.
 */
export const forgotten = fc.record({
  session,
  path: fc.constantFrom("/v1/subscriptions", "/v1/subscriptions", "/v1/customers", "/v1/refunds"),
  kind: fc.constantFrom("cut_after" as const, "error_after" as const),
  pays: fc.constantFrom("confirm" as const, "confirm in browser" as const),
}).map(({ session: one, path, kind, pays }): Round => {
  const faults: FaultSpec[] = [
    { kind: "webhook_drop", count: null },
    { kind, method: "POST", path, count: null },
    // A refund is looked for before it is made.
    {
      kind: "error_before",
      method: "GET",
      path,
      skip: path === "/v1/refunds" ? 1 : 0,
      count: null,
    },
  ];
  return {
    together: [
      ...faults.map((fault): Timed => ({ after: 0, action: { do: "break", fault } })),
      { after: 15, action: { do: pays, session: one, card: "pm_card_visa" } },
      // Who paid past our confirm asks it, so that the work is begun.
      { after: 60, action: { do: "confirm", session: one, card: "pm_card_visa" } },
    ],
    next: "a day passes",
  };
});

const broken = (...faults: readonly FaultSpec[]): Timed[] =>
  faults.map((fault) => ({ after: 0, action: { do: "break", fault } }));

/** Paid, and given back by hand before anything could come of it. */
export const givenBack = fc.record({
  session,
  fault: fc.constantFrom<FaultSpec[]>(
    { kind: "webhook_drop", count: null },
    { kind: "error_before", method: "POST", path: "/v1/subscriptions", count: null },
    { kind: "error_before", method: "POST", path: "/v1/subscriptions/*", count: null },
    // Made and billed, but not completed.
    { kind: "error_before", method: "POST", path: "/v1/invoices/*/pay", count: null },
    { kind: "error_after", method: "POST", path: "/v1/invoices/*/pay", count: null },
  ),
}).map(({ session: one, fault }): Round => ({
  together: [
    ...broken(fault),
    { after: 15, action: { do: "confirm in browser", session: one, card: "pm_card_visa" } },
  ],
  next: "money goes back",
}));

/** Paid, and Stripe goes on refusing to make or change the subscription. */
export const hopeless = fc.record({
  session,
  pays: fc.constantFrom("confirm" as const, "confirm in browser" as const),
}).map(({ session: one, pays }): Round => ({
  together: [
    ...broken(...HOPELESS),
    { after: 15, action: { do: pays, session: one, card: "pm_card_visa" } },
    { after: 60, action: { do: "confirm", session: one, card: "pm_card_visa" } },
  ],
  next: "the deadline passes",
}));
