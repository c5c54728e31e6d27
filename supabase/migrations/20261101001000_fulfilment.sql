-- What a paid session still needs at Stripe. Decides once, in the transaction that learns of the payment, whether the
-- money can be honoured; a decision to refund is kept, so that no later run honours what was given back.
create function internal.plan_fulfilment(s public.checkout_sessions) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_customer public.customers;
  v_intent public.payment_intents;
  v_reason text;
begin
  -- The first insert freezes what Stripe is told of a new customer: two sessions that fulfil at once then send the same
  -- parameters under the same idempotency key and get the same customer.
  insert into public.customers (organization_id, external_id, email, name)
  values (s.organization_id, s.external_user_id, s.customer_email, s.customer_name)
  on conflict (organization_id, external_id) do nothing;
  select * into strict v_customer from public.customers c
  where c.organization_id = s.organization_id and c.external_id = s.external_user_id;

  v_reason := case
    when s.status in ('failed', 'canceled') then 'session_closed'
    when s.checkout_mode <> 'change'
      and internal.has_live_subscription(s.organization_id, s.external_user_id, s.product_id)
      then 'already_subscribed'
    when s.status = 'expired' and not exists (
      select from public.product_prices pr join public.products p on p.id = pr.product_id
      where pr.id = s.price_id and pr.active and p.active
    ) then 'product_unavailable'
  end;
  select * into strict v_intent from public.payment_intents p where p.id = s.payment_intent_id;
  if s.checkout_mode = 'trial' and coalesce(v_intent.refund_reason, v_reason) is null
    and not internal.claim_trial(s, v_customer.id, v_intent.fingerprint) then
    v_reason := 'trial_used';
  elsif s.checkout_mode = 'change' and coalesce(v_intent.refund_reason, v_reason) is null then
    v_reason := internal.claim_change(s);
  end if;
  update public.payment_intents p set refund_reason = coalesce(p.refund_reason, v_reason)
  where p.id = s.payment_intent_id
  returning * into strict v_intent;

  return jsonb_build_object(
    'outcome', case when v_intent.refund_reason is null then 'fulfil' else 'refund' end,
    'plan', jsonb_build_object(
      'sessionId', s.id,
      'change', case when s.checkout_mode = 'change' then internal.change_plan(s) end,
      'organizationId', s.organization_id,
      'stripeAccountId', s.stripe_account_id,
      'intentKind', s.intent_kind,
      'trialDays', s.trial_days,
      'tax', case when s.automatic_tax then
        jsonb_build_object('address', s.customer_address, 'taxId', s.customer_tax_id) end,
      'stripePaymentIntentId', v_intent.stripe_payment_intent_id,
      'stripePaymentMethodId', v_intent.stripe_payment_method_id,
      'paidAt', floor(extract(epoch from v_intent.succeeded_at))::bigint,
      'refundReason', v_intent.refund_reason,
      'mayRefund', internal.may_refund(v_intent),
      'stripePriceId', s.stripe_price_id,
      'quantity', s.quantity,
      'discount', s.discount,
      'discountId', s.discount_id,
      'interval', s.product ->> 'interval',
      'intervalCount', (s.product ->> 'intervalCount')::integer,
      'applicationFeeBps', s.application_fee_bps,
      'applicationFeeAmount', case when s.stripe_account_id is null then 0 else s.application_fee_amount end,
      'customer', jsonb_build_object(
        'id', v_customer.id,
        'externalId', v_customer.external_id,
        'email', v_customer.email,
        'name', v_customer.name,
        'createdAt', floor(extract(epoch from v_customer.created_at))::bigint,
        'stripeGeneration', v_customer.stripe_generation,
        'stripeCustomerId', case
          when v_customer.stripe_account_id is not distinct from s.stripe_account_id
            then v_customer.stripe_customer_id end
      )
    )
  );
end;
$$;

-- Keeps a customer's Stripe id as soon as it is known; the first one on an account stays. Answers the id that stands.
create function public.record_stripe_customer(
  p_customer_id uuid,
  p_stripe_customer_id text,
  p_stripe_account_id text default null
) returns text
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_stripe_customer_id text;
begin
  update public.customers c
  set stripe_customer_id = case
      when c.stripe_account_id is not distinct from p_stripe_account_id
        then coalesce(c.stripe_customer_id, p_stripe_customer_id)
      else p_stripe_customer_id
    end,
    stripe_account_id = p_stripe_account_id
  where c.id = p_customer_id
  returning c.stripe_customer_id into v_stripe_customer_id;
  if not found then
    raise exception 'no customer %', p_customer_id using errcode = 'BO002';
  end if;
  return v_stripe_customer_id;
end;
$$;
revoke execute on function public.record_stripe_customer(uuid, text, text) from public, anon, authenticated;
grant execute on function public.record_stripe_customer(uuid, text, text) to service_role;

-- Forgets an id that Stripe no longer has (the customer was deleted in the dashboard), if it is still the one known.
create function public.forget_stripe_customer(p_stripe_customer_id text) returns void
  language sql
  security definer
  set search_path = ''
as $$
  update public.customers c
  set stripe_customer_id = null, stripe_generation = c.stripe_generation + 1
  where c.stripe_customer_id = p_stripe_customer_id;
$$;
revoke execute on function public.forget_stripe_customer(text) from public, anon, authenticated;
grant execute on function public.forget_stripe_customer(text) to service_role;

-- Stripe will not make this session's subscription, now or later (its price was archived, say): the money goes back.
-- p_reason as in payment_intents. False where the session has been fulfilled meanwhile.
create function public.refuse_fulfilment(p_session_id uuid, p_reason text default 'fulfilment_refused') returns boolean
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_session public.checkout_sessions;
begin
  select * into v_session from public.checkout_sessions s where s.id = p_session_id for update;
  if v_session.status = 'succeeded' then
    return false;
  end if;
  perform internal.give_up_change(p_session_id);
  update public.payment_intents p set refund_reason = coalesce(p.refund_reason, p_reason)
  where p.id = v_session.payment_intent_id and p.status = 'succeeded';
  return found;
end;
$$;
revoke execute on function public.refuse_fulfilment(uuid, text) from public, anon, authenticated;
grant execute on function public.refuse_fulfilment(uuid, text) to service_role;

create function internal.unix(p_facts jsonb, p_key text) returns timestamptz
  language sql immutable parallel safe
  set search_path = ''
  return to_timestamp((p_facts ->> p_key)::bigint);

-- The end of a paid session, in one transaction: subscription, grants, session, event.
-- p_subscription: {id, status, stripePriceId?, quantity?, currentPeriodStart, currentPeriodEnd, cancelAtPeriodEnd,
-- canceledAt?, endedAt?, trialEnd?}, times in Unix seconds. Outcomes: succeeded (also when it already was); refund (another
-- session of this customer took the product first, or the money was already promised back); for a change also stale.
create function public.complete_checkout(p_session_id uuid, p_subscription jsonb, p_event_id uuid default null)
  returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_session public.checkout_sessions;
  v_intent public.payment_intents;
  v_customer_id uuid;
  v_subscription public.subscriptions;
  v_constraint text;
begin
  select * into v_session from public.checkout_sessions s where s.id = p_session_id for update;
  if not found then
    raise exception 'no checkout session %', p_session_id using errcode = 'BO002';
  end if;
  if v_session.status = 'succeeded' then
    perform internal.finish_event(p_event_id, 'applied');
    return jsonb_build_object('outcome', 'succeeded', 'snapshot', internal.snapshot(v_session));
  end if;
  if v_session.checkout_mode = 'change' then
    return internal.complete_change(v_session, p_subscription, p_event_id);
  end if;
  select * into v_intent from public.payment_intents p where p.id = v_session.payment_intent_id;
  if v_intent.status is distinct from 'succeeded' then
    raise exception 'session % is not paid', p_session_id using errcode = 'BO003';
  end if;
  if v_intent.refund_reason is not null then
    return jsonb_build_object('outcome', 'refund');
  end if;
  select c.id into strict v_customer_id from public.customers c
  where c.organization_id = v_session.organization_id and c.external_id = v_session.external_user_id;

  begin
    insert into public.subscriptions (
      organization_id, customer_id, product_id, price_id, checkout_session_id, payment_intent_id,
      stripe_subscription_id, stripe_account_id, status, stripe_price_id, quantity,
      current_period_start, current_period_end,
      cancel_at_period_end, canceled_at, ended_at, trial_end, metadata
    ) values (
      v_session.organization_id, v_customer_id, v_session.product_id, v_session.price_id, v_session.id, v_intent.id,
      p_subscription ->> 'id', v_session.stripe_account_id, p_subscription ->> 'status',
      coalesce(p_subscription ->> 'stripePriceId', v_session.stripe_price_id),
      coalesce((p_subscription ->> 'quantity')::bigint, 1),
      internal.unix(p_subscription, 'currentPeriodStart'), internal.unix(p_subscription, 'currentPeriodEnd'),
      (p_subscription ->> 'cancelAtPeriodEnd')::boolean, internal.unix(p_subscription, 'canceledAt'),
      internal.unix(p_subscription, 'endedAt'), internal.unix(p_subscription, 'trialEnd'), v_session.metadata
    ) returning * into v_subscription;
  exception when unique_violation then
    get stacked diagnostics v_constraint = constraint_name;
    if v_constraint <> 'subscriptions_one_live_per_customer_and_product' then
      raise;
    end if;
    update public.payment_intents p set refund_reason = 'already_subscribed' where p.id = v_intent.id;
    return jsonb_build_object('outcome', 'refund');
  end;

  perform internal.project_grants(v_subscription);

  update public.checkout_sessions s
  set status = 'succeeded', subscription_id = v_subscription.id, customer_id = v_customer_id,
    completed_at = clock_timestamp(), error_code = null, error_message = null
  where s.id = v_session.id
  returning * into v_session;
  perform internal.finish_event(p_event_id, 'applied');
  return jsonb_build_object('outcome', 'succeeded', 'snapshot', internal.snapshot(v_session));
end;
$$;
revoke execute on function public.complete_checkout(uuid, jsonb, uuid) from public, anon, authenticated;
grant execute on function public.complete_checkout(uuid, jsonb, uuid) to service_role;

-- The same end for a set-up, of which nothing was taken: the card is let go, the snapshot says why.
create function public.record_release(p_session_id uuid, p_event_id uuid default null) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_session public.checkout_sessions;
  v_reason text;
begin
  select * into v_session from public.checkout_sessions s where s.id = p_session_id for update;
  update public.payment_intents p
  set released_at = coalesce(p.released_at, clock_timestamp())
  where p.id = v_session.payment_intent_id and p.kind = 'setup' and p.refund_reason is not null
  returning p.refund_reason into v_reason;
  if not found then
    raise exception 'session % has no card to let go', p_session_id using errcode = 'BO003';
  end if;
  -- A trial that never began is still due.
  delete from public.trials t where t.checkout_session_id = p_session_id;
  update public.checkout_sessions s
  set status = case s.status when 'processing' then 'failed' else s.status end,
    error_code = case v_reason
      when 'already_subscribed' then 'already_subscribed'
      when 'trial_used' then 'trial_used'
      else 'price_unavailable'
    end,
    error_message = case v_reason
      when 'already_subscribed' then 'You already have this subscription. Nothing was charged.'
      when 'trial_used' then 'The free trial of this product has been used already. Nothing was charged.'
      else 'This offer is no longer available. Nothing was charged.'
    end
  where s.id = p_session_id
  returning * into v_session;
  perform internal.finish_event(p_event_id, 'released');
  return jsonb_build_object('outcome', 'released', 'snapshot', internal.snapshot(v_session));
end;
$$;
revoke execute on function public.record_release(uuid, uuid) from public, anon, authenticated;
grant execute on function public.record_release(uuid, uuid) to service_role;
