-- How far each Stripe account has been read: events that were not delivered, and intents that no session knows.
create table public.stripe_cursors (
  stripe_account_id text not null,
  events_until timestamptz not null,
  intents_until timestamptz not null,
  checked_at timestamptz not null default now(),
  livemode boolean not null default false,
  constraint stripe_cursors_pkey primary key (stripe_account_id, livemode)
);
comment on column public.stripe_cursors.stripe_account_id is 'empty for the platform''s own account';
comment on column public.stripe_cursors.checked_at is
  'when it was last read, or until when it is left alone: infinity while the account is not ours to read';
create index stripe_cursors_checked_at_idx on public.stripe_cursors (livemode, checked_at);
alter table public.stripe_cursors enable row level security;
grant select on public.stripe_cursors to service_role;

-- An account is read from the first moment that anything can have happened there: written down when an organization begins to
-- sell on it, so that no run has to look for new ones among all.
create function internal.begin_cursor() returns trigger
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  insert into public.stripe_cursors (stripe_account_id, livemode, events_until, intents_until, checked_at)
  values (coalesce(new.stripe_account_id, ''), new.livemode, new.created_at, new.created_at, '-infinity')
  on conflict (stripe_account_id, livemode) do nothing;
  return null;
end;
$$;
create trigger organizations_begin_cursor after insert or update of stripe_account_id, livemode on public.organizations
  for each row execute function internal.begin_cursor();

-- An account that we may not read any more is left alone, so that no claim has to pass over it; what it could tell waits
-- until it is back.
create function internal.rest_cursor() returns trigger
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  update public.stripe_cursors c
  set checked_at = case when new.deauthorized_at is null then '-infinity'::timestamptz else 'infinity' end
  where c.stripe_account_id = new.stripe_account_id;
  return null;
end;
$$;
create trigger stripe_accounts_begin_rest after insert on public.stripe_accounts
  for each row when (new.deauthorized_at is not null) execute function internal.rest_cursor();
create trigger stripe_accounts_rest after update on public.stripe_accounts
  for each row when ((old.deauthorized_at is null) <> (new.deauthorized_at is null))
  execute function internal.rest_cursor();

-- Takes up the accounts that were read longest ago, each by one run at a time. Times in Unix seconds.
create function public.claim_accounts(p_limit integer, p_interval_seconds integer, p_livemode boolean) returns jsonb
  language sql
  security definer
  set search_path = ''
as $$
  with claimed as (
    update public.stripe_cursors c set checked_at = clock_timestamp()
    where c.livemode = p_livemode and c.stripe_account_id = any (array(
      select due.stripe_account_id from public.stripe_cursors due
      where due.livemode = p_livemode
        and due.checked_at <= statement_timestamp() - make_interval(secs => p_interval_seconds)
        -- One that was gone before anybody sold on it. Looked up one by one: of a join the planner may read all.
        and (select a.deauthorized_at from public.stripe_accounts a
          where a.stripe_account_id = due.stripe_account_id) is null
      order by due.checked_at
      limit p_limit
      for update skip locked
    ))
    returning c.*
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'stripeAccountId', nullif(c.stripe_account_id, ''),
    'eventsUntil', floor(extract(epoch from c.events_until)),
    'intentsUntil', floor(extract(epoch from c.intents_until))
  )), '[]') from claimed c;
$$;
revoke execute on function public.claim_accounts(integer, integer, boolean) from public, anon, authenticated;
grant execute on function public.claim_accounts(integer, integer, boolean) to service_role;

-- A cursor only goes forward.
create function public.advance_account(
  p_stripe_account_id text,
  p_livemode boolean,
  p_events_until bigint default null,
  p_intents_until bigint default null
) returns void
  language sql
  security definer
  set search_path = ''
as $$
  update public.stripe_cursors c
  set events_until = greatest(c.events_until, to_timestamp(p_events_until)),
    intents_until = greatest(c.intents_until, to_timestamp(p_intents_until))
  where c.stripe_account_id = p_stripe_account_id and c.livemode = p_livemode;
$$;
revoke execute on function public.advance_account(text, boolean, bigint, bigint) from public, anon, authenticated;
grant execute on function public.advance_account(text, boolean, bigint, bigint) to service_role;

-- Those of the given intents that no session has taken.
create function public.unknown_intents(p_stripe_payment_intent_ids text[]) returns jsonb
  language sql stable
  security definer
  set search_path = ''
as $$
  select coalesce(jsonb_agg(given.id), '[]')
  from unnest(p_stripe_payment_intent_ids) given(id)
  where not exists (
    select from public.payment_intents p where p.stripe_payment_intent_id = given.id
  );
$$;
revoke execute on function public.unknown_intents(text[]) from public, anon, authenticated;
grant execute on function public.unknown_intents(text[]) to service_role;
