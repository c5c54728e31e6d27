-- Limits and the guard against card testers. They are counted inside the calls that each function makes anyway, so that
-- they cost no round trip and cannot be passed by asking twice at once.

create table billing.rate_limits (
  name text not null,
  max_count integer not null,
  window_seconds integer not null,
  constraint rate_limits_pkey primary key (name),
  constraint rate_limits_name_known check (name in (
    'create_per_token', 'create_per_address', 'confirm_per_session', 'confirm_per_address',
    'declines_per_session', 'declines_per_customer', 'declines_per_organization', 'guard',
    'status_per_session', 'tokens_per_key', 'tokens_per_customer', 'subscription_per_customer', 'portal_per_customer'
  )),
  constraint rate_limits_max_count_range check (max_count > 0),
  constraint rate_limits_window_seconds_range check (window_seconds between 1 and 86400)
);
alter table billing.rate_limits enable row level security;
grant select, update on billing.rate_limits to service_role;
insert into billing.rate_limits (name, max_count, window_seconds) values
  ('create_per_token', 60, 600),
  ('create_per_address', 120, 600),
  -- Attempts in one session, over its whole life: its window is not used.
  ('confirm_per_session', 10, 3600),
  ('confirm_per_address', 30, 600),
  -- Refused cards, those too that were put to Stripe past our confirm. One more in a session closes it; a customer's last
  -- one stops that customer; one more at an organization raises the guard.
  ('declines_per_session', 10, 3600),
  ('declines_per_customer', 20, 3600),
  ('declines_per_organization', 100, 600),
  -- For how long the guard stands; its count is not used.
  ('guard', 1, 600),
  -- Ten pages that each ask every second. The owner's status reads Stripe at every call.
  ('status_per_session', 600, 60),
  -- A hundred a second by one server, and for one of its users one every other second: a page may ask at each load, and
  -- whoever asks for more would only pass the limits of one token.
  ('tokens_per_key', 6000, 60),
  ('tokens_per_customer', 300, 600),
  -- What asks Stripe: previews of the next invoice, cancellations and their taking back; sessions of Stripe's portal.
  ('subscription_per_customer', 60, 600),
  ('portal_per_customer', 30, 600);

-- Counts are worth nothing after a crash: an unlogged table costs no write-ahead log. A subject is an id or a keyed digest
-- of a client's address under the day's salt, never an address.
create unlogged table billing.rate_counters (
  name text not null,
  subject text not null,
  count integer not null,
  window_started_at timestamptz not null,
  constraint rate_counters_pkey primary key (name, subject),
  constraint rate_counters_name_fkey foreign key (name) references billing.rate_limits (name)
);
create index rate_counters_window_started_at_idx on billing.rate_counters (window_started_at);
alter table billing.rate_counters enable row level security;
grant select on billing.rate_counters to service_role;

-- An organization at which cards are being tested: until then it takes no card and opens no checkout.
create table billing.organization_guards (
  organization_id uuid not null,
  declines integer not null,
  raised_at timestamptz not null,
  until timestamptz not null,
  constraint organization_guards_pkey primary key (organization_id),
  constraint organization_guards_organization_id_fkey foreign key (organization_id)
    references billing.organizations (id) on delete cascade
);
alter table billing.organization_guards enable row level security;
grant select, delete on billing.organization_guards to service_role;

-- Counts one more. Answers null within the limit, else the seconds until the window ends.
create function billing_private.count_against(p_name text, p_subject text) returns integer
  language plpgsql
  set search_path = ''
as $$
declare
  v_limit billing.rate_limits;
  v_counter billing.rate_counters;
  v_now constant timestamptz := clock_timestamp();
begin
  select * into strict v_limit from billing.rate_limits l where l.name = p_name;
  insert into billing.rate_counters as c (name, subject, count, window_started_at)
  values (p_name, p_subject, 1, v_now)
  on conflict (name, subject) do update set
    count = case when c.window_started_at <= v_now - make_interval(secs => v_limit.window_seconds)
      then 1 else c.count + 1 end,
    window_started_at = case when c.window_started_at <= v_now - make_interval(secs => v_limit.window_seconds)
      then v_now else c.window_started_at end
  returning * into v_counter;
  if v_counter.count <= v_limit.max_count then
    return null;
  end if;
  return greatest(1, ceil(extract(epoch from
    v_counter.window_started_at + make_interval(secs => v_limit.window_seconds) - v_now)))::integer;
end;
$$;

-- Seconds for which the guard still stands; null where there is none.
create function billing_private.guarded_for(p_organization_id uuid) returns integer
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select greatest(1, ceil(extract(epoch from g.until - clock_timestamp())))::integer
    from billing.organization_guards g
    where g.organization_id = p_organization_id and g.until > clock_timestamp()
  );
end;
$$;

create function billing_private.rate_limited(p_seconds integer) returns jsonb
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return jsonb_build_object('outcome', 'rate_limited', 'retryAfter', p_seconds);
end;
$$;

-- A customer as a counter's subject: a digest, since the merchant's id of a person may be a name or an address.
create function billing_private.customer_subject(p_organization_id uuid, p_external_id text) returns text
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return encode(sha256(convert_to(p_organization_id::text || ':' || p_external_id, 'UTF8')), 'hex');
end;
$$;

-- Seconds for which a customer whose cards were refused too often is stopped; null where there is no reason to.
create function billing_private.customer_stopped_for(p_organization_id uuid, p_external_id text) returns integer
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select greatest(1, ceil(extract(epoch from
      c.window_started_at + make_interval(secs => l.window_seconds) - clock_timestamp())))::integer
    from billing.rate_limits l join billing.rate_counters c on c.name = l.name
    where l.name = 'declines_per_customer'
      and c.subject = billing_private.customer_subject(p_organization_id, p_external_id)
      and c.count >= l.max_count
      and c.window_started_at + make_interval(secs => l.window_seconds) > clock_timestamp()
  );
end;
$$;

-- A card was refused. Answers whether the session has had more of that than it may. What a customer has refused beyond the
-- customer's own limit does not count against the organization: no one person can raise the guard before all others.
create function billing_private.count_decline(p_session billing.checkout_sessions) returns boolean
  language plpgsql
  set search_path = ''
as $$
declare
  v_exhausted constant boolean := billing_private.count_against('declines_per_session', p_session.id::text) is not null;
begin
  if billing_private.count_against('declines_per_customer',
      billing_private.customer_subject(p_session.organization_id, p_session.external_user_id)) is not null
    or billing_private.count_against('declines_per_organization', p_session.organization_id::text) is null
  then
    return v_exhausted;
  end if;
  insert into billing.organization_guards as g (organization_id, declines, raised_at, until)
  select p_session.organization_id, c.count, clock_timestamp(),
    clock_timestamp() + make_interval(secs => l.window_seconds)
  from billing.rate_limits l, billing.rate_counters c
  where l.name = 'guard' and c.name = 'declines_per_organization'
    and c.subject = p_session.organization_id::text
  on conflict (organization_id) do update set declines = excluded.declines, until = excluded.until;
  return v_exhausted;
end;
$$;
