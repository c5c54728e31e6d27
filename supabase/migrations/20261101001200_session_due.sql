-- When a repair is to look at a session, kept on its row.

alter table billing.checkout_sessions
  add column checked_at timestamptz,
  add column due_at timestamptz;
comment on column billing.checkout_sessions.checked_at is 'when a repair last took the session up';
comment on column billing.checkout_sessions.due_at is
  'when a repair is to look; null where nothing is ever to be done. Kept by triggers: billing_private.session_due_at';
create index checkout_sessions_due_at_idx on billing.checkout_sessions (due_at) where due_at is not null;

-- When to look at what has waited since then, as of the last look: ever later, up to an hour.
create function billing_private.next_look(p_since timestamptz, p_checked_at timestamptz) returns timestamptz
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
create function billing_private.session_due_at(s billing.checkout_sessions) returns timestamptz
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_ended constant timestamptz := case
    when s.checked_at >= s.expires_at then billing_private.next_look(s.expires_at, s.checked_at)
    else s.expires_at
  end;
  v_due timestamptz;
begin
  if s.status = 'succeeded' then
    return null;
  elsif s.status = 'processing' then
    v_due := billing_private.next_look(s.updated_at, s.checked_at);
  elsif s.status = 'requires_action' then
    v_due := least(billing_private.next_look(s.updated_at, s.checked_at), v_ended);
  elsif s.status = 'open' then
    v_due := v_ended;
    -- An attempt was begun and its answer not written down. A session without an attempt waits for its expiry.
    if s.checked_at is null or s.checked_at < s.expires_at then
      v_due := least(v_due, (
        select max(greatest(a.created_at, s.checked_at)) + interval '20 seconds'
        from billing.checkout_attempts a
        where a.checkout_session_id = s.id and a.finished_at is null
      ));
    end if;
  else
    -- Ended. Money that was taken and not honored is given back; what was given back may be returned.
    v_due := (
      select greatest(
        billing_private.next_look(s.updated_at, s.checked_at),
        case when p.refund_status is not null then p.refund_look_at end)
      from billing.payment_intents p
      where p.id = s.payment_intent_id and p.status = 'succeeded' and p.released_at is null
        and (p.refund_status is null or p.refund_look_at is not null)
    );
  end if;
  -- Whoever has just changed it is probably still at it.
  return case when v_due is not null then greatest(v_due, s.updated_at + interval '3 seconds') end;
end;
$$;

-- After the guard, by name, so that updated_at is known.
create function billing_private.keep_due() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.due_at := billing_private.session_due_at(new);
  return new;
end;
$$;
create trigger checkout_sessions_keep_due before insert or update on billing.checkout_sessions
  for each row execute function billing_private.keep_due();

-- What lies beside the session and moves its time: a refund's state once it has ended, an attempt while it is open. Whatever
-- these two write to due_at, checkout_sessions_keep_due puts the right time in its place.
create function billing_private.follow_intent_due() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  update billing.checkout_sessions s set due_at = new.refund_look_at
  where s.id = new.checkout_session_id and s.payment_intent_id = new.id
    and s.status in ('expired', 'failed', 'canceled');
  return null;
end;
$$;
create trigger payment_intents_follow_due after update on billing.payment_intents
  for each row when (
    (old.status, old.released_at, old.refund_status, old.refund_look_at)
      is distinct from (new.status, new.released_at, new.refund_status, new.refund_look_at)
  )
  execute function billing_private.follow_intent_due();

create function billing_private.follow_attempt_due() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  update billing.checkout_sessions s set due_at = new.created_at
  where s.id = new.checkout_session_id and s.status = 'open';
  return null;
end;
$$;
create trigger checkout_attempts_begin_due after insert on billing.checkout_attempts
  for each row execute function billing_private.follow_attempt_due();
create trigger checkout_attempts_follow_due after update on billing.checkout_attempts
  for each row when ((old.finished_at, old.created_at) is distinct from (new.finished_at, new.created_at))
  execute function billing_private.follow_attempt_due();
