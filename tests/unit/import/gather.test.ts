import { describe, expect, it } from "vitest";
import { gather } from "../../../scripts/import/gather.ts";
import type {
  OldCheckout,
  OldCustomer,
  OldSubscription,
  Source,
} from "../../../scripts/import/source.ts";

const customer = (id: string, more: Partial<OldCustomer> = {}): OldCustomer => ({
  id,
  external_id: `user-${id}`,
  stripe_customer_id: `cus_${id}`,
  email: `${id}@example.com`,
  name: null,
  deleted: false,
  ...more,
});
const subscription = (id: string, more: Partial<OldSubscription> = {}): OldSubscription => ({
  id,
  customer_id: "a",
  stripe_subscription_id: `sub_${id}`,
  ...more,
});
const checkout = (id: string, more: Partial<OldCheckout> = {}): OldCheckout => ({
  id,
  external_id: null,
  customer_id: "a",
  stripe_payment_intent_id: `pi_${id}`,
  subscription_id: null,
  stripe_subscription_id: null,
  ...more,
});
const source = (more: Partial<Source>): Source => ({
  customers: [customer("a")],
  subscriptions: [],
  checkouts: [],
  open: { count: 0, until: null },
  webhookEvents: 0,
  ...more,
});
const reasons = (of: Source) =>
  gather(of).left.map(({ kind, id, reason }) => [kind, id, reason])
    .toSorted((one, other) => one.join().localeCompare(other.join()));

describe("old rows", () => {
  it("come together as customers with what they have", () => {
    const { people, left } = gather(source({
      customers: [customer("a"), customer("b", { email: null, stripe_customer_id: null })],
      subscriptions: [subscription("1"), subscription("2", { customer_id: "b" })],
    }));
    expect(left).toEqual([]);
    expect(people).toEqual([
      {
        externalId: "user-a",
        email: "a@example.com",
        name: null,
        stripeCustomerId: "cus_a",
        ids: ["a"],
        subscriptions: [{ id: "1", stripeId: "sub_1" }],
      },
      {
        externalId: "user-b",
        email: null,
        name: null,
        stripeCustomerId: null,
        ids: ["b"],
        subscriptions: [{ id: "2", stripeId: "sub_2" }],
      },
    ]);
  });

  it.each<[string, readonly OldCustomer[], readonly (readonly [string, string])[]]>([
    ["no external id", [customer("a", { external_id: null })], [["a", "no_external_id"]]],
    ["an empty external id", [customer("a", { external_id: "" })], [["a", "no_external_id"]]],
    [
      "an external id that no token takes",
      [customer("a", { external_id: "x".repeat(256) })],
      [["a", "external_id_too_long"]],
    ],
    [
      "an id that is none of Stripe's",
      [customer("a", { stripe_customer_id: "cus_1/../../v1/accounts" })],
      [["a", "malformed_id"]],
    ],
    [
      "one external id for two customers at Stripe",
      [customer("a", { external_id: "u" }), customer("b", { external_id: "u" })],
      [["a", "external_id_twice"], ["b", "external_id_twice"]],
    ],
    [
      "one customer at Stripe under two external ids",
      [
        customer("a", { stripe_customer_id: "cus_1" }),
        customer("b", { stripe_customer_id: "cus_1" }),
      ],
      [["a", "stripe_customer_twice"], ["b", "stripe_customer_twice"]],
    ],
  ])("with %s stay behind", (_what, customers, expected) => {
    const subscriptions = [subscription("1")];
    expect(reasons(source({ customers, subscriptions }))).toEqual([
      ...expected.map(([id, reason]) => ["customer", id, reason]),
      ["subscription", "1", "customer_left"],
    ]);
  });

  it.each<[string, readonly OldCustomer[]]>([
    [
      "the same customer twice",
      [customer("a"), customer("b", { external_id: "user-a", stripe_customer_id: "cus_a" })],
    ],
    [
      "a second row that Stripe does not know",
      [customer("a"), customer("b", { external_id: "user-a", stripe_customer_id: null })],
    ],
    ["one that was deleted before", [
      customer("b", { external_id: "user-a", deleted: true }),
      customer("a"),
    ]],
  ])("of %s are one customer", (_what, customers) => {
    const { people, left } = gather(source({ customers }));
    expect(left).toEqual([]);
    expect(people).toMatchObject([{ externalId: "user-a", stripeCustomerId: "cus_a" }]);
  });

  it("with one e-mail address for two customers are two customers", () => {
    const customers = [customer("a"), customer("b", { email: "a@example.com" })];
    expect(gather(source({ customers })).people).toHaveLength(2);
  });

  it.each<[string, Partial<OldSubscription>, string]>([
    ["no customer", { customer_id: null }, "no_customer"],
    ["a customer who is not there", { customer_id: "gone" }, "no_customer"],
    ["no id at Stripe", { stripe_subscription_id: null }, "no_stripe_id"],
    ["an empty one", { stripe_subscription_id: "" }, "no_stripe_id"],
    ["a made-up one", { stripe_subscription_id: "free_1" }, "no_stripe_id"],
    ["one that is no id", { stripe_subscription_id: "sub_1/../../refunds" }, "malformed_id"],
  ])("of a subscription with %s stay behind", (_what, more, reason) => {
    expect(reasons(source({ subscriptions: [subscription("1", more)] }))).toEqual([
      ["subscription", "1", reason],
    ]);
  });

  describe.each<[string, (one: string, other: string) => Partial<Source>]>([
    ["two rows", (one, other) => ({
      subscriptions: [
        subscription("1", { customer_id: one, stripe_subscription_id: "sub_x" }),
        subscription("2", { customer_id: other, stripe_subscription_id: "sub_x" }),
      ],
    })],
    ["a row and a finished checkout", (one, other) => ({
      subscriptions: [subscription("1", { customer_id: one, stripe_subscription_id: "sub_x" })],
      checkouts: [checkout("2", { customer_id: other, stripe_subscription_id: "sub_x" })],
    })],
  ])("that give one subscription in %s", (_how, given) => {
    it.each<[string, string, string, Partial<OldCustomer>]>([
      ["to two people", "a", "b", {}],
      ["to two people, the other first", "b", "a", {}],
      ["to one whom Stripe does not know by name", "a", "b", { stripe_customer_id: null }],
      ["to one who stays behind", "b", "a", { external_id: null }],
      ["to one who was deleted", "a", "b", { deleted: true }],
      ["to one who was deleted, the other first", "b", "a", { deleted: true }],
    ])("%s leave it, both of them", (_what, one, other, more) => {
      const customers = [customer("a", more), customer("b")];
      const all = source({ customers, ...given(one, other) });
      expect(reasons(all).filter(([kind]) => kind === "subscription")).toEqual([
        ["subscription", "1", "subscription_twice"],
        ["subscription", "2", "subscription_twice"],
      ]);
      const { people, ofDeleted } = gather(all);
      expect([people.flatMap((person) => person.subscriptions), ofDeleted]).toEqual([[], []]);
    });

    it.each<[string, string, string]>([["first", "a", "b"], ["last", "b", "a"]])(
      "to one person, the living row %s, give it to them once",
      (_which, one, other) => {
        const customers = [
          customer("a"),
          customer("b", { external_id: "user-a", deleted: true }),
        ];
        const { people, ofDeleted, left } = gather(source({ customers, ...given(one, other) }));
        expect(people).toMatchObject([{ subscriptions: [{ stripeId: "sub_x" }] }]);
        expect([ofDeleted, left]).toEqual([[], []]);
      },
    );
  });

  it.each<[string, string | null, string | null]>([
    ["first", null, "a"],
    ["last", "a", null],
  ])("of which the %s names nobody give it to whom the other names", (_which, one, other) => {
    const subscriptions = [one, other].map((customer_id, index) =>
      subscription(String(index), { customer_id, stripe_subscription_id: "sub_x" })
    );
    const { people, left } = gather(source({ subscriptions }));
    expect(left).toEqual([]);
    expect(people).toMatchObject([{ subscriptions: [{ stripeId: "sub_x" }] }]);
  });

  it("of a deleted customer's subscription are to be asked about", () => {
    const { people, ofDeleted, left } = gather(source({
      customers: [customer("a", { deleted: true })],
      subscriptions: [subscription("1")],
    }));
    expect({ people, ofDeleted, left }).toEqual({
      people: [],
      ofDeleted: [{ id: "1", stripeId: "sub_1" }],
      left: [],
    });
  });
});

describe("a finished checkout", () => {
  const nameless = [customer("a", { external_id: null })];

  it("says who a customer is who has no external id", () => {
    const checkouts = [checkout("1", { external_id: "u", subscription_id: "s" })];
    const subscriptions = [subscription("s")];
    expect(gather(source({ customers: nameless, checkouts, subscriptions })).people)
      .toMatchObject([{ externalId: "u", subscriptions: [{ id: "s" }] }]);
  });

  it("says nothing where another says otherwise", () => {
    const checkouts = ["1", "2"].map((id) =>
      checkout(id, { external_id: `u-${id}`, stripe_subscription_id: `sub_${id}` })
    );
    expect(reasons(source({ customers: nameless, checkouts }))).toContainEqual([
      "customer",
      "a",
      "no_external_id",
    ]);
  });

  it("brings the subscription that only it names, once", () => {
    const checkouts = ["1", "2"].map((id) => checkout(id, { stripe_subscription_id: "sub_x" }));
    const { people, left } = gather(source({ checkouts }));
    expect(left).toEqual([]);
    expect(people[0]?.subscriptions).toEqual([{ id: "1", stripeId: "sub_x" }]);
  });

  it("without a subscription is told, for somebody has paid", () => {
    const { left } = gather(source({ checkouts: [checkout("1")] }));
    expect(left).toEqual([
      { kind: "checkout", id: "1", stripeId: "pi_1", reason: "no_subscription" },
    ]);
  });
});
