/** One rule taken out of the migrations, and the tests that must notice. */
export interface SqlMutant {
  /** What no longer holds. */
  readonly law: string;
  /** In `supabase/migrations/`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
  /** In `tests/database/`, without their ending. */
  readonly tests: readonly string[];
}

const at = (number: string, topic: string) => `20261101${number}_${topic}.sql`;

export const sqlMutants: readonly SqlMutant[] = [
  {
    law: "a session moves along allowed edges only",
    file: at("000600", "sessions"),
    from: "if new.status is distinct from old.status and not exists (",
    to: "if false and not exists (",
    tests: ["session-state"],
  },
  {
    law: "every change is one version",
    file: at("000600", "sessions"),
    from: "new.version := old.version + 1;",
    to: "new.version := old.version + 2;",
    tests: ["session-state"],
  },
  {
    law: "the end of a subscription is shown",
    file: at("000600", "sessions"),
    from: "'cancelAt', billing_private.iso(sub.cancel_at),",
    to: "'cancelAt', null,",
    tests: ["subscription-sync"],
  },
  {
    law: "a browser hears of a session that exists, and of nothing else",
    file: at("000600", "sessions"),
    from: "using (extension = 'broadcast' and billing_private",
    to: "using (extension = 'broadcast' or billing_private",
    tests: ["realtime-policy"],
  },
  {
    law: "a customer has a product once",
    file: at("000400", "checkout_tables"),
    from: "  where status not in ('canceled', 'incomplete_expired');",
    to: "  where status = 'paused';",
    tests: ["fulfillment", "free-and-trial"],
  },
  {
    law: "no browser's key calls a function",
    file: at("002000", "privileges"),
    from: "grant execute on all functions in schema billing to service_role;",
    to: "grant execute on all functions in schema billing to service_role, anon;",
    tests: ["privileges"],
  },
  {
    law: "a revoked organization key issues no token",
    file: at("000200", "organizations"),
    from: `where k.digest = p_key_digest and k.revoked_at is null
    and o.id = k.organization_id`,
    to: "where k.digest = p_key_digest and o.id = k.organization_id",
    tests: ["keys-command"],
  },
  {
    law: "who has a product is sold no second one",
    file: at("000800", "create"),
    from:
      "elsif billing_private.has_live_subscription(p_organization.id, p_draft.external_user_id, p_price.product_id) then",
    to: "elsif false then",
    tests: ["create"],
  },
  {
    law: "an event is worked by one at a time",
    file: at("001600", "inbox"),
    from: "(e.status = 'processing' and e.leased_until < clock_timestamp())",
    to: "(e.status = 'processing')",
    tests: ["inbox"],
  },
  {
    law: "nothing is fulfilled that is not paid",
    file: at("001000", "fulfillment"),
    from: "if v_intent.status is distinct from 'succeeded' then",
    to: "if false then",
    tests: ["fulfillment"],
  },
  {
    law: "what Stripe told meanwhile is read before a checkout is completed",
    file: at("001000", "fulfillment"),
    from: "elsif v_session.subscription_news <> (p_subscription ->> 'seenNews')::bigint then",
    to: "elsif false then",
    tests: ["subscription-news", "first-invoice"],
  },
  {
    law: "what was read before another writer came is not written",
    file: at("001500", "subscriptions"),
    from: "if v_before.revision is distinct from p_seen_revision then",
    to: "if false then",
    tests: ["subscription-sync"],
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
    law: "a subscription that has another price by now is not changed",
    file: at("001100", "changes"),
    from: "sub.price_id <> ch.from_price_id or",
    to: "false or",
    tests: ["changes"],
  },
  {
    law: "a paused subscription is not changed",
    file: at("001100", "changes"),
    from: "return (sub.collection_paused is not null and",
    to: "return (false and",
    tests: ["changes-beside-status"],
  },
  {
    law: "a change is written by who has claimed it",
    file: at("001100", "changes"),
    from: "elsif v_change.claimed_at is null or v_change.finished_at is not null then",
    to: "elsif false then",
    tests: ["changes"],
  },
  {
    law: "a trace is 32 hexadecimal digits",
    file: at("000400", "checkout_tables"),
    from: "check (trace_id ~ '^[0-9a-f]{32}$')",
    to: "check (trace_id ~ '^[0-9a-f]{32}')",
    tests: ["traces"],
  },
  {
    law: "erasure takes the trace along",
    file: at("001900", "data_rights"),
    from: "metadata = '{}', trace_id = null,",
    to: "metadata = '{}',",
    tests: ["personal-columns"],
  },
  {
    law: "a customer at Stripe is one customer here",
    file: at("001960", "moving_in"),
    from: "where c.stripe_customer_id = v_stripe_customer_id",
    to: "where false and c.stripe_customer_id = v_stripe_customer_id",
    tests: ["import"],
  },
  {
    law: "an imported customer keeps the id at Stripe",
    file: at("001960", "moving_in"),
    from: "if v_customer.stripe_customer_id <> v_stripe_customer_id then",
    to: "if false then",
    tests: ["import"],
  },
  {
    law: "an imported subscription keeps its customer",
    file: at("001960", "moving_in"),
    from: "case when v_subscription.customer_id = p_customer_id then 'known' else 'taken' end",
    to: "'known'",
    tests: ["import"],
  },
  {
    law: "an imported subscription has its grants",
    file: at("001960", "moving_in"),
    from: "perform billing_private.project_grants(v_subscription);",
    to: "perform 1;",
    tests: ["import"],
  },
  {
    law: "a subscription began with a checkout or an import",
    file: at("000400", "checkout_tables"),
    from: "check (num_nonnulls(checkout_session_id, imported_at) = 1)",
    to: "check (true)",
    tests: ["import"],
  },
  {
    law: "no card is charged for what Stripe sells no more",
    file: at("000900", "confirm"),
    from: "if billing_private.is_withdrawn(v_session) then",
    to: "if false then",
    tests: ["withdrawn-offers"],
  },
  {
    law: "a product that Stripe sells no more withdraws its prices",
    file: at("000900", "confirm"),
    from: "not (pr.stripe_active and p.stripe_active)",
    to: "not pr.stripe_active",
    tests: ["withdrawn-offers"],
  },
  {
    law: "a name that is too long holds back nothing",
    file: at("000310", "catalogue_news"),
    from: "coalesce(nullif(left(p_product ->> 'name', 250), ''), p.name)",
    to: "coalesce(p_product ->> 'name', p.name)",
    tests: ["catalogue-news"],
  },
  {
    law: "Stripe's news puts on sale nothing that its owner has taken off",
    file: at("000310", "catalogue_news"),
    from: "set stripe_active = p_active where",
    to: "set stripe_active = p_active, active = pr.archived_at is null and p_active where",
    tests: ["catalogue-news"],
  },
  {
    law: "another database's intents are not ours to end",
    file: at("001700", "reconcile"),
    from:
      "where o.id = case when pg_input_is_valid(given.organization_id, 'uuid') then given.organization_id::uuid end",
    to: "where true",
    tests: ["reconcile-lists"],
  },
];
