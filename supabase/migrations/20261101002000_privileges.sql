-- Who may call what. PUBLIC may execute every new function: that is built into Postgres, and the one default that takes it away
-- takes it from the functions of all other schemas too. So a migration that makes functions repeats the first two lines.
revoke execute on all functions in schema billing, billing_private from public;
grant execute on all functions in schema billing to service_role;

-- Constraints are checked as whoever writes the row.
grant execute on function billing_private.charge_step(text) to service_role;
-- The policy on realtime.messages calls it as the browser's role.
grant execute on function billing_private.checkout_topic_exists(text) to anon, authenticated;
