-- What reconcile takes up. Every claim is one statement that skips what another run holds, so that any number of runs may
-- go at once. Each reads the index of what is due and nothing else, however much there ever was: hence statement_timestamp(),
-- for a clock that may move on within the statement cannot bound an index scan. Its rows are then named one by one (= any):
-- of a join with as many rows as a parameter says the planner may think that reading all is cheaper.

-- Events whose time has come: never worked, failed and waited long enough, or left by a worker that died.
create function billing.claim_events(p_limit integer, p_lease_seconds integer) returns jsonb
  language sql
  security definer
  set search_path = ''
as $$
  with claimed as (
    update billing.webhook_events e
    set status = 'processing', attempts = e.attempts + 1,
      leased_until = clock_timestamp() + make_interval(secs => p_lease_seconds)
    where e.id = any (array(
      select due.id from billing.webhook_events due
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

-- Takes up sessions that are due, those that have waited longest first.
create function billing.claim_sessions(p_limit integer) returns jsonb
  language sql
  security definer
  set search_path = ''
as $$
  with claimed as (
    update billing.checkout_sessions s set checked_at = clock_timestamp()
    where s.id = any (array(
      select due.id from billing.checkout_sessions due
      where due.due_at <= statement_timestamp()
      order by due.due_at
      limit p_limit
      for update skip locked
    ))
    returning s.id
  )
  select coalesce(jsonb_agg(c.id), '[]') from claimed c;
$$;

-- Whether it is worth a look at Stripe for somebody who asks about this one session: where it is due, and now and then
-- where it is open, for its customer may have paid past our confirm.
create function billing_private.may_look(s billing.checkout_sessions) returns boolean
  language sql stable
  set search_path = ''
as $$
  select coalesce(s.due_at <= clock_timestamp(), false)
    or (s.status = 'open' and s.expires_at > clock_timestamp()
      and s.updated_at <= clock_timestamp() - interval '3 seconds'
      and coalesce(s.checked_at, s.created_at) <= clock_timestamp() - interval '20 seconds');
$$;

-- One session that a caller asks about; true for one caller at a time, every few seconds.
create function billing.claim_session(p_session_id uuid) returns boolean
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  update billing.checkout_sessions s set checked_at = clock_timestamp()
  where s.id = (
    select c.id from billing.checkout_sessions c
    where c.id = p_session_id and billing_private.may_look(c)
    for update skip locked
  );
  return found;
end;
$$;

-- Ends a session that came to its expiry without ever having an intent: there is nothing at Stripe to ask.
create function billing.expire_bare_session(p_session_id uuid) returns void
  language sql
  security definer
  set search_path = ''
as $$
  update billing.checkout_sessions s set status = 'expired'
  where s.id = p_session_id and s.status = 'open' and s.payment_intent_id is null
    and s.expires_at <= clock_timestamp();
$$;

-- Gives a dead event, or a processed one, to the next run again.
create function billing.replay_event(p_stripe_event_id text) returns boolean
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  update billing.webhook_events e
  set status = 'received', outcome = null, attempts = 0, processed_at = null, leased_until = null,
    next_attempt_at = clock_timestamp()
  where e.stripe_event_id = p_stripe_event_id
    and (e.status in ('received', 'dead', 'processed') or e.leased_until < clock_timestamp());
  return found;
end;
$$;
