-- What reconcile takes up. Every claim is one statement that skips what another run holds, so that any number of runs may
-- go at once.

alter table public.checkout_sessions add column checked_at timestamptz;
comment on column public.checkout_sessions.checked_at is 'when a repair last took the session up';

-- Events whose time has come: never worked, failed and waited long enough, or left by a worker that died.
create function public.claim_events(p_limit integer, p_lease_seconds integer) returns jsonb
  language sql
  security definer
  set search_path = ''
as $$
  with due as (
    select e.id from public.webhook_events e
    where e.status in ('received', 'processing') and e.next_attempt_at <= clock_timestamp()
      and (e.status = 'received' or e.leased_until < clock_timestamp())
    order by e.next_attempt_at
    limit p_limit
    for update skip locked
  ), claimed as (
    update public.webhook_events e
    set status = 'processing', attempts = e.attempts + 1,
      leased_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
    from due where e.id = due.id
    returning e.id, e.payload, e.received_at
  )
  select coalesce(jsonb_agg(
    jsonb_build_object('eventId', c.id, 'payload', c.payload) order by c.received_at), '[]')
  from claimed c;
$$;
revoke execute on function public.claim_events(integer, integer) from public, anon, authenticated;
grant execute on function public.claim_events(integer, integer) to service_role;

-- How long to leave what waits since then between two looks: ever longer, up to an hour.
create function internal.recheck_since(p_since timestamptz) returns interval
  language sql volatile
  set search_path = ''
  return greatest(interval '5 seconds', least(interval '1 hour', (clock_timestamp() - p_since) / 20));

-- A session that may be other than its row says, and how long to leave it between two looks. What takes days (a bank debit)
-- or does not come to an end is asked after less and less often, so that it holds up nothing else.
create function internal.recheck_after(s public.checkout_sessions) returns interval
  language sql stable
  set search_path = ''
as $$
  select case
    when s.status in ('open', 'requires_action') and s.expires_at <= clock_timestamp()
      then internal.recheck_since(s.expires_at)
    when s.status = 'processing' or s.status = 'requires_action' then internal.recheck_since(s.updated_at)
    when s.status = 'open' then interval '20 seconds'
    -- Ended, but money was taken, and not honored.
    when s.status in ('expired', 'failed', 'canceled') and exists (
      select from public.payment_intents p where p.id = s.payment_intent_id and internal.is_refund_due(p)
    ) then internal.recheck_since(s.updated_at)
  end;
$$;

-- Whether it is time to look; null-safe, since a session that ended well is never looked at again.
create function internal.is_due(s public.checkout_sessions) returns boolean
  language sql stable
  set search_path = ''
as $$
  -- Whoever has just changed it is probably still at it.
  select coalesce(
    s.updated_at <= clock_timestamp() - interval '3 seconds'
      and coalesce(s.checked_at, s.created_at) <= clock_timestamp() - internal.recheck_after(s),
    false);
$$;

-- Takes up sessions that are stuck. Open ones that nobody has put a card to are left alone until their hour is over.
create function public.claim_sessions(p_limit integer) returns jsonb
  language sql
  security definer
  set search_path = ''
as $$
  with due as (
    select s.id from public.checkout_sessions s
    left join public.payment_intents p on p.id = s.payment_intent_id
    where (
        (s.status in ('open', 'requires_action') and s.expires_at <= clock_timestamp())
        or s.status in ('processing', 'requires_action')
        or (s.status = 'open' and exists (
          select from public.checkout_attempts a
          where a.checkout_session_id = s.id and a.finished_at is null
        ))
        or (s.status in ('expired', 'failed', 'canceled') and internal.is_refund_due(p))
      )
      and internal.is_due(s)
    order by s.checked_at nulls first
    limit p_limit
    for update of s skip locked
  ), claimed as (
    update public.checkout_sessions s set checked_at = clock_timestamp()
    from due where s.id = due.id
    returning s.id
  )
  select coalesce(jsonb_agg(c.id), '[]') from claimed c;
$$;
revoke execute on function public.claim_sessions(integer) from public, anon, authenticated;
grant execute on function public.claim_sessions(integer) to service_role;

-- One session that a caller asks about; true for one caller at a time, every few seconds.
create function public.claim_session(p_session_id uuid) returns boolean
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  update public.checkout_sessions s set checked_at = clock_timestamp()
  where s.id = (
    select c.id from public.checkout_sessions c
    where c.id = p_session_id and internal.is_due(c)
    for update skip locked
  );
  return found;
end;
$$;
revoke execute on function public.claim_session(uuid) from public, anon, authenticated;
grant execute on function public.claim_session(uuid) to service_role;

-- The snapshot for whoever knows the session's id; to the owning, living token of that mode, where it allows checkouts, also
-- what only the owner may see.
-- `stuck` says that claim_session may be worth a call. Null where there is no such session.
create function public.read_checkout(
  p_session_id uuid,
  p_token_id uuid default null,
  p_livemode boolean default null
) returns jsonb
  language sql stable
  security definer
  set search_path = ''
as $$
  select jsonb_build_object(
    'snapshot', internal.snapshot(s),
    'stuck', internal.is_due(s),
    'owner', (
      select jsonb_build_object(
        'customer', jsonb_strip_nulls(jsonb_build_object('email', s.customer_email, 'name', s.customer_name)),
        'stripePaymentIntentId', p.stripe_payment_intent_id,
        'stripeAccountId', s.stripe_account_id
      )
      from internal.living_token(p_token_id, p_livemode) t
      left join public.payment_intents p on p.id = s.payment_intent_id
      where t.organization_id = s.organization_id and t.external_user_id = s.external_user_id
        and 'checkout' = any (t.allowed_operations)
    )
  )
  from public.checkout_sessions s where s.id = p_session_id;
$$;
revoke execute on function public.read_checkout(uuid, uuid, boolean) from public, anon, authenticated;
grant execute on function public.read_checkout(uuid, uuid, boolean) to service_role;

-- Ends a session that came to its hour without ever having an intent: there is nothing at Stripe to ask.
create function public.expire_bare_session(p_session_id uuid) returns void
  language sql
  security definer
  set search_path = ''
as $$
  update public.checkout_sessions s set status = 'expired'
  where s.id = p_session_id and s.status = 'open' and s.payment_intent_id is null
    and s.expires_at <= clock_timestamp();
$$;
revoke execute on function public.expire_bare_session(uuid) from public, anon, authenticated;
grant execute on function public.expire_bare_session(uuid) to service_role;

-- How far each Stripe account has been read: events that were not delivered, and intents that no session knows.
create table public.stripe_cursors (
  stripe_account_id text not null,
  events_until timestamptz not null,
  intents_until timestamptz not null,
  checked_at timestamptz not null default now(),
  constraint stripe_cursors_pkey primary key (stripe_account_id)
);
comment on column public.stripe_cursors.stripe_account_id is 'empty for the platform''s own account';
alter table public.stripe_cursors enable row level security;
grant select on public.stripe_cursors to service_role;

-- Takes up the accounts that were read longest ago, each by one run at a time. Times in Unix seconds.
create function public.claim_accounts(p_limit integer, p_interval_seconds integer, p_livemode boolean) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_claimed jsonb;
begin
  -- A new account is read from the first moment that anything can have happened on it.
  insert into public.stripe_cursors (stripe_account_id, events_until, intents_until, checked_at)
  select coalesce(o.stripe_account_id, ''), min(o.created_at), min(o.created_at), '-infinity'
  from public.organizations o
  where o.livemode = p_livemode
  group by 1
  on conflict (stripe_account_id) do nothing;

  with due as (
    select c.stripe_account_id from public.stripe_cursors c
    where c.checked_at <= clock_timestamp() - make_interval(secs => p_interval_seconds)
      -- One that we may not read any more is not read; what it could tell waits until it is back.
      and not exists (
        select from public.stripe_accounts a
        where a.stripe_account_id = c.stripe_account_id and a.deauthorized_at is not null
      )
    order by c.checked_at
    limit p_limit
    for update skip locked
  ), claimed as (
    update public.stripe_cursors c set checked_at = clock_timestamp()
    from due where c.stripe_account_id = due.stripe_account_id
    returning c.*
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'stripeAccountId', nullif(c.stripe_account_id, ''),
    'eventsUntil', floor(extract(epoch from c.events_until)),
    'intentsUntil', floor(extract(epoch from c.intents_until))
  )), '[]') into v_claimed from claimed c;
  return v_claimed;
end;
$$;
revoke execute on function public.claim_accounts(integer, integer, boolean) from public, anon, authenticated;
grant execute on function public.claim_accounts(integer, integer, boolean) to service_role;

-- A cursor only goes forward.
create function public.advance_account(
  p_stripe_account_id text,
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
  where c.stripe_account_id = p_stripe_account_id;
$$;
revoke execute on function public.advance_account(text, bigint, bigint) from public, anon, authenticated;
grant execute on function public.advance_account(text, bigint, bigint) to service_role;

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

-- Removes what nobody needs any more, a batch at a time: worked events after p_days, tokens that expired and opened
-- nothing. Answers how many rows went.
create function public.prune(p_limit integer, p_days integer) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_events integer;
  v_tokens integer;
begin
  delete from public.webhook_events e where e.id in (
    select d.id from public.webhook_events d
    where d.status = 'processed' and d.received_at < clock_timestamp() - make_interval(days => p_days)
    order by d.received_at limit p_limit for update skip locked
  );
  get diagnostics v_events = row_count;
  delete from public.session_tokens t where t.id in (
    select d.id from public.session_tokens d
    where d.expires_at < clock_timestamp() - interval '1 day'
      and not exists (select from public.checkout_sessions s where s.session_token_id = d.id)
    order by d.expires_at limit p_limit for update skip locked
  );
  get diagnostics v_tokens = row_count;
  delete from public.rate_counters c where (c.name, c.subject) in (
    select d.name, d.subject from public.rate_counters d
    where d.window_started_at < clock_timestamp() - interval '1 day'
    limit p_limit for update skip locked
  );
  return jsonb_build_object('events', v_events, 'tokens', v_tokens);
end;
$$;
revoke execute on function public.prune(integer, integer) from public, anon, authenticated;
grant execute on function public.prune(integer, integer) to service_role;

-- Gives a dead event, or a processed one, to the next run again.
create function public.replay_event(p_stripe_event_id text) returns boolean
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  update public.webhook_events e
  set status = 'received', outcome = null, attempts = 0, processed_at = null, leased_until = null,
    next_attempt_at = clock_timestamp()
  where e.stripe_event_id = p_stripe_event_id
    and (e.status in ('received', 'dead', 'processed') or e.leased_until < clock_timestamp());
  return found;
end;
$$;
revoke execute on function public.replay_event(text) from public, anon, authenticated;
grant execute on function public.replay_event(text) to service_role;
