import { at, type SqlMutant } from "./sql-mutant.ts";

/** What follows from Stripe's news of a subscription: refunds, grants, invoices, events. */
export const billingMutants: readonly SqlMutant[] = [
  {
    law: "what Stripe may still give back is not settled by hand",
    file: at("001300", "refunds"),
    from: "p.refund_status is null and billing_private.is_overdue(p.refunding_since)",
    to: "p.refund_status is null",
    tests: ["refunds"],
  },
  {
    law: "a lost dispute takes the features",
    file: at("001400", "grants"),
    from: "if billing_private.is_disputed(sub) then",
    to: "if false then",
    tests: ["grants", "disputed-checkouts"],
  },
  {
    law: "the grace of a bill is counted in days",
    file: at("001400", "grants"),
    from: "make_interval(days => v_grace_days)",
    to: "make_interval(hours => v_grace_days)",
    tests: ["grants"],
  },
  {
    law: "the sessions of a subscription are locked in the order in which it came to them",
    file: at("001400", "grants"),
    from:
      "where s.subscription_id = p_subscription_id\n  order by s.completed_at, s.id for update;",
    to: "where s.subscription_id = p_subscription_id\n  order by s.id for update;",
    tests: ["lock-order"],
  },
  {
    law: "what was read before another writer came is not written",
    file: at("001500", "subscriptions"),
    from: "if v_before.revision is distinct from p_seen_revision then",
    to: "if false then",
    tests: ["subscription-sync"],
  },
  {
    law: "an invoice counts whose subscription is to be read again",
    file: at("001500", "subscriptions"),
    from: "if v_shown is not null then",
    to: "if v_shown is not null and v_outcome ->> 'outcome' = 'recorded' then",
    tests: ["disputed-checkouts"],
  },
  {
    law: "a grace that runs begins with nothing anew",
    file: at("001500", "subscriptions"),
    from: "coalesce(new.past_due_since, clock_timestamp())",
    to: "clock_timestamp()",
    tests: ["grants"],
  },
  {
    law: "what has ended does not go on",
    file: at("001510", "own_subscriptions"),
    from: "if not p_ending and (",
    to: "if false and (",
    tests: ["own-subscriptions"],
  },
  {
    law: "a free subscription that a change has made Stripe's meanwhile is ended there",
    file: at("001510", "own_subscriptions"),
    from: "if v_subscription.stripe_subscription_id is not null and billing_private.is_live",
    to: "if false and billing_private.is_live",
    tests: ["signed-in-races"],
  },
  {
    law: "a later delivery puts nothing back that was taken out of an event",
    file: at("001600", "inbox"),
    from: "payload = case when v_idle then excluded.payload else e.payload end",
    to: "payload = excluded.payload",
    tests: ["inbox"],
  },
  {
    law: "two calls with the same events wait for each other in one direction",
    file: at("001600", "inbox"),
    from: "    order by e.id\n  loop",
    to: "  loop",
    tests: ["inbox"],
  },
  {
    law: "an event is worked by one at a time",
    file: at("001600", "inbox"),
    from: "(e.status = 'processing' and e.leased_until < clock_timestamp())",
    to: "(e.status = 'processing')",
    tests: ["inbox"],
  },
  {
    law: "another database's intents are not ours to end",
    file: at("001700", "reconcile"),
    from:
      "where o.id = case when given.organization_id ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'\n      then given.organization_id::uuid end",
    to: "where true",
    tests: ["reconcile-lists"],
  },
];
