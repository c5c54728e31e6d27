-- A subscription moves to another price. Of several sessions that would move one subscription, the first that is paid (or
-- confirmed, where nothing is due) claims it; the others find it changed.

-- Decides, once, that this session changes its subscription. Answers why not, null where it does.
create function billing_private.claim_change(s billing.checkout_sessions) returns text
  language plpgsql
  set search_path = ''
as $$
declare
  v_change billing.subscription_changes;
  v_customer_id uuid;
  v_refusal text;
begin
  select * into strict v_change from billing.subscription_changes ch where ch.checkout_session_id = s.id;
  select sub.customer_id into v_customer_id from billing.subscriptions sub
  where sub.id = v_change.subscription_id for update;
  -- Whoever is about to give this customer the product waits here, and then finds it promised.
  perform from billing.customers c where c.id = v_customer_id for no key update;
  v_refusal := billing_private.change_refusal(s);
  if v_refusal is null then
    update billing.subscription_changes ch set claimed_at = coalesce(ch.claimed_at, clock_timestamp())
    where ch.checkout_session_id = s.id;
  end if;
  return v_refusal;
end;
$$;

-- A product that a decided change is about to bring counts as had: another subscription to it would be a second one.
create function billing_private.guard_promised_product() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if not billing_private.is_live(new.status)
    or (tg_op = 'UPDATE' and old.product_id = new.product_id and billing_private.is_live(old.status)) then
    return new;
  end if;
  perform from billing.customers c where c.id = new.customer_id for no key update;
  if exists (
    select from billing.subscription_changes ch
    join billing.checkout_sessions s on s.id = ch.checkout_session_id
    join billing.subscriptions sub on sub.id = ch.subscription_id
    where sub.customer_id = new.customer_id and sub.id <> new.id and s.product_id = new.product_id
      and ch.claimed_at is not null and ch.finished_at is null
  ) then
    raise exception 'the product is promised to another subscription of this customer'
      using errcode = 'unique_violation', constraint = 'subscriptions_one_live_per_customer_and_product';
  end if;
  return new;
end;
$$;

create trigger subscriptions_guard_promised_product before insert or update of product_id, status
  on billing.subscriptions for each row execute function billing_private.guard_promised_product();

-- What the change needs at Stripe; null where Stripe does not know the subscription.
create function billing_private.change_plan(s billing.checkout_sessions) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object(
    'sessionId', s.id,
    'stripeAccountId', s.stripe_account_id,
    'stripeSubscriptionId', sub.stripe_subscription_id,
    -- As of which the subscription will be written.
    'revision', sub.revision,
    'stripeItemId', ch.stripe_item_id,
    'fromStripePriceId', ch.stripe_price_id,
    'quantity', ch.quantity,
    'toStripePriceId', s.stripe_price_id,
    'trialing', ch.trialing,
    'restarts', ch.restarts,
    'proratedAt', floor(extract(epoch from ch.prorated_at))::bigint,
    'currency', s.currency,
    'paid', s.total_amount,
    'overdue', billing_private.is_overdue(ch.claimed_at),
    'stripePaymentIntentId', (
      select p.stripe_payment_intent_id from billing.payment_intents p where p.id = s.payment_intent_id
    ),
    'stripePaymentMethodId', (
      select p.stripe_payment_method_id from billing.payment_intents p where p.id = s.payment_intent_id
    )
  )
  from billing.subscription_changes ch join billing.subscriptions sub on sub.id = ch.subscription_id
  where ch.checkout_session_id = s.id and ch.stripe_item_id is not null;
$$;

-- A change that will not be done after all leaves the subscription to others, and the features to the facts.
create function billing_private.give_up_change(p_session_id uuid) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_subscription_id uuid;
  v_shown jsonb;
begin
  select ch.subscription_id into v_subscription_id from billing.subscription_changes ch
  where ch.checkout_session_id = p_session_id and ch.claimed_at is not null and ch.finished_at is null;
  if not found then
    return;
  end if;
  v_shown := billing_private.hold_subscription(v_subscription_id);
  update billing.subscription_changes ch set finished_at = clock_timestamp()
  where ch.checkout_session_id = p_session_id and ch.finished_at is null;
  perform billing_private.follow_facts(v_subscription_id, v_shown);
end;
$$;

-- The end of a change, in one transaction: subscription, grants, sessions, event. p_subscription as in complete_checkout,
-- with seenRevision where the subscription was at Stripe before; null where it still is not. Outcomes as there, and stale
-- (the subscription was written since it was read: read it again).
create function billing_private.complete_change(s billing.checkout_sessions, p_subscription jsonb, p_event_id uuid default null)
  returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions := s;
  v_change billing.subscription_changes;
  v_intent billing.payment_intents;
  v_subscription billing.subscriptions;
  v_period record;
begin
  select * into strict v_change from billing.subscription_changes ch where ch.checkout_session_id = s.id;
  select * into v_intent from billing.payment_intents p where p.id = s.payment_intent_id;
  if s.intent_kind <> 'none' and v_intent.status is distinct from 'succeeded' then
    raise exception 'session % is not paid', s.id using errcode = 'BO003';
  elsif v_intent.refund_reason is not null then
    return jsonb_build_object('outcome', 'refund');
  elsif billing_private.is_returned(v_intent, 0) then
    perform billing_private.refuse_payment(v_intent.id, 'money_returned');
    return jsonb_build_object('outcome', 'refund');
  elsif s.subscription_news <> (p_subscription ->> 'seenNews')::bigint then
    return jsonb_build_object('outcome', 'news', 'news', s.subscription_news);
  elsif v_change.claimed_at is null or v_change.finished_at is not null then
    raise exception 'session % has not claimed its subscription', s.id using errcode = 'BO003';
  end if;
  -- In the order of those who write what Stripe says: sessions, then the subscription. A free subscription is written the
  -- other way round.
  if p_subscription ? 'seenRevision' then
    perform from billing.checkout_sessions shown where shown.subscription_id = v_change.subscription_id
    order by shown.id for update;
  end if;
  select * into strict v_subscription from billing.subscriptions sub where sub.id = v_change.subscription_id for update;
  if v_subscription.revision <> (p_subscription ->> 'seenRevision')::bigint then
    return jsonb_build_object('outcome', 'stale');
  end if;

  if p_subscription is null then
    select * into strict v_period from billing_private.running_period(
      clock_timestamp(), s.product ->> 'interval', (s.product ->> 'intervalCount')::integer, clock_timestamp());
    update billing.subscriptions sub
    set started_at = v_period.period_start, current_period_start = v_period.period_start,
      current_period_end = v_period.period_end
    where sub.id = v_subscription.id;
  else
    update billing.subscriptions sub
    set stripe_subscription_id = p_subscription ->> 'id',
      stripe_account_id = s.stripe_account_id,
      payment_intent_id = coalesce(v_intent.id, sub.payment_intent_id),
      status = p_subscription ->> 'status',
      stripe_price_id = coalesce(p_subscription ->> 'stripePriceId', s.stripe_price_id),
      stripe_item_id = coalesce(p_subscription ->> 'stripeItemId', sub.stripe_item_id),
      quantity = coalesce((p_subscription ->> 'quantity')::bigint, sub.quantity),
      current_period_start = billing_private.unix(p_subscription, 'currentPeriodStart'),
      current_period_end = billing_private.unix(p_subscription, 'currentPeriodEnd'),
      cancel_at_period_end = (p_subscription ->> 'cancelAtPeriodEnd')::boolean,
      cancel_at = billing_private.unix(p_subscription, 'cancelAt'),
      collection_paused = p_subscription ->> 'collectionPaused',
      collection_resumes_at = billing_private.unix(p_subscription, 'collectionResumesAt'),
      pending_update_expires_at = billing_private.unix(p_subscription, 'pendingUpdateExpiresAt'),
      scheduled = coalesce((p_subscription ->> 'scheduled')::boolean, false),
      canceled_at = billing_private.unix(p_subscription, 'canceledAt'),
      ended_at = billing_private.unix(p_subscription, 'endedAt'),
      trial_end = billing_private.unix(p_subscription, 'trialEnd')
    where sub.id = v_subscription.id;
  end if;
  update billing.subscriptions sub
  set product_id = s.product_id, price_id = s.price_id, revision = sub.revision + 1
  where sub.id = v_subscription.id
  returning * into v_subscription;
  if p_subscription -> 'invoice' ->> 'id' is not null then
    perform billing_private.write_invoice(v_subscription, p_subscription -> 'invoice', 0);
  end if;
  update billing.subscription_changes ch set finished_at = clock_timestamp() where ch.checkout_session_id = s.id;
  perform billing_private.project_grants(v_subscription);
  perform billing_private.announce_subscription(v_subscription.id);

  update billing.checkout_sessions done
  set status = 'succeeded', subscription_id = v_subscription.id, customer_id = v_subscription.customer_id,
    completed_at = clock_timestamp(), fulfilling_since = null, error_code = null, error_message = null
  where done.id = s.id
  returning * into v_session;
  perform billing_private.finish_event(p_event_id, 'applied');
  return jsonb_build_object('outcome', 'succeeded', 'snapshot', billing_private.snapshot(v_session));
end;
$$;

-- For a change with nothing due: what complete_free_checkout does for its owner. Outcomes: not_free (it is to be
-- paid); apply (`plan` says what to do at Stripe); succeeded; and why the subscription can no longer be changed.
create function billing_private.confirm_change(s billing.checkout_sessions) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions := s;
  v_refusal text;
  v_plan jsonb;
begin
  if s.intent_kind <> 'none' then
    return jsonb_build_object('outcome', 'not_free');
  end if;
  v_plan := billing_private.change_plan(s);
  if v_plan is null and exists (
    select from billing.subscription_changes ch join billing.subscriptions sub on sub.id = ch.subscription_id
    where ch.checkout_session_id = s.id and sub.stripe_subscription_id is not null
  ) then
    -- Its price was never told: create died before it had asked.
    return jsonb_build_object('outcome', 'closed');
  end if;
  v_refusal := billing_private.claim_change(s);
  if v_refusal is not null then
    return jsonb_build_object('outcome', v_refusal);
  elsif v_plan is null then
    return billing_private.complete_change(s, null);
  end if;
  if s.status = 'open' then
    update billing.checkout_sessions confirmed set status = 'processing' where confirmed.id = s.id
    returning * into v_session;
  end if;
  return jsonb_build_object('outcome', 'apply', 'plan', billing_private.change_plan(v_session));
end;
$$;

-- The same for a repair: what is still to be done for a change that was confirmed with nothing due. Null where
-- there is nothing.
create function billing.resume_change(p_session_id uuid) returns jsonb
  language sql stable
  security definer
  set search_path = ''
as $$
  select billing_private.change_plan(s) from billing.checkout_sessions s
  where s.id = p_session_id and s.checkout_mode = 'change' and s.intent_kind = 'none' and s.status = 'processing';
$$;

-- The end of a confirmed change, with nothing due, that Stripe's subscription no longer allows. Answers the
-- snapshot, also of one that has been done meanwhile.
create function billing.refuse_change(p_session_id uuid) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions;
begin
  select * into v_session from billing.checkout_sessions s where s.id = p_session_id for update;
  if v_session.status = 'processing' and v_session.intent_kind = 'none' then
    perform billing_private.give_up_change(p_session_id);
    update billing.checkout_sessions s
    set status = 'failed', error_code = 'subscription_changed',
      error_message = 'Your subscription has changed meanwhile. Nothing was charged.'
    where s.id = p_session_id
    returning * into v_session;
  end if;
  return billing_private.snapshot(v_session);
end;
$$;
