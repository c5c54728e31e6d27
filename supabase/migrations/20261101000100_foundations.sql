-- Everything lies in two schemas of our own, so that the project of a merchant's app can hold it. `billing` has the tables and
-- the functions that PostgREST serves to service_role; `billing_private` has helpers and trigger functions, and is not served.
-- Nothing here changes what the project's other schemas hold or grant.
create schema billing;
create schema billing_private;
-- Nobody else: what a later migration makes and forgets to close is out of a browser's reach.
grant usage on schema billing to service_role;

-- What `npm run deploy` has applied, with the SHA-256 of each file. A history of our own, for that of the project may be an app's,
-- whose `supabase db push` refuses versions that it does not know. Empty where `supabase db push` has applied these files.
create table billing.applied_migrations (
  version text not null,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default clock_timestamp(),
  constraint applied_migrations_pkey primary key (version)
);
alter table billing.applied_migrations enable row level security;

-- What `npm run deploy` has uploaded: the SHA-256 of the sources, and what the platform said of the function when it had it.
create table billing.uploaded_functions (
  slug text not null,
  digest text not null,
  version bigint not null,
  platform_updated_at bigint not null,
  constraint uploaded_functions_pkey primary key (slug)
);
alter table billing.uploaded_functions enable row level security;

-- The functions and the functions' secrets that `npm run deploy` has put there, or is about to: an app's own of other names are never
-- touched, and one of the same name only where the operator says so. `npm run uninstall` takes out these alone.
create table billing.deployed_names (
  kind text not null,
  name text not null,
  constraint deployed_names_pkey primary key (kind, name),
  constraint deployed_names_kind_known check (kind in ('function', 'secret'))
);
alter table billing.deployed_names enable row level security;

-- Helpers are plpgsql, whose statements keep their plans. Those of a SQL function that pins its search path, as the advisors want
-- it, are planned at every call.

-- A time as every caller of the API sees it: UTC, milliseconds, RFC 3339.
create function billing_private.iso(at timestamptz) returns text
  language plpgsql stable parallel safe
  set search_path = ''
as $$
begin
  return to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');
end;
$$;

create function billing_private.unix(p_facts jsonb, p_key text) returns timestamptz
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return to_timestamp((p_facts ->> p_key)::bigint);
end;
$$;

create function billing_private.touch_updated_at() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end;
$$;

create function billing_private.raise_revision() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.revision := old.revision + 1;
  return new;
end;
$$;
