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
