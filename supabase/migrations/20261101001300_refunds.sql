-- The way back of a payment that could not be honored, to its very end: a bank may return a refund days after Stripe had
-- called it succeeded, and then the money is owed again.

-- Money that was taken and not honored is owed until Stripe says that it went back.
create function billing_private.is_refund_open(p billing.payment_intents) returns boolean
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return p.status = 'succeeded' and p.released_at is null and p.refund_status is distinct from 'succeeded';
end;
$$;

-- Whether a refund may be made: there has been none, or the wait after one that failed is over.
create function billing_private.may_refund(p billing.payment_intents) returns boolean
  language plpgsql volatile
  set search_path = ''
as $$
begin
  return p.refund_status is null
    or (p.refund_status in ('failed', 'canceled') and p.refund_look_at <= clock_timestamp());
end;
$$;

-- How long to wait after so many failures until the next refund is made; null: no more.
create function billing_private.refund_wait(p_failures integer) returns interval
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return case p_failures
    when 1 then interval '1 minute'
    when 2 then interval '1 hour'
    when 3 then interval '6 hours'
    when 4 then interval '1 day'
  end;
end;
$$;

-- How far along a refund is at Stripe among those of one number of failures: a state read later is never lower, so that
-- an older one is known by it.
create function billing_private.refund_rank(p_status text) returns integer
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return case
    when p_status in ('pending', 'requires_action') then 1
    when p_status = 'succeeded' then 2
    when p_status is not null then 0
    else -1
  end;
end;
$$;

-- When to look again, ever less often. A refund that succeeded may still be returned by the bank within a month.
create function billing_private.refund_look_at(p_status text, p_failures integer, p_refunded_at timestamptz)
  returns timestamptz
  language plpgsql volatile
  set search_path = ''
as $$
begin
  return clock_timestamp() + case
    when billing_private.refund_rank(p_status) = 0 then billing_private.refund_wait(p_failures)
    when p_status = 'succeeded' then
      case when p_refunded_at > clock_timestamp() - interval '30 days'
        then greatest(interval '1 day', clock_timestamp() - p_refunded_at) end
    else least(interval '1 day', greatest(interval '1 minute', (clock_timestamp() - p_refunded_at) / 2))
  end;
end;
$$;

-- Writes what Stripe says of the refund of a payment that could not be honored; the snapshot says it too. p_failures is
-- how many refunds of the payment have failed by then. Without a refund Stripe has refused to make one: the session ends
-- nevertheless, and the money stays owed. Outcomes: refunded, pending, failed (made again after a wait) and
-- given_up; `moved` says whether that is news.
create function billing.record_refund(
  p_session_id uuid,
  p_failures integer,
  p_stripe_refund_id text default null,
  p_status text default null,
  p_event_id uuid default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions;
  v_intent billing.payment_intents;
  v_old record;
  v_new record;
  v_moved boolean;
  v_outcome text;
begin
  if num_nulls(p_stripe_refund_id, p_status) = 1 then
    raise exception 'a refund has an id and a status' using errcode = 'BO002';
  end if;
  select * into v_session from billing.checkout_sessions s where s.id = p_session_id for update;
  select * into v_intent from billing.payment_intents p
  where p.id = v_session.payment_intent_id and p.refund_reason is not null;
  if not found or v_session.status = 'succeeded' then
    raise exception 'session % has no payment to give back', p_session_id using errcode = 'BO003';
  end if;

  v_old := row (v_intent.refund_failures, billing_private.refund_rank(v_intent.refund_status));
  v_new := row (p_failures, billing_private.refund_rank(p_status));
  v_moved := p_status is not null and v_new > v_old;
  update billing.payment_intents p
  set stripe_refund_id = case when v_moved then p_stripe_refund_id else p.stripe_refund_id end,
    refunded_at = case
      when v_moved and p.stripe_refund_id is distinct from p_stripe_refund_id then clock_timestamp()
      else p.refunded_at
    end,
    refund_failures = case when v_moved then p_failures else p.refund_failures end,
    refund_status = case
      when not v_moved then p.refund_status
      when billing_private.refund_rank(p_status) = 0 and billing_private.refund_wait(p_failures) is null then 'given_up'
      else p_status
    end
  where p.id = v_intent.id
  returning * into v_intent;
  -- The wait after a failure began when it was first seen.
  if v_moved or billing_private.refund_rank(v_intent.refund_status) > 0 then
    update billing.payment_intents p
    set refund_look_at = billing_private.refund_look_at(p.refund_status, p.refund_failures, p.refunded_at)
    where p.id = v_intent.id;
  end if;

  v_outcome := case
    when v_intent.refund_status = 'given_up' then 'given_up'
    else (array['failed', 'pending', 'refunded'])[greatest(billing_private.refund_rank(v_intent.refund_status), 0) + 1]
  end;
  v_session := billing_private.move_session(
    p_session_id, case v_session.status when 'processing' then 'failed' else v_session.status end,
    billing_private.session_error(case v_outcome
      when 'refunded' then 'payment_refunded'
      when 'given_up' then 'refund_failed'
      else 'refund_pending'
    end, v_intent.refund_reason));
  perform billing_private.finish_event(p_event_id, 'refunded');
  return jsonb_build_object(
    'outcome', v_outcome,
    'moved', v_moved,
    'snapshot', billing_private.snapshot(v_session)
  );
end;
$$;

-- For an operator: what a refund that was given up, or that Stripe has not made until the deadline of a fulfillment (a method without
-- refunds, an account out of reach), did not bring back has been settled by other means, a transfer say, of which Stripe cannot tell.
-- Nothing is owed from then on; what the customer is told stays.
create function billing_private.settle_refund(p_session_id uuid) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions;
begin
  select * into v_session from billing.checkout_sessions s where s.id = p_session_id for update;
  update billing.payment_intents p set released_at = coalesce(p.released_at, clock_timestamp())
  where p.id = v_session.payment_intent_id and (
    p.refund_status = 'given_up' or (p.refund_status is null and billing_private.is_overdue(p.refunding_since))
  );
  if not found then
    raise exception 'session % has no refund that was given up', p_session_id using errcode = 'BO003';
  end if;
end;
$$;
