-- A subscription moves to another price. Of several sessions that would move one subscription, the first that is paid (or
-- confirmed, where nothing is due) claims it; the others find it changed.

-- Whether a decided change is about to bring the product to another subscription of this one's customer.
create function billing_private.is_promised_otherwise(sub billing.subscriptions, p_product_id uuid) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return exists (
    select from billing.subscription_changes ch
    join billing.checkout_sessions s on s.id = ch.checkout_session_id
    join billing.subscriptions other on other.id = ch.subscription_id
    where other.customer_id = sub.customer_id and other.id <> sub.id and s.product_id = p_product_id
      and ch.claimed_at is not null and ch.finished_at is null
  );
end;
$$;

-- Whether another subscription of this one's customer has the product, or is promised it: of two changes to it that are both made at
-- Stripe neither could be written down.
create function billing_private.has_product_otherwise(sub billing.subscriptions, p_product_id uuid) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return exists (
    select from billing.subscriptions other
    where other.customer_id = sub.customer_id and other.product_id = p_product_id and other.id <> sub.id
      and billing_private.is_live(other.status)
  ) or billing_private.is_promised_otherwise(sub, p_product_id);
end;
$$;

-- Why a subscription cannot be changed to a price by this customer now; null where it can.
create function billing_private.change_not_offered(
  p_organization billing.organizations,
  p_external_id text,
  p_subscription_id uuid,
  p_price billing.product_prices
) returns text
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_subscription billing.subscriptions;
  v_at_stripe boolean;
begin
  select sub.* into v_subscription
  from billing.subscriptions sub join billing.customers c on c.id = sub.customer_id
  where sub.id = p_subscription_id and sub.organization_id = p_organization.id and c.external_id = p_external_id;
  if not found then
    return 'subscription_not_found';
  end if;
  v_at_stripe := v_subscription.stripe_subscription_id is not null;
  return case
    when not billing_private.is_live(v_subscription.status) then 'subscription_ended'
    -- Nothing is owed for it, and nothing is billed until it is resumed: https://docs.stripe.com/api/subscriptions/pause
    when v_subscription.status = 'paused' then 'change_unavailable'
    when v_subscription.status not in ('active', 'trialing') then 'payment_overdue'
    when v_subscription.price_id = p_price.id then 'already_on_price'
    when p_price.currency <> (select pr.currency from billing.product_prices pr where pr.id = v_subscription.price_id)
      then 'currency_mismatch'
    when v_at_stripe and p_price.unit_amount = 0 then 'change_to_free'
    when v_at_stripe
      and (v_subscription.quantity < p_price.min_quantity or v_subscription.quantity > p_price.max_quantity)
      then 'quantity_not_allowed'
    -- The organization sells on another account than it did.
    when v_at_stripe and v_subscription.stripe_account_id is distinct from p_organization.stripe_account_id
      then 'price_unavailable'
    when exists (
      select from billing.subscription_changes ch
      where ch.subscription_id = v_subscription.id and ch.claimed_at is not null and ch.finished_at is null
    ) then 'change_in_progress'
    when billing_private.has_product_otherwise(v_subscription, p_price.product_id) then 'already_subscribed'
  end;
end;
$$;

-- A free subscription is unknown to Stripe: what takes its place is sold as a first purchase is, with the seats asked for, else its
-- own. Of one that Stripe bills nothing is due until Stripe has been asked, for its seats too.
create function billing_private.change_terms(
  p_organization billing.organizations,
  p_draft billing.checkout_sessions,
  p_price billing.product_prices,
  p_subscription_id uuid,
  p_coupon_code text
) returns billing_private.terms
  language plpgsql
  set search_path = ''
as $$
declare
  v_terms billing_private.terms;
  v_subscription billing.subscriptions;
begin
  select * into strict v_subscription from billing.subscriptions sub where sub.id = p_subscription_id;
  if v_subscription.stripe_subscription_id is null then
    v_terms := billing_private.terms_for(
      p_organization, p_draft.external_user_id, p_draft.customer_email, p_price,
      coalesce(p_draft.quantity, v_subscription.quantity::integer), p_coupon_code);
  elsif p_coupon_code is not null then
    v_terms.refusal := jsonb_build_object('outcome', 'mode_unavailable');
  else
    v_terms.trial_days := 0;
    v_terms.quantity := 1;
    v_terms.amount := p_price.unit_amount;
    v_terms.total_amount := 0;
    v_terms.intent_kind := 'none';
  end if;
  v_terms.checkout_mode := 'change';
  return v_terms;
end;
$$;

-- Puts the change beside its new session.
create function billing_private.open_change(s billing.checkout_sessions, p_subscription_id uuid) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  insert into billing.subscription_changes (checkout_session_id, subscription_id, from_price_id, charged)
  select s.id, sub.id, sub.price_id, s.total_amount from billing.subscriptions sub where sub.id = p_subscription_id;
end;
$$;

-- Whether a change is barred: Stripe does not let us make it, does not bill it at once, or ends the subscription before what was paid
-- for. The same as isBilledHere and endsTooEarly, which ask Stripe.
create function billing_private.is_set_otherwise(sub billing.subscriptions, p_restarts boolean) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (sub.collection_paused is not null and coalesce(sub.collection_resumes_at > clock_timestamp(), true))
    or sub.scheduled
    or sub.collection_method <> 'charge_automatically'
    or (sub.stripe_account_id is not null and not sub.made_by_application)
    or coalesce(sub.pending_update_expires_at > clock_timestamp(), false)
    or (sub.status <> 'trialing' and not sub.cancel_at_period_end
      and coalesce(sub.cancel_at < case when p_restarts then 'infinity' else sub.current_period_end end, false));
end;
$$;

-- Whether a change to the price begins a period anew: its interval or their count is another. Not told where Stripe bills by a price that
-- the catalogue does not have.
create function billing_private.begins_anew(sub billing.subscriptions, p_price billing.product_prices) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return exists (
    select from billing.product_prices pr
    where pr.id = sub.price_id and (sub.stripe_price_id is null or sub.stripe_price_id = pr.stripe_price_id)
      and (pr.recurring_interval, pr.recurring_interval_count)
        <> (p_price.recurring_interval, p_price.recurring_interval_count)
  );
end;
$$;

-- Why an open session can no longer change its subscription; null where it can, and once that is decided. Of one that is paid
-- (p_paid) and was previewed at Stripe, that is asked whether another price stands there instead of this change or because of it: after a
-- restore the row may tell of the change before its session does. Of a free one Stripe knows nothing: it would be bought once more.
create function billing_private.change_outdated(s billing.checkout_sessions, p_paid boolean default false) returns text
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select case
      when ch.claimed_at is not null then null
      when sub.status not in ('active', 'trialing')
        or (sub.price_id <> ch.from_price_id and not (p_paid and ch.stripe_item_id is not null)) or exists (
        select from billing.subscription_changes other
        where other.subscription_id = ch.subscription_id and other.claimed_at is not null and other.finished_at is null
      ) or billing_private.is_set_otherwise(sub, coalesce(ch.restarts, false)) then 'subscription_changed'
      when billing_private.has_product_otherwise(sub, s.product_id) then 'already_subscribed'
    end
    from billing.subscription_changes ch join billing.subscriptions sub on sub.id = ch.subscription_id
    where ch.checkout_session_id = s.id
  );
end;
$$;

-- What create needs to know of a change; null for another mode.
create function billing_private.change_shown(p_session_id uuid) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'stripeSubscriptionId', sub.stripe_subscription_id,
      'fromStripePriceId', sub.stripe_price_id,
      'trialing', coalesce(ch.trialing, false),
      'restarts', coalesce(ch.restarts, false),
      'credited', ch.credited,
      'charged', ch.charged,
      'trialDays', s.trial_days
    )
    from billing.subscription_changes ch join billing.subscriptions sub on sub.id = ch.subscription_id
    join billing.checkout_sessions s on s.id = ch.checkout_session_id
    where ch.checkout_session_id = p_session_id
  );
end;
$$;

-- Decides, once, that this session changes its subscription. Answers why not, null where it does.
create function billing_private.claim_change(s billing.checkout_sessions) returns text
  language plpgsql
  set search_path = ''
as $$
declare
  v_subscription_id uuid;
  v_customer_id uuid;
  v_refusal text;
begin
  select sub.id, sub.customer_id into strict v_subscription_id, v_customer_id
  from billing.subscription_changes ch join billing.subscriptions sub on sub.id = ch.subscription_id
  where ch.checkout_session_id = s.id;
  perform billing_private.lock_subscription(v_subscription_id);
  -- Whoever is about to give this customer the product waits here, and then finds it promised.
  perform from billing.customers c where c.id = v_customer_id for no key update;
  v_refusal := billing_private.change_outdated(s, s.intent_kind <> 'none');
  -- What is not paid for gives way to a payment; once decided upon it is carried on.
  if v_refusal is null and s.intent_kind = 'none' and s.status = 'open' and billing_private.has_payment_in_progress(s) then
    v_refusal := 'payment_in_progress';
  end if;
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
  if billing_private.is_promised_otherwise(new, new.product_id) then
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
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'sessionId', s.id,
      'traceId', s.trace_id,
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
    where ch.checkout_session_id = s.id and ch.stripe_item_id is not null
  );
end;
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
  v_session billing.checkout_sessions;
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
  -- In everybody's order, of a free subscription too: the sessions that show it, then the subscription.
  perform billing_private.lock_subscription(v_change.subscription_id);
  select * into strict v_subscription from billing.subscriptions sub where sub.id = v_change.subscription_id;
  if v_subscription.revision <> (p_subscription ->> 'seenRevision')::bigint then
    return jsonb_build_object('outcome', 'stale');
  end if;

  if p_subscription is null then
    select * into strict v_period from billing_private.running_period(
      clock_timestamp(), s.product ->> 'interval', (s.product ->> 'intervalCount')::integer, clock_timestamp());
    -- One that is to end with its period still is, with the new one: as at Stripe, whose cancel_at_period_end a change leaves and a new
    -- period's end moves (https://docs.stripe.com/changelog/basil/2025-07-30/cancel-at-enums).
    update billing.subscriptions sub
    set quantity = s.quantity, started_at = v_period.period_start, current_period_start = v_period.period_start,
      current_period_end = v_period.period_end, cancel_at = case when sub.cancel_at_period_end then v_period.period_end end
    where sub.id = v_subscription.id;
  else
    update billing.subscriptions sub
    set stripe_subscription_id = p_subscription ->> 'id',
      stripe_account_id = s.stripe_account_id,
      payment_intent_id = coalesce(v_intent.id, sub.payment_intent_id),
      stripe_price_id = s.stripe_price_id
    where sub.id = v_subscription.id
    returning * into strict v_subscription;
    perform billing_private.write_stripe_facts(billing_private.with_stripe_facts(v_subscription, p_subscription));
  end if;
  update billing.subscriptions sub
  set product_id = s.product_id, price_id = s.price_id, revision = sub.revision + 1
  where sub.id = v_subscription.id
  returning * into v_subscription;
  if v_subscription.status = 'trialing' then
    perform billing_private.carry_trial(s, v_subscription);
  end if;
  -- Moved on at Stripe since, it is what it is there.
  if p_subscription ->> 'stripePriceId' <> s.stripe_price_id then
    perform billing_private.follow_price(v_subscription);
    select * into v_subscription from billing.subscriptions sub where sub.id = v_subscription.id;
  end if;
  if p_subscription -> 'invoice' ->> 'id' is not null then
    perform billing_private.write_invoice(v_subscription, p_subscription -> 'invoice', 0);
  end if;
  update billing.subscription_changes ch set finished_at = clock_timestamp() where ch.checkout_session_id = s.id;
  perform billing_private.project_grants(v_subscription);
  perform billing_private.announce_subscription(v_subscription.id);

  v_session := billing_private.move_session(s.id, 'succeeded', '{}', v_subscription);
  perform billing_private.finish_event(p_event_id, 'applied');
  return jsonb_build_object(
    'outcome', 'succeeded', 'snapshot', billing_private.snapshot(v_session), 'traceId', v_session.trace_id);
end;
$$;

-- For a change with nothing due: what complete_free_checkout does for its owner. Outcomes: not_free (it is to be
-- paid); apply (`plan` says what to do at Stripe); succeeded; price_unavailable (Stripe sells it no more);
-- payment_in_progress (another session's payment for the product is on its way); and why the subscription can no longer be changed.
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
  if s.status = 'open' and billing_private.is_withdrawn(s) then
    return jsonb_build_object('outcome', 'price_unavailable');
  end if;
  perform billing_private.queue_for_customer(s);
  v_refusal := billing_private.claim_change(s);
  if v_refusal is not null then
    return jsonb_build_object('outcome', v_refusal);
  elsif v_plan is null then
    return billing_private.complete_change(s, null);
  end if;
  if s.status = 'open' then
    v_session := billing_private.move_session(s.id, 'processing');
  end if;
  return jsonb_build_object('outcome', 'apply', 'plan', billing_private.change_plan(v_session));
end;
$$;

-- The same for a repair: what is still to be done for a change that was confirmed with nothing due. Null where
-- there is nothing.
create function billing.resume_change(p_session_id uuid) returns jsonb
  language plpgsql stable
  security definer
  set search_path = ''
as $$
begin
  return (
    select billing_private.change_plan(s) from billing.checkout_sessions s
    where s.id = p_session_id and s.checkout_mode = 'change' and s.intent_kind = 'none' and s.status = 'processing'
  );
end;
$$;

-- The end of a confirmed change, with nothing due, that Stripe's subscription no longer allows. Answers the
-- snapshot, also of one that has been done meanwhile.
create function billing.fail_change(p_session_id uuid) returns jsonb
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
    v_session := billing_private.move_session(
      p_session_id, 'failed', billing_private.session_error('subscription_changed', null));
  end if;
  return billing_private.snapshot(v_session);
end;
$$;
