import type { Action, CreateAction, Round, Scenario, SubscriptionEdit } from "./actions.ts";
import { HOPELESS } from "./hopeless.ts";

// What has gone wrong once, or would if a single guard were missing. Chance comes to each of these too seldom for a short run.

const creates = (product: number, coupon: string | null = null): CreateAction => ({
  do: "create",
  customer: 0,
  product,
  key: null,
  email: true,
  freshToken: true,
  quantity: 1,
  coupon,
});
const pays: Action = { do: "confirm", session: "newest", card: "pm_card_visa" };
const paysPastUs: Action = { do: "confirm in browser", session: "newest", card: "pm_card_visa" };
const moves = (product: number): Action => ({ do: "change", session: "newest", product });
const edits = (edit: SubscriptionEdit["edit"]): Action => ({
  do: "edit subscription",
  session: "newest",
  edit,
});

/** One after the other. */
const inTurn = (...actions: Action[]): Round[] =>
  actions.map((action) => ({ together: [{ after: 0, action }], next: "on" }));

/** Stripe takes so long to carry out the change that the customer's balance moves between its last look and the change. */
const overtaken: Round = {
  together: [
    {
      after: 0,
      action: {
        do: "break",
        fault: {
          kind: "latency",
          method: "POST",
          path: "/v1/subscriptions/*",
          phase: "before",
          ms: 1_500,
          count: 1,
        },
      },
    },
    { after: 15, action: pays },
    { after: 900, action: edits("credit the customer") },
  ],
  next: "on",
};

const paidUnheard: Round = {
  together: [
    { after: 0, action: { do: "break", fault: { kind: "webhook_drop", count: null } } },
    { after: 15, action: paysPastUs },
  ],
  next: "money goes back",
};

const givenUp: Round = {
  together: [
    ...HOPELESS.map((fault) => ({ after: 0, action: { do: "break", fault } as const })),
    { after: 15, action: pays },
  ],
  next: "the deadline passes",
};

const opened = (opening: CreateAction, ...rounds: Round[]): Scenario => ({
  faultSeed: 0,
  opening: [{ after: 0, action: opening }],
  rounds,
});
const scenario = (...rounds: Round[]) => opened(creates(0), ...rounds);

/** Each with the name of what must not come of it, and how many of its sessions succeed. */
export const known: readonly (readonly [string, number, Scenario])[] = [
  [
    "a returning customer who is credited before the payment is not sold another amount than was shown",
    1,
    scenario(...inTurn(pays, creates(1), edits("credit the customer"), pays)),
  ],
  [
    "a returning customer who owes more by the payment is not sold another amount than was shown",
    1,
    scenario(...inTurn(pays, creates(1), edits("debit the customer"), pays)),
  ],
  ["a change is paid by the payment alone", 2, scenario(...inTurn(pays, moves(5), pays))],
  [
    "a change whose discount is removed before the payment is not made for another amount",
    1,
    opened(creates(0, "ever"), ...inTurn(pays, moves(5), edits("remove the discount"), pays)),
  ],
  [
    "a change is not kept whose invoice is for another amount than was paid",
    1,
    scenario(...inTurn(pays, moves(5)), overtaken),
  ],
  ["a payment that was given back by hand is not fulfilled", 0, scenario(paidUnheard)],
  ["a payment is not tried beyond its deadline", 0, scenario(givenUp)],
  [
    "a customer who is deleted before the payment is not charged for nothing",
    1,
    scenario(...inTurn(pays, creates(1), edits("delete the customer"), pays)),
  ],
  [
    "a price that is another at Stripe is not sold",
    1,
    scenario(
      ...inTurn(
        { do: "edit catalogue", product: 1, edit: "name another price" },
        creates(1),
        pays,
      ),
    ),
  ],
];
