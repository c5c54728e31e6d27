-- What reconcile takes up. Every claim is one statement that skips what another run holds, so that any number of runs may
-- go at once. Each reads the index of what is due and nothing else, however much there ever was: hence statement_timestamp(),
-- for a clock that may move on within the statement cannot bound an index scan. Its rows are then
-- named one by one (= any): of a join with so many as a parameter says the planner may think that reading all is cheaper.

alter table public.checkout_sessions
  add column checked_at timestamptz,
  add column due_at timestamptz;
comment on column public.checkout_sessions.checked_at is 'when a repair last took the session up';
comment on column public.checkout_sessions.due_at is
  'when a repair is to look; null where nothing is ever to be done. Kept by triggers: internal.session_due_at';
create index checkout_sessions_due_at_idx on public.checkout_sessions (due_at) where due_at is not null;

-- Events whose time has come: never worked, failed and waited long enough, or left by a worker that died.
create function public.claim_events(p_limit integer, p_lease_seconds integer) returns jsonb
  language sql
  security definer
  set search_path = ''
as $$
  with claimed as (
    update public.webhook_events e
    set status = 'processing', attempts = e.attempts + 1,
      leased_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where e.id = any (array(
      select due.id from public.webhook_events due
      where due.status in ('received', 'processing') and due.next_attempt_at <= statement_timestamp()
        and (due.status = 'received' or due.leased_until < clock_timestamp())
      order by due.next_attempt_at
      limit p_limit
      for update skip locked
    ))
    returning e.id, e.payload, e.received_at
  )
  select coalesce(jsonb_agg(
    jsonb_build_object('eventId', c.id, 'payload', c.payload) order by c.received_at), '[]')
  from claimed c;
$$;
revoke execute on function public.claim_events(integer, integer) from public, anon, authenticated;
grant execute on function public.claim_events(integer, integer) to service_role;

-- When to look at what has waited since then, as of the last look: ever later, up to an hour.
create function internal.next_look(p_since timestamptz, p_checked_at timestamptz) returns timestamptz
  language sql stable parallel safe
  set search_path = ''
  return case
    when p_checked_at >= p_since
      then p_checked_at + greatest(interval '5 seconds', least(interval '1 hour', (p_checked_at - p_since) / 20))
    else p_since + interval '5 seconds'
  end;

-- When a repair is to look at a session; null where nothing is ever to be done. What takes days (a bank debit) or does not
-- come to an end is asked after less and less often, so that it holds up nothing else. It follows from the row, its cards
-- and the state of its payment, and from no clock.
create function internal.session_due_at(s public.checkout_sessions) returns timestamptz
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_ended constant timestamptz := case
    when s.checked_at >= s.expires_at then internal.next_look(s.expires_at, s.checked_at)
    else s.expires_at
  end;
  v_due timestamptz;
begin
  if s.status = 'succeeded' then
    return null;
  elsif s.status = 'processing' then
    v_due := internal.next_look(s.updated_at, s.checked_at);
  elsif s.status = 'requires_action' then
    v_due := least(internal.next_look(s.updated_at, s.checked_at), v_ended);
  elsif s.status = 'open' then
    v_due := v_ended;
    -- A card was put forward and its answer not written down. One that nobody has put a card to waits for its hour.
    if s.checked_at is null or s.checked_at < s.expires_at then
      v_due := least(v_due, (
        select greatest(max(a.created_at), s.checked_at) + interval '20 seconds'
        from public.checkout_attempts a
        where a.checkout_session_id = s.id and a.finished_at is null
      ));
    end if;
  else
    -- Ended. Money that was taken and not honoured is given back; what was given back may be returned.
    v_due := (
      select greatest(
        internal.next_look(s.updated_at, s.checked_at),
        case when p.refund_status is not null then p.refund_look_at end)
      from public.payment_intents p
      where p.id = s.payment_intent_id and p.status = 'succeeded' and p.released_at is null
        and (p.refund_status is null or p.refund_look_at is not null)
    );
  end if;
  -- Whoever has just changed it is probably still at it.
  return case when v_due is not null then greatest(v_due, s.updated_at + interval '3 seconds') end;
end;
$$;

-- After the guard, by name, so that updated_at is known.
create function internal.keep_due() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.due_at := internal.session_due_at(new);
  return new;
end;
$$;
create trigger checkout_sessions_keep_due before insert or update on public.checkout_sessions
  for each row execute function internal.keep_due();

-- What lies beside the session and moves its time: a refund's state once it has ended, a card while it is open.
create function internal.follow_intent_due() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  update public.checkout_sessions s set due_at = new.refund_look_at
  where s.id = new.checkout_session_id and s.payment_intent_id = new.id
    and s.status in ('expired', 'failed', 'canceled');
  return null;
end;
$$;
create trigger payment_intents_follow_due after update on public.payment_intents
  for each row when (
    (old.status, old.released_at, old.refund_status, old.refund_look_at)
      is distinct from (new.status, new.released_at, new.refund_status, new.refund_look_at)
  )
  execute function internal.follow_intent_due();

create function internal.follow_attempt_due() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  update public.checkout_sessions s set due_at = new.created_at
  where s.id = new.checkout_session_id and s.status = 'open';
  return null;
end;
$$;
create trigger checkout_attempts_begin_due after insert on public.checkout_attempts
  for each row execute function internal.follow_attempt_due();
create trigger checkout_attempts_follow_due after update on public.checkout_attempts
  for each row when ((old.finished_at, old.created_at) is distinct from (new.finished_at, new.created_at))
  execute function internal.follow_attempt_due();

-- Takes up sessions that are due, those that have waited longest first.
create function public.claim_sessions(p_limit integer) returns jsonb
  language sql
  security definer
  set search_path = ''
as $$
  with claimed as (
    update public.checkout_sessions s set checked_at = clock_timestamp()
    where s.id = any (array(
      select due.id from public.checkout_sessions due
      where due.due_at <= statement_timestamp()
      order by due.due_at
      limit p_limit
      for update skip locked
    ))
    returning s.id
  )
  select coalesce(jsonb_agg(c.id), '[]') from claimed c;
$$;
revoke execute on function public.claim_sessions(integer) from public, anon, authenticated;
grant execute on function public.claim_sessions(integer) to service_role;

-- Whether it is worth a look at Stripe for somebody who asks about this one session: where it is due, and now and then
-- where it is open, for its customer may have paid past our confirm.
create function internal.may_look(s public.checkout_sessions) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return coalesce(s.due_at <= clock_timestamp(), false)
    or (s.status = 'open' and s.expires_at > clock_timestamp()
      and s.updated_at <= clock_timestamp() - interval '3 seconds'
      and coalesce(s.checked_at, s.created_at) <= clock_timestamp() - interval '20 seconds');
end;
$$;

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
    where c.id = p_session_id and internal.may_look(c)
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
    'stuck', internal.may_look(s),
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
create index stripe_cursors_checked_at_idx on public.stripe_cursors (checked_at);
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
    where c.checked_at <= statement_timestamp() - make_interval(secs => p_interval_seconds)
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

-- A token that has opened a checkout stays as long as that: marked, so that no run has to pass over all there are.
create function internal.mark_token_opened() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  update public.session_tokens t set opened_at = clock_timestamp()
  where t.id = new.session_token_id and t.opened_at is null;
  return null;
end;
$$;
create trigger checkout_sessions_open_token after insert on public.checkout_sessions
  for each row execute function internal.mark_token_opened();

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
  delete from public.webhook_events e where e.id = any (array(
    select d.id from public.webhook_events d
    where d.status = 'processed' and d.received_at < statement_timestamp() - make_interval(days => p_days)
    order by d.received_at limit p_limit for update skip locked
  ));
  get diagnostics v_events = row_count;
  delete from public.session_tokens t where t.id = any (array(
    select d.id from public.session_tokens d
    where d.opened_at is null and d.expires_at < statement_timestamp() - interval '1 day'
    order by d.expires_at limit p_limit for update skip locked
  ));
  get diagnostics v_tokens = row_count;
  delete from public.rate_counters c where c.ctid = any (array(
    select d.ctid from public.rate_counters d
    where d.window_started_at < statement_timestamp() - interval '1 day'
    order by d.window_started_at limit p_limit for update skip locked
  ));
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
