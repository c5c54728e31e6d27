-- The platform grants every new object in `public` to anon, authenticated and service_role. For a payment system the
-- safe default is the reverse: an object is closed until its own migration opens it.
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;
-- EXECUTE for PUBLIC is built into Postgres and only a default without a schema takes it away.
alter default privileges revoke execute on functions from public;

-- Helpers and trigger functions. PostgREST serves `public` only, so nothing here is reachable over HTTP.
create schema internal;
revoke all on schema internal from public;

-- A time as every caller of the API sees it: UTC, milliseconds, RFC 3339.
create function internal.iso(at timestamptz) returns text
  language sql stable parallel safe
  set search_path = ''
  return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

create function internal.touch_updated_at() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end;
$$;
