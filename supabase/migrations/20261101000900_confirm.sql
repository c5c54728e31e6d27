-- A second payment for a product is not taken while a first one is on its way (a bank debit takes days): if both came, one
-- would have to go back. Where a browser pays past confirm, it does.

-- Makes confirms of one customer, in several tabs say, queue until the end of the transaction, so that each sees what was begun
-- before: for the same product, or for another one with a discount for new customers. Each has locked its own unfinished session
-- by then, and nothing else: what is locked after it is waited for by nobody who still has to queue.
create function billing_private.queue_for_customer(s billing.checkout_sessions) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(s.organization_id::text || ':' || s.external_user_id, 1));
end;
$$;

-- Whether a session waits for its payment: Stripe has it in hand, or it is just being confirmed. A confirm ends within a minute; one
-- that died holds up nobody for longer than two. A card about which the customer's bank is asking holds up nobody: that page may have
-- been left.
create function billing_private.is_being_paid(s billing.checkout_sessions) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return s.status = 'processing' or (s.status in ('open', 'requires_action') and exists (
    select from billing.checkout_attempts a
    where a.checkout_session_id = s.id and a.status = 'started'
      and a.created_at > clock_timestamp() - interval '2 minutes'
  ));
end;
$$;

-- Whether another session of the same customer is being paid for the same product, or was and is being fulfilled, also after its
-- expiry, on the same Stripe account.
create function billing_private.has_payment_in_progress(s billing.checkout_sessions) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return exists (
    select from billing.checkout_sessions o
    where o.organization_id = s.organization_id and o.external_user_id = s.external_user_id
      and o.product_id = s.product_id and o.status in ('open', 'requires_action', 'processing') and o.id <> s.id
      and o.stripe_account_id is not distinct from s.stripe_account_id
      and billing_private.is_being_paid(o)
  ) or exists (
    select from billing.checkout_sessions o
    where o.organization_id = s.organization_id and o.external_user_id = s.external_user_id
      and o.product_id = s.product_id and o.fulfilling_since is not null and o.checkout_mode <> 'change' and o.id <> s.id
      and o.stripe_account_id is not distinct from s.stripe_account_id
  );
end;
$$;

-- What a session is for has been bought otherwise. One without an intent fails at once; one with an intent expires now, so
-- that whoever is next, this confirm or a repair, cancels it at Stripe and ends it, or gives back what was paid until then.
create function billing_private.end_as_subscribed(s billing.checkout_sessions) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  if s.status in ('open', 'requires_action') then
    perform billing_private.move_session(
      s.id, case when s.payment_intent_id is null then 'failed' else s.status end,
      p_error => '{"code": "already_subscribed", "message": "You already have this subscription. Nothing was charged."}',
      p_expire => true);
  end if;
end;
$$;

-- From when on a payment can have brought about a subscription; null while it has not come in. Not when it came in: of what is no
-- card's that is known only as when we saw it, which is too late where the database was restored to a time before.
create function billing_private.payable_since(p billing.payment_intents) returns timestamptz
  language plpgsql stable
  set search_path = ''
as $$
begin
  return case when p.succeeded_at is not null then least(p.created_at, p.succeeded_at) end;
end;
$$;

-- Where a session stands, found by either of its names. `revision` goes back into record_intent: what was read from Stripe
-- under an older one is read again. Null where nothing is found.
create function billing.locate_checkout(
  p_session_id uuid default null,
  p_stripe_payment_intent_id text default null
) returns jsonb
  language plpgsql stable
  security definer
  set search_path = ''
as $$
declare
  v_intent billing.payment_intents;
  v_session billing.checkout_sessions;
begin
  if num_nonnulls(p_session_id, p_stripe_payment_intent_id) <> 1 then
    raise exception 'a checkout is located by exactly one name' using errcode = 'BO002';
  end if;
  if p_session_id is not null then
    select p.* into v_intent from billing.checkout_sessions s
    join billing.payment_intents p on p.id = s.payment_intent_id where s.id = p_session_id;
  else
    select * into v_intent from billing.payment_intents p
    where p.stripe_payment_intent_id = p_stripe_payment_intent_id;
  end if;
  if v_intent.id is null then
    return null;
  end if;
  select * into strict v_session from billing.checkout_sessions s where s.id = v_intent.checkout_session_id;
  return jsonb_build_object(
    'sessionId', v_session.id,
    'revision', v_session.intent_revision,
    'status', v_session.status,
    'pastExpiry', v_session.status in ('open', 'requires_action') and v_session.expires_at <= clock_timestamp(),
    'current', v_session.payment_intent_id = v_intent.id,
    'stripePaymentIntentId', v_intent.stripe_payment_intent_id,
    'stripeAccountId', v_session.stripe_account_id,
    'livemode', v_session.livemode,
    'traceId', v_session.trace_id,
    -- Decided, and not yet done: whatever appears at Stripe for this session now is surplus.
    'refunding', v_intent.refund_reason is not null,
    'expected', jsonb_build_object(
      'stripeSubscriptionId', (
        select sub.stripe_subscription_id from billing.subscriptions sub where sub.id = v_session.subscription_id
      ),
      'stripeCustomerId', (
        select c.stripe_customer_id from billing.customers c
        where c.organization_id = v_session.organization_id and c.external_id = v_session.external_user_id
          and c.stripe_account_id is not distinct from v_session.stripe_account_id
      ),
      'stripePriceId', v_session.stripe_price_id,
      'payableSince', floor(extract(epoch from billing_private.payable_since(v_intent)))::bigint,
      'decidedAt', floor(extract(epoch from coalesce(v_session.completed_at, v_intent.refunding_since)))::bigint
    ),
    'snapshot', billing_private.snapshot(v_session)
  );
end;
$$;

-- Whether Stripe no longer sells what a session is for: it makes no subscription of an archived price
-- (invertase/stripe-firebase-extensions, issue 560) and none of an archived product's (stripe/stripe-go, issue 1031), so that a
-- payment would only go back. What the owner alone has taken out is still sold to whoever has seen it.
create function billing_private.is_withdrawn(s billing.checkout_sessions) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return exists (
    select from billing.product_prices pr join billing.products p on p.id = pr.product_id
    where pr.id = s.price_id and not (pr.stripe_active and p.stripe_active)
  );
end;
$$;

-- What begin_attempt answers with an attempt: whatever was read before it is old from here on.
create function billing_private.attempted(a billing.checkout_attempts, p_outcome text) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_revision bigint;
begin
  update billing.checkout_sessions s set intent_revision = s.intent_revision + 1 where s.id = a.checkout_session_id
  returning s.intent_revision into v_revision;
  return jsonb_build_object('outcome', p_outcome, 'number', a.number, 'revision', v_revision);
end;
$$;

-- Begins an attempt with a card. p_intent_status is Stripe's word as just read; null where it is not known, and is to be read before a
-- session is refused or ended for what the customer has by now: that is answered null, and changes nothing. Outcomes: confirm
-- (ask Stripe, under this attempt's number), read (this very card already waits for the customer or the bank), closed (the
-- session takes no card now), already_subscribed (another session got the product meanwhile: nothing is charged, and this one
-- expires at once: its intent is to be canceled), payment_in_progress (another session's payment for it is on its way or just
-- being made), subscription_changed (the one that was to be changed is another now: nothing is charged), coupon_first_time_only
-- (the discount is for new customers, and this one has got a subscription meanwhile or is paying for one with such a discount),
-- price_unavailable (Stripe sells it no more, and would make no subscription of it: nothing is charged), rate_limited (with
-- retryAfter, seconds).
create function billing.begin_attempt(
  p_session_id uuid,
  p_stripe_payment_method_id text,
  p_intent_status text,
  p_address_digest text default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions;
  v_last billing.checkout_attempts;
  v_refusal text;
  v_wait integer;
begin
  select * into v_session from billing.checkout_sessions s where s.id = p_session_id for update;
  if not found or v_session.payment_intent_id is null then
    raise exception 'no checkout session % with an intent', p_session_id using errcode = 'BO002';
  end if;
  if v_session.status not in ('open', 'requires_action') or v_session.expires_at <= clock_timestamp() then
    return jsonb_build_object('outcome', 'closed');
  end if;
  perform billing_private.queue_for_customer(v_session);
  v_refusal := case
    when v_session.checkout_mode = 'change' then billing_private.change_outdated(v_session)
    when billing_private.has_live_subscription(
      v_session.organization_id, v_session.external_user_id, v_session.product_id
    ) then 'already_subscribed'
  end;
  if v_refusal is not null and p_intent_status is null then
    return null;
  end if;
  if v_refusal = 'already_subscribed' then
    perform billing_private.end_as_subscribed(v_session);
  end if;
  if v_refusal is not null then
    return jsonb_build_object('outcome', v_refusal);
  end if;
  if billing_private.has_payment_in_progress(v_session) then
    return jsonb_build_object('outcome', 'payment_in_progress');
  end if;
  -- Two checkouts of one new customer, each with such a discount: the second one's is no longer due.
  if exists (select from billing.discounts d where d.id = v_session.discount_id and d.first_time_only)
    and billing_private.is_no_longer_new(
      v_session.organization_id, v_session.external_user_id, v_session.product_id
    ) then
    return jsonb_build_object('outcome', 'coupon_first_time_only');
  end if;
  if billing_private.is_withdrawn(v_session) then
    return jsonb_build_object('outcome', 'price_unavailable');
  end if;
  select * into v_last from billing.checkout_attempts a
  where a.checkout_session_id = v_session.id order by a.number desc limit 1;
  if found and v_last.finished_at is null and v_last.stripe_payment_method_id = p_stripe_payment_method_id then
    -- Begun, and its answer never recorded: the same number makes Stripe replay it instead of doing it again.
    if v_last.status = 'started' then
      return billing_private.attempted(v_last, 'confirm');
    end if;
    if p_intent_status in ('requires_action', 'processing') then
      return billing_private.attempted(v_last, 'read');
    end if;
  end if;

  v_wait := greatest(
    case when p_address_digest is not null then billing_private.count_against('confirm_per_address', p_address_digest) end,
    billing_private.guarded_for(v_session.organization_id),
    billing_private.customer_stopped_for(v_session.organization_id, v_session.external_user_id),
    case when v_last.number >= (select l.max_count from billing.rate_limits l where l.name = 'confirm_per_session')
      then greatest(1, ceil(extract(epoch from v_session.expires_at - clock_timestamp())))::integer end
  );
  if v_wait is not null then
    return billing_private.rate_limited(v_wait);
  end if;

  -- What waited for the customer waits no longer; an attempt that only began keeps its number for its own retry.
  update billing.checkout_attempts a set status = 'failed', finished_at = clock_timestamp()
  where a.checkout_session_id = v_session.id and a.finished_at is null and a.status <> 'started';
  insert into billing.checkout_attempts (checkout_session_id, organization_id, payment_intent_id, number, stripe_payment_method_id)
  values (
    v_session.id, v_session.organization_id, v_session.payment_intent_id, coalesce(v_last.number, 0) + 1,
    p_stripe_payment_method_id)
  returning * into v_last;
  return billing_private.attempted(v_last, 'confirm');
end;
$$;

-- A card that is presented with a session's client secret: the session, and where it waits for a first card or another one, an
-- attempt with this one, as begin_attempt has it. Of one at which the customer's bank is asked, or Stripe has the payment in hand,
-- `attempt` is null, and so where what the customer has by now speaks against it: the intent is to be read first, for it may have
-- been paid otherwise, and nobody is to be told that nothing was charged. Null where the secret is not that of a session's
-- current intent. It is found by its intent's id, which is no secret, and then compared: by its digest, whose beginning nobody can
-- choose who lacks the key, so that the comparison's time tells nothing.
create function billing.begin_confirm(
  p_stripe_payment_intent_id text,
  p_client_secret_digest text,
  p_stripe_payment_method_id text,
  p_address_digest text default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_intent billing.payment_intents;
  v_located jsonb;
begin
  select * into v_intent from billing.payment_intents p
  where p.stripe_payment_intent_id = p_stripe_payment_intent_id;
  if v_intent.client_secret_digest is distinct from p_client_secret_digest then
    return null;
  end if;
  v_located := billing.locate_checkout(p_stripe_payment_intent_id => p_stripe_payment_intent_id);
  if not (v_located ->> 'current')::boolean then
    return null;
  end if;
  return jsonb_build_object('located', v_located, 'attempt', case
    when v_located ->> 'status' = 'open' and not (v_located ->> 'pastExpiry')::boolean then
      billing.begin_attempt(
        v_intent.checkout_session_id, p_stripe_payment_method_id, null, p_address_digest)
  end);
end;
$$;

create function billing_private.finish_attempts(
  p_session_id uuid,
  p_attempt_number integer,
  p_intent_status text,
  p_error jsonb
) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  update billing.checkout_attempts a
  set status = case
      when p_intent_status = 'requires_action' then 'requires_action'
      when p_intent_status = 'processing' then 'processing'
      when p_intent_status = 'succeeded' and a.number = coalesce(p_attempt_number, (
        select max(b.number) from billing.checkout_attempts b where b.checkout_session_id = p_session_id
      )) then 'succeeded'
      else 'failed'
    end,
    error_code = p_error ->> 'code',
    decline_code = p_error ->> 'declineCode',
    finished_at = case when p_intent_status not in ('requires_action', 'processing') then clock_timestamp() end
  where a.checkout_session_id = p_session_id and a.finished_at is null
    and (
      p_intent_status in ('succeeded', 'canceled')
      or a.number = p_attempt_number
      -- A webhook tells how a waiting attempt ended. One that only began is left to its own caller: the state read may
      -- be that of the card before it.
      or (p_attempt_number is null and a.status <> 'started')
    );
end;
$$;

-- Which state of the session an intent's state asks for.
create function billing_private.status_for_intent(s billing.checkout_sessions, p_intent_status text) returns text
  language plpgsql stable
  set search_path = ''
as $$
begin
  return case p_intent_status
    when 'requires_payment_method' then 'open'
    when 'requires_confirmation' then 'open'
    when 'requires_action' then 'requires_action'
    when 'processing' then 'processing'
    -- Paid, not yet fulfilled: `succeeded` waits for the subscription.
    when 'succeeded' then 'processing'
    when 'canceled' then case
      when s.status = 'processing' or s.error_code = 'already_subscribed' then 'failed'
      when s.expires_at <= clock_timestamp() then 'expired'
      else 'canceled'
    end
  end;
end;
$$;

-- Writes what Stripe says of the session's intent and moves the session accordingly.
-- p_intent: {id, status, paymentMethodId?, chargeId?, fingerprint?, succeededAt? (Unix seconds; now where it is left out),
-- amountReturned? (minor units that refunds and lost disputes have taken of it), error? {code, declineCode?, message}}.
-- Outcomes: recorded (also where no edge leads: an old state moves nothing; `exhausted`: more cards were refused than the
-- session may try, its intent is to be canceled); stale (the session changed since p_seen_revision, and it is not the refusal of
-- this attempt's card alone that was read: read Stripe again);
-- superseded (not the current intent: nothing moved); succeeded (already complete: the snapshot); `fulfill` and refund (paid: `plan` says
-- what to do at Stripe); being_fulfilled (where p_gives_way: another run was told so just now and is to be waited for, until the session's
-- version is another, or for `milliseconds`).
create function billing.record_intent(
  p_session_id uuid,
  p_seen_revision bigint,
  p_intent jsonb,
  p_attempt_number integer default null,
  p_event_id uuid default null,
  p_gives_way boolean default false
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions;
  v_intent billing.payment_intents;
  v_status constant text := p_intent ->> 'status';
  v_target text;
  v_overtaken boolean;
  v_told boolean := false;
  v_exhausted boolean := false;
  v_lease interval;
  v_returned bigint;
begin
  select * into v_session from billing.checkout_sessions s where s.id = p_session_id for update;
  select * into v_intent from billing.payment_intents p
  where p.checkout_session_id = p_session_id and p.stripe_payment_intent_id = p_intent ->> 'id';
  if v_intent.id is null then
    raise exception 'session % has no intent %', p_session_id, p_intent ->> 'id' using errcode = 'BO002';
  end if;
  if v_intent.id is distinct from v_session.payment_intent_id then
    perform billing_private.finish_event(p_event_id, 'superseded');
    return jsonb_build_object('outcome', 'superseded');
  end if;
  if v_session.status = 'succeeded' then
    perform billing_private.finish_event(p_event_id, 'applied');
    return jsonb_build_object('outcome', 'succeeded', 'snapshot', billing_private.snapshot(v_session));
  end if;
  -- Only `succeeded` is final at Stripe; any other state may be older than what the session has already seen.
  v_overtaken := v_status <> 'succeeded'
    and (v_session.intent_revision <> p_seen_revision or v_intent.status = 'succeeded');
  -- That Stripe refused this attempt's card stays true whoever wrote since, and where the intent waits for a card as before there is
  -- nothing else to write. Were it read again until nobody had, cards that are tried at one instant would keep each other
  -- from being answered.
  if v_overtaken and (p_attempt_number is null or not p_intent ? 'error'
    or v_status <> 'requires_payment_method' or v_intent.status <> v_status) then
    return jsonb_build_object('outcome', 'stale');
  end if;
  update billing.payment_intents p
  set status = v_status,
    stripe_payment_method_id = coalesce(p_intent ->> 'paymentMethodId', p.stripe_payment_method_id),
    stripe_charge_id = coalesce(p_intent ->> 'chargeId', p.stripe_charge_id),
    fingerprint = coalesce(p_intent ->> 'fingerprint', p.fingerprint),
    succeeded_at = coalesce(
      p.succeeded_at,
      to_timestamp((p_intent ->> 'succeededAt')::bigint),
      case when v_status = 'succeeded' then clock_timestamp() end
    )
  -- Stripe's `succeeded` is believed whatever stood here; nothing else follows an end.
  where p.id = v_intent.id and p.status <> 'succeeded' and (p.status <> 'canceled' or v_status = 'succeeded');
  if p_attempt_number is not null then
    v_told := exists (
      select from billing.checkout_attempts a
      where a.checkout_session_id = p_session_id and a.number = p_attempt_number and a.error_code is not null
    );
  end if;
  perform billing_private.finish_attempts(p_session_id, p_attempt_number, v_status, p_intent -> 'error');

  v_target := billing_private.status_for_intent(v_session, v_status);
  if v_target = v_session.status or exists (
    select from billing.checkout_transitions t where t.from_status = v_session.status and t.to_status = v_target
  ) then
    -- What its hour ended says why its last payment failed: a bank debit may have failed days after that hour. What its
    -- owner ended has no error. What was bought otherwise keeps saying so. Where Stripe failed and nobody knows what became of
    -- an attempt, it still tells of the card before, and so does the session.
    v_session := billing_private.move_session(p_session_id, v_target, p_error => case
      when v_target = 'open' and not p_intent ? 'error' then null
      when v_target = 'expired' or (v_session.error_code = 'already_subscribed' and v_target <> 'canceled') then null
      else coalesce(p_intent -> 'error', '{}')
    end);
  else
    update billing.checkout_sessions s set intent_revision = s.intent_revision + 1
    where s.id = p_session_id
    returning * into v_session;
  end if;

  -- A refused card is a charge of its own, of which several may tell. One without a charge (authentication failed, say)
  -- is counted by the confirm that saw it refused; the event about it comes moments later and is not.
  if p_intent ? 'error' and not v_told then
    if (case
      when p_intent ? 'chargeId' then p_intent ->> 'chargeId' is distinct from v_intent.stripe_charge_id
      else p_attempt_number is not null or (p_event_id is not null and not exists (
        select from billing.checkout_attempts a
        where a.checkout_session_id = p_session_id and a.error_code is not null
          and a.finished_at > clock_timestamp() - interval '1 minute'
      ))
    end) then
      v_exhausted := billing_private.count_decline(v_session);
    end if;
  end if;

  -- Also where it was given back: a bank may return a refund.
  if v_status = 'succeeded' and v_intent.released_at is null then
    v_returned := coalesce((p_intent ->> 'amountReturned')::bigint, 0);
    v_lease := v_session.planned_at + billing_private.fulfillment_lease() - clock_timestamp();
    -- Whoever has read that the money went back waits for nobody: no row says so yet. What is longer than a lease is a clock that was
    -- set back.
    if p_gives_way and v_session.fulfilling_since is not null
      and v_lease between interval '0' and billing_private.fulfillment_lease()
      and not billing_private.is_returned(v_intent, v_returned) then
      return jsonb_build_object(
        'outcome', 'being_fulfilled', 'version', v_session.version,
        'milliseconds', ceil(extract(epoch from v_lease) * 1000)::integer);
    end if;
    return billing_private.plan_fulfillment(v_session, v_returned);
  end if;
  perform billing_private.finish_event(p_event_id, 'applied');
  return jsonb_build_object(
    'outcome', 'recorded', 'snapshot', billing_private.snapshot(v_session), 'exhausted', v_exhausted);
end;
$$;

-- The owner gives a session up. One without an intent ends here. One with an intent ends at Stripe first, which alone can
-- say whether a payment came before: it is answered located, to be canceled there and written with record_intent.
-- Outcomes: ended (with the snapshot: it is, or was before, at one of its ends), in_hand (with `located`, as
-- locate_checkout has it), not_found (also for another customer's), unauthorized (token revoked, expired or unknown),
-- forbidden (token lacks the operation).
create function billing.cancel_session(
  p_session_id uuid,
  p_token_id uuid,
  p_livemode boolean default null,
  p_user_id uuid default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_token constant billing.session_tokens := billing_private.living_token(p_token_id, p_livemode, p_user_id);
  v_refusal constant jsonb := billing_private.refused_caller(v_token, 'checkout');
  v_session billing.checkout_sessions;
begin
  if v_refusal is not null then
    return v_refusal;
  end if;
  -- The lock makes an intent that is being attached, or a completion, come before or after and not between.
  select * into v_session from billing.checkout_sessions s
  where s.id = p_session_id and s.organization_id = v_token.organization_id
    and s.external_user_id = v_token.external_user_id
  for update;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  end if;

  if v_session.status in ('open', 'requires_action', 'processing') and v_session.payment_intent_id is not null then
    return jsonb_build_object('outcome', 'in_hand', 'located', billing.locate_checkout(p_session_id => v_session.id));
  end if;
  if v_session.status in ('open', 'requires_action') then
    v_session := billing_private.move_session(
      v_session.id, case when v_session.expires_at <= clock_timestamp() then 'expired' else 'canceled' end);
  end if;
  return jsonb_build_object(
    'outcome', 'ended', 'snapshot', billing_private.snapshot(v_session), 'traceId', v_session.trace_id);
end;
$$;
