-- What a customer sees and changes of its own: the subscriptions, their end and the way to Stripe's portal. Whose they are is the
-- token's word alone.

-- A subscription as an account page shows it.
create function billing_private.shown_subscription(sub billing.subscriptions) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_price jsonb;
begin
  -- A price in Stripe's dashboard that the catalogue does not have leaves price_id as it was; its amount is not ours to say.
  select jsonb_build_object(
    'amount', pr.unit_amount,
    'currency', pr.currency,
    'interval', pr.recurring_interval,
    'intervalCount', pr.recurring_interval_count
  ) into v_price
  from billing.product_prices pr
  where pr.id = sub.price_id and (sub.stripe_price_id is null or sub.stripe_price_id = pr.stripe_price_id);
  return jsonb_build_object(
    'id', sub.id,
    'status', sub.status,
    'productId', sub.product_id,
    'priceId', sub.price_id,
    'price', v_price,
    'quantity', sub.quantity,
    'currentPeriodStart', billing_private.iso(sub.current_period_start),
    'currentPeriodEnd', billing_private.iso(sub.current_period_end),
    'cancelAtPeriodEnd', billing_private.ends_with_period(sub)
  ) || jsonb_strip_nulls(jsonb_build_object(
    'cancelAt', billing_private.iso(sub.cancel_at),
    'trialEnd', billing_private.iso(sub.trial_end)
  ));
end;
$$;

-- The live subscriptions of the caller, oldest first. With p_preview, which Stripe is asked for and which counts, also by
-- what each is known there. Outcomes: read, unauthorized (token revoked, expired or unknown), forbidden (token lacks the
-- operation), rate_limited.
create function billing.read_subscriptions(
  p_token_id uuid,
  p_preview boolean,
  p_livemode boolean default null,
  p_user_id uuid default null
)
  returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_token constant billing.session_tokens := billing_private.living_token(p_token_id, p_livemode, p_user_id);
  v_refusal constant jsonb := billing_private.refused_caller(
    v_token, 'subscription', case when p_preview then 'subscription_per_customer' end);
begin
  if v_refusal is not null then
    return v_refusal;
  end if;
  return jsonb_build_object('outcome', 'read', 'subscriptions', (
    select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'stripeSubscriptionId', case when p_preview then sub.stripe_subscription_id end,
      'stripeAccountId', case when p_preview then sub.stripe_account_id end
    )) || jsonb_build_object('subscription', billing_private.shown_subscription(sub)) order by sub.started_at, sub.id), '[]')
    from billing.customers c join billing.subscriptions sub on sub.customer_id = c.id
    where c.organization_id = v_token.organization_id and c.external_id = v_token.external_user_id
      and sub.livemode = coalesce(p_livemode, sub.livemode) and billing_private.is_live(sub.status)
  ));
end;
$$;

-- One subscription of the caller, live or ended. Outcomes: read, unauthorized, forbidden, subscription_not_found (also for
-- another customer's).
create function billing.read_own_subscription(
  p_token_id uuid,
  p_subscription_id uuid,
  p_livemode boolean default null,
  p_user_id uuid default null
) returns jsonb
  language plpgsql stable
  security definer
  set search_path = ''
as $$
declare
  v_token constant billing.session_tokens := billing_private.living_token(p_token_id, p_livemode, p_user_id);
  v_refusal constant jsonb := billing_private.refused_caller(v_token, 'subscription');
  v_subscription billing.subscriptions;
begin
  if v_refusal is not null then
    return v_refusal;
  end if;
  select sub.* into v_subscription
  from billing.subscriptions sub join billing.customers c on c.id = sub.customer_id
  where sub.id = p_subscription_id and sub.livemode = coalesce(p_livemode, sub.livemode)
    and c.organization_id = v_token.organization_id and c.external_id = v_token.external_user_id;
  if not found then
    return jsonb_build_object('outcome', 'subscription_not_found');
  end if;
  return jsonb_build_object('outcome', 'read', 'subscription', billing_private.shown_subscription(v_subscription));
end;
$$;

-- Whether a change of a subscription was paid for, or confirmed, and is being carried out.
create function billing_private.is_changing(p_subscription_id uuid) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return exists (
    select from billing.subscription_changes ch
    where ch.subscription_id = p_subscription_id and ch.claimed_at is not null and ch.finished_at is null
  );
end;
$$;

-- Lets a free subscription end with its period, or go on after all. Its period is the running one, also where reconcile is late.
-- Answers the subscription as it is behind the lock, where it may have ended or have come to a price at Stripe meanwhile, or be about to:
-- then it is as that left it.
create function billing_private.set_free_ending(p_subscription_id uuid, p_ending boolean) returns billing.subscriptions
  language plpgsql
  set search_path = ''
as $$
declare
  v_shown constant jsonb := billing_private.hold_subscription(p_subscription_id);
  v_subscription billing.subscriptions;
begin
  update billing.subscriptions sub
  set cancel_at_period_end = p_ending,
    current_period_start = r.period_start,
    current_period_end = r.period_end,
    cancel_at = case when p_ending then r.period_end end,
    canceled_at = case when p_ending then clock_timestamp() end,
    revision = sub.revision + 1
  from billing.subscriptions due
  join billing.product_prices pr on pr.id = due.price_id
  cross join lateral billing_private.running_period(
    due.started_at, pr.recurring_interval, pr.recurring_interval_count, clock_timestamp()) r
  where due.id = sub.id and sub.id = p_subscription_id and sub.stripe_subscription_id is null and sub.status = 'active'
    and sub.cancel_at_period_end <> p_ending
    -- What has reached its end is over, whether or not reconcile has written that down.
    and (p_ending or sub.cancel_at > clock_timestamp())
    and not billing_private.is_changing(sub.id);
  if found then
    perform billing_private.follow_facts(p_subscription_id, v_shown);
  end if;
  select * into strict v_subscription from billing.subscriptions sub where sub.id = p_subscription_id;
  return v_subscription;
end;
$$;

-- The caller wants a subscription to end with its period (p_ending), or to go on. A free one is carried out here: outcome
-- read. One at Stripe is the caller's to carry out there: at_stripe, with stripeSubscriptionId and stripeAccountId. One that has
-- ended stays so: read where it was to end, else subscription_ended. A free one whose paid change is being carried out, which writes
-- down what Stripe says of it: change_in_progress. Other outcomes: unauthorized, forbidden, rate_limited, subscription_not_found
-- (also for another customer's).
create function billing.begin_ending(
  p_token_id uuid,
  p_subscription_id uuid,
  p_ending boolean,
  p_livemode boolean default null,
  p_user_id uuid default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_token constant billing.session_tokens := billing_private.living_token(p_token_id, p_livemode, p_user_id);
  v_refusal constant jsonb := billing_private.refused_caller(v_token, 'subscription', 'subscription_per_customer');
  v_subscription billing.subscriptions;
begin
  if v_refusal is not null then
    return v_refusal;
  end if;
  select sub.* into v_subscription
  from billing.subscriptions sub join billing.customers c on c.id = sub.customer_id
  where sub.id = p_subscription_id and sub.livemode = coalesce(p_livemode, sub.livemode)
    and c.organization_id = v_token.organization_id and c.external_id = v_token.external_user_id;
  if not found then
    return jsonb_build_object('outcome', 'subscription_not_found');
  end if;
  if v_subscription.stripe_subscription_id is null then
    v_subscription := billing_private.set_free_ending(v_subscription.id, p_ending);
  end if;
  -- Asked after the lock: a change to a price at Stripe that was on its way has made it Stripe's.
  if v_subscription.stripe_subscription_id is not null and billing_private.is_live(v_subscription.status) then
    return jsonb_build_object(
      'outcome', 'at_stripe',
      'stripeSubscriptionId', v_subscription.stripe_subscription_id,
      'stripeAccountId', v_subscription.stripe_account_id);
  end if;
  if v_subscription.cancel_at_period_end <> p_ending and billing_private.is_changing(v_subscription.id) then
    return jsonb_build_object('outcome', 'change_in_progress');
  end if;
  if not p_ending and (
    not billing_private.is_live(v_subscription.status) or v_subscription.cancel_at_period_end
  ) then
    return jsonb_build_object('outcome', 'subscription_ended');
  end if;
  return jsonb_build_object('outcome', 'read', 'subscription', billing_private.shown_subscription(v_subscription));
end;
$$;

-- By what the caller is known at Stripe, for a session of its portal. Outcomes: found, with stripeCustomerId and
-- stripeAccountId (null: the platform's own); customer_not_found (no such customer, or none that Stripe knows); unauthorized,
-- forbidden, rate_limited.
create function billing.open_portal(p_token_id uuid, p_livemode boolean default null, p_user_id uuid default null)
  returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_token constant billing.session_tokens := billing_private.living_token(p_token_id, p_livemode, p_user_id);
  v_refusal constant jsonb := billing_private.refused_caller(v_token, 'portal', 'portal_per_customer');
  v_customer billing.customers;
begin
  if v_refusal is not null then
    return v_refusal;
  end if;
  select * into v_customer from billing.customers c
  where c.organization_id = v_token.organization_id and c.external_id = v_token.external_user_id;
  if v_customer.stripe_customer_id is null then
    return jsonb_build_object('outcome', 'customer_not_found');
  end if;
  return jsonb_build_object(
    'outcome', 'found',
    'stripeCustomerId', v_customer.stripe_customer_id,
    'stripeAccountId', v_customer.stripe_account_id);
end;
$$;
