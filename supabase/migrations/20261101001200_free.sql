-- Free subscriptions live here alone: Stripe is asked nothing and knows nothing of them.

-- The period that runs at a moment, counted from the beginning, so that a subscription begun on the 31st comes back to the
-- 31st after a shorter month.
create function billing_private.running_period(
  p_started_at timestamptz,
  p_interval text,
  p_interval_count integer,
  p_at timestamptz,
  out period_start timestamptz,
  out period_end timestamptz
)
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_step constant interval := (p_interval_count || ' ' || p_interval)::interval;
  v_started constant timestamp := p_started_at at time zone 'UTC';
  -- No month has more than 31 days and no year more than 366: never beyond the period that is looked for.
  v_periods integer := floor(extract(epoch from p_at - p_started_at) / 86400 / (
    p_interval_count * case p_interval when 'day' then 1 when 'week' then 7 when 'month' then 31 else 366 end));
begin
  v_periods := greatest(v_periods, 0);
  while v_started + (v_periods + 1) * v_step <= p_at at time zone 'UTC' loop
    v_periods := v_periods + 1;
  end loop;
  period_start := (v_started + v_periods * v_step) at time zone 'UTC';
  period_end := (v_started + (v_periods + 1) * v_step) at time zone 'UTC';
end;
$$;

-- A change of a subscription is the next version of each session that shows it.
create function billing_private.announce_subscription(p_subscription_id uuid) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  update billing.checkout_sessions s set version = s.version + 1 where s.subscription_id = p_subscription_id;
end;
$$;

-- Locks the sessions that show a subscription, for whoever has locked the subscription already: every other writer locks
-- them first, so that there is no waiting for them. False where somebody holds one.
create function billing_private.take_sessions(p_subscription_id uuid) returns boolean
  language plpgsql volatile
  set search_path = ''
as $$
begin
  return (
    with taken as (
      select s.id from billing.checkout_sessions s where s.subscription_id = p_subscription_id for update skip locked
    )
    select (select count(*) from taken) =
      (select count(*) from billing.checkout_sessions s where s.subscription_id = p_subscription_id)
  );
end;
$$;

-- Ends a free session well, in one transaction: customer, subscription, grants, session. A free subscription to the product
-- that this customer ended before lives on. Outcomes: succeeded (also when it already was), unauthorized (token revoked,
-- expired or unknown), forbidden, not_found (also for another customer's), not_free, closed, expired, already_subscribed,
-- price_unavailable (Stripe sells it no more).
-- A change with nothing due is confirmed here too, and may also come to apply (`plan` says what to do at Stripe) or
-- subscription_changed.
create function billing.complete_free_checkout(
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
  v_customer_id uuid;
  v_subscription billing.subscriptions;
  v_start timestamptz;
  v_end timestamptz;
  v_constraint text;
  v_changed jsonb;
begin
  if v_refusal is not null then
    return v_refusal;
  end if;
  -- With the sessions that show a free subscription of the customer, which may live on: before the subscription itself and
  -- in the order of their ids, as every writer locks them.
  perform from billing.checkout_sessions s
  where s.organization_id = v_token.organization_id and s.external_user_id = v_token.external_user_id
    and s.id in (
      select p_session_id
      union all
      select o.id from billing.customers c
      join billing.subscriptions sub on sub.customer_id = c.id and sub.stripe_subscription_id is null
      join billing.checkout_sessions o on o.subscription_id = sub.id
      where c.organization_id = v_token.organization_id and c.external_id = v_token.external_user_id
    )
  order by s.id for update;
  select * into v_session from billing.checkout_sessions s
  where s.id = p_session_id and s.organization_id = v_token.organization_id
    and s.external_user_id = v_token.external_user_id;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  elsif v_session.checkout_mode = 'change' and (
    v_session.status = 'processing' or (v_session.status = 'open' and v_session.expires_at > clock_timestamp())
  ) then
    v_changed := billing_private.confirm_change(v_session);
    if v_changed ->> 'outcome' = 'already_subscribed' then
      perform billing_private.end_as_subscribed(v_session);
    elsif v_session.status = 'open' and v_changed ->> 'outcome' in ('apply', 'succeeded') then
      perform billing_private.know_customer(v_session);
    end if;
    return v_changed;
  elsif v_session.checkout_mode not in ('free', 'change') then
    return jsonb_build_object('outcome', 'not_free');
  elsif v_session.status = 'succeeded' then
    return jsonb_build_object(
      'outcome', 'succeeded', 'snapshot', billing_private.snapshot(v_session), 'traceId', v_session.trace_id);
  elsif v_session.status = 'open' and v_session.expires_at <= clock_timestamp() then
    perform billing_private.move_session(v_session.id, 'expired');
    return jsonb_build_object('outcome', 'expired');
  elsif v_session.status <> 'open' then
    return jsonb_build_object('outcome', case
      when v_session.error_code = 'already_subscribed' then 'already_subscribed'
      when v_session.status = 'expired' then 'expired'
      else 'closed'
    end);
  elsif billing_private.is_withdrawn(v_session) then
    return jsonb_build_object('outcome', 'price_unavailable');
  end if;

  insert into billing.customers (organization_id, external_id, email, name)
  values (
    v_session.organization_id, v_session.external_user_id, v_session.customer_email, v_session.customer_name
  ) on conflict (organization_id, external_id) do nothing;
  select c.id into strict v_customer_id from billing.customers c
  where c.organization_id = v_session.organization_id and c.external_id = v_session.external_user_id;
  select r.period_start, r.period_end into v_start, v_end
  from billing_private.running_period(
    clock_timestamp(), v_session.product ->> 'interval', (v_session.product ->> 'intervalCount')::integer,
    clock_timestamp()
  ) r;

  begin
    update billing.subscriptions sub
    set status = 'active', price_id = v_session.price_id, quantity = v_session.quantity,
      started_at = v_start, current_period_start = v_start,
      current_period_end = v_end, cancel_at_period_end = false, cancel_at = null, canceled_at = null, ended_at = null,
      revision = sub.revision + 1
    where sub.id = (
      select old.id from billing.subscriptions old
      where old.customer_id = v_customer_id and old.product_id = v_session.product_id
        and old.stripe_subscription_id is null and old.status = 'canceled'
      order by old.ended_at desc limit 1
    ) and sub.status = 'canceled'
    returning * into v_subscription;
    if not found then
      insert into billing.subscriptions (
        organization_id, customer_id, product_id, price_id, checkout_session_id, livemode, status, quantity,
        started_at, current_period_start, current_period_end, metadata
      ) values (
        v_session.organization_id, v_customer_id, v_session.product_id, v_session.price_id, v_session.id,
        v_session.livemode, 'active', v_session.quantity,
        v_start, v_start, v_end, v_session.metadata
      ) returning * into v_subscription;
    end if;
  exception when unique_violation then
    get stacked diagnostics v_constraint = constraint_name;
    if v_constraint <> 'subscriptions_one_live_per_customer_and_product' then
      raise;
    end if;
    perform billing_private.end_as_subscribed(v_session);
    return jsonb_build_object('outcome', 'already_subscribed');
  end;
  perform billing_private.project_grants(v_subscription);
  perform billing_private.announce_subscription(v_subscription.id);

  v_session := billing_private.move_session(v_session.id, 'succeeded', '{}', v_subscription);
  perform billing_private.know_customer(v_session);
  return jsonb_build_object(
    'outcome', 'succeeded', 'snapshot', billing_private.snapshot(v_session), 'traceId', v_session.trace_id);
end;
$$;

-- Begins the next period of free subscriptions whose last one is over, or ends those that were to end with it. Skips what
-- another run or a writer holds, so that it never waits. Answers how many.
create function billing.renew_free_subscriptions(p_limit integer) returns integer
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_due record;
  v_subscription billing.subscriptions;
  v_renewed integer := 0;
begin
  for v_due in
    select sub.id, sub.cancel_at_period_end as is_ending, r.period_start, r.period_end
    from (
      select * from billing.subscriptions due
      where due.stripe_subscription_id is null and due.status = 'active'
        and due.current_period_end <= statement_timestamp()
      order by due.current_period_end
      limit p_limit
      for update skip locked
    ) sub
    join billing.product_prices pr on pr.id = sub.price_id
    cross join lateral billing_private.running_period(
      sub.started_at, pr.recurring_interval, pr.recurring_interval_count, clock_timestamp()) r
  loop
    continue when not billing_private.take_sessions(v_due.id);
    if v_due.is_ending then
      update billing.subscriptions sub
      set status = 'canceled', ended_at = sub.current_period_end, revision = sub.revision + 1
      where sub.id = v_due.id
      returning * into v_subscription;
      perform billing_private.project_grants(v_subscription);
    else
      update billing.subscriptions sub
      set current_period_start = v_due.period_start, current_period_end = v_due.period_end, revision = sub.revision + 1
      where sub.id = v_due.id;
    end if;
    perform billing_private.announce_subscription(v_due.id);
    v_renewed := v_renewed + 1;
  end loop;
  return v_renewed;
end;
$$;

-- Ends a free subscription now; false where there is no live one of that id. Those at Stripe are ended at Stripe.
create function billing.cancel_free_subscription(p_subscription_id uuid) returns boolean
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_subscription billing.subscriptions;
begin
  perform billing_private.lock_subscription(p_subscription_id);
  update billing.subscriptions sub
  set status = 'canceled', canceled_at = clock_timestamp(), ended_at = clock_timestamp(), revision = sub.revision + 1
  where sub.id = p_subscription_id and sub.stripe_subscription_id is null and sub.status = 'active'
  returning * into v_subscription;
  if not found then
    return false;
  end if;
  perform billing_private.project_grants(v_subscription);
  perform billing_private.announce_subscription(v_subscription.id);
  return true;
end;
$$;
