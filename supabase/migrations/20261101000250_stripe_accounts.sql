-- What Stripe says of the connected accounts of our organizations. An account without a row has never given cause to ask.
create table billing.stripe_accounts (
  stripe_account_id text not null,
  charges_enabled boolean not null,
  -- Stripe no longer lets this platform act for the account.
  deauthorized_at timestamptz,
  -- Rises with every write; a writer that read Stripe under an older revision reads again.
  revision bigint not null default 1,
  checked_at timestamptz not null default now(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint stripe_accounts_pkey primary key (stripe_account_id),
  constraint stripe_accounts_id_form check (stripe_account_id ~ '^acct_[A-Za-z0-9]+$')
);
create index stripe_accounts_unavailable_idx on billing.stripe_accounts (checked_at)
  where not charges_enabled or deauthorized_at is not null;
alter table billing.stripe_accounts enable row level security;
grant select on billing.stripe_accounts to service_role;
create trigger stripe_accounts_touch before update on billing.stripe_accounts
  for each row execute function billing_private.touch_updated_at();

-- Whether charges can be made there, as far as is known; null is the platform's own account.
create function billing_private.account_takes_payments(p_stripe_account_id text) returns boolean
  language sql stable
  set search_path = ''
as $$
  select not exists (
    select from billing.stripe_accounts a
    where a.stripe_account_id = p_stripe_account_id and (not a.charges_enabled or a.deauthorized_at is not null)
  );
$$;

-- The revision under which a writer is about to read an account, 0 where there is no row yet. Null where no organization
-- sells on it.
create function billing.locate_account(p_stripe_account_id text) returns bigint
  language sql stable
  security definer
  set search_path = ''
as $$
  select coalesce(
    (select a.revision from billing.stripe_accounts a where a.stripe_account_id = p_stripe_account_id), 0)
  where exists (select from billing.organizations o where o.stripe_account_id = p_stripe_account_id);
$$;

-- Writes what an account may do. Outcomes: recorded; stale (read again).
create function billing.record_account(
  p_seen_revision bigint,
  p_stripe_account_id text,
  p_charges_enabled boolean,
  p_authorized boolean,
  p_event_id uuid default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  insert into billing.stripe_accounts as a (stripe_account_id, charges_enabled, deauthorized_at)
  values (p_stripe_account_id, p_charges_enabled, case when not p_authorized then clock_timestamp() end)
  on conflict (stripe_account_id) do update
  set charges_enabled = excluded.charges_enabled,
    deauthorized_at = case when not p_authorized then coalesce(a.deauthorized_at, excluded.deauthorized_at) end,
    revision = a.revision + 1, checked_at = clock_timestamp()
  where a.revision = p_seen_revision;
  if not found then
    return jsonb_build_object('outcome', 'stale');
  end if;
  perform billing_private.finish_event(p_event_id, 'applied');
  return jsonb_build_object('outcome', 'recorded');
end;
$$;

-- Takes up accounts that were found unavailable a while ago: nobody tells for certain that one is back.
create function billing.claim_unavailable_accounts(p_limit integer, p_interval_seconds integer, p_livemode boolean)
  returns jsonb
  language sql
  security definer
  set search_path = ''
as $$
  with claimed as (
    update billing.stripe_accounts a set checked_at = clock_timestamp()
    where a.stripe_account_id = any (array(
      select due.stripe_account_id from billing.stripe_accounts due
      where (not due.charges_enabled or due.deauthorized_at is not null)
        and due.checked_at <= statement_timestamp() - make_interval(secs => p_interval_seconds)
        -- Looked up one by one: of a join the planner may read all organizations.
        and (select true from billing.organizations o
          where o.stripe_account_id = due.stripe_account_id and o.livemode = p_livemode limit 1)
      order by due.checked_at
      limit p_limit
      for update skip locked
    ))
    returning a.stripe_account_id
  )
  select coalesce(jsonb_agg(c.stripe_account_id), '[]') from claimed c;
$$;
