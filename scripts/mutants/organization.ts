import { at, type SqlMutant } from "./sql-mutant.ts";

/** Who sells what, who moves in, and what may be known of whom. */
export const organizationMutants: readonly SqlMutant[] = [
  {
    law: "a token does what it allows",
    file: at("000200", "organizations"),
    from: "elsif not p_operation = any (p_token.allowed_operations) then",
    to: "elsif false then",
    tests: ["own-subscriptions"],
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
    law: "erasure takes every counter along",
    file: at("001900", "data_rights"),
    from: "where c.name = any (array(select l.name from billing.rate_limits l))",
    to: "where c.name in ('create_per_token', 'declines_per_customer', 'tokens_per_customer')",
    tests: ["data-rights"],
  },
  {
    law: "who erases a customer and who stores events wait for each other in one direction",
    file: at("001900", "data_rights"),
    from: "order by e.stripe_event_id for update",
    to: "order by e.id for update",
    tests: ["data-rights-races"],
  },
  {
    law: "who erases a customer locks what is open before what is completed",
    file: at("001900", "data_rights"),
    from: "order by s.completed_at nulls first, s.id for update",
    to: "order by s.id for update",
    tests: ["lock-order"],
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
    law: "no browser's key calls a function",
    file: at("002000", "privileges"),
    from: "grant execute on all functions in schema billing to service_role;",
    to: "grant execute on all functions in schema billing to service_role, anon;",
    tests: ["privileges"],
  },
];
