-- Who may call what. PUBLIC may execute every new function: that is built into Postgres, and the one default that takes it away
-- takes it from the functions of all other schemas too. An app may have defaults of its own for all its schemas, which grant
-- browsers what is new in ours as well. So a migration that makes tables or functions repeats these lines.
revoke all on schema billing, billing_private from public, anon, authenticated;
revoke all on all tables in schema billing, billing_private from public, anon, authenticated;
revoke execute on all functions in schema billing, billing_private from public, anon, authenticated, service_role;
grant execute on all functions in schema billing to service_role;

-- Constraints are checked as whoever writes the row.
grant execute on function billing_private.charge_step(text) to service_role;
-- A merchant's own policies call them as the browser's role; usage lets supabase-js call them by name, and opens no table.
grant usage on schema billing to authenticated;
grant execute on function billing.has_feature(text), billing.feature_limit(text) to authenticated;
-- The policy on realtime.messages calls it as the browser's role.
grant execute on function billing_private.checkout_topic_exists(text) to anon, authenticated;

-- Members of an organization, of whom the policies of members.sql tell which rows are theirs: the columns that say how a checkout went,
-- and none that holds a person, an address, a URL, a secret or a digest.
grant select (id, name, key, livemode) on billing.organizations to authenticated;
grant select (
  id, organization_id, status, version, checkout_mode, quantity, total_amount, currency, error_code, livemode, payment_intent_id,
  subscription_id, created_at, expires_at, fulfilling_since, completed_at, updated_at, opened_on, completed_on
) on billing.checkout_sessions to authenticated;
grant select (
  id, checkout_session_id, organization_id, payment_intent_id, number, status, error_code, decline_code, created_at, finished_at, begun_on
) on billing.checkout_attempts to authenticated;
grant select (
  id, checkout_session_id, organization_id, stripe_payment_intent_id, status, amount, currency, succeeded_at, refund_reason, refund_status, refund_failures,
  refunding_since, released_at
) on billing.payment_intents to authenticated;
grant select (organization_id, declines, raised_at, until) on billing.organization_guards to authenticated;
grant select on billing.checkout_funnel, billing.time_to_active, billing.decline_codes, billing.refunds_owed to authenticated;
-- The policies call it as the member.
grant execute on function billing_private.my_organizations() to authenticated;
grant execute on function billing.dead_events(uuid), billing.replay_dead_event(text), billing.session_facts(uuid) to authenticated;
