-- The revision under which a writer is about to read Stripe. Null where the subscription is not ours (yet).
create function public.locate_subscription(p_stripe_subscription_id text) returns jsonb
  language sql stable
  security definer
  set search_path = ''
as $$
  select jsonb_build_object('subscriptionId', sub.id, 'revision', sub.revision)
  from public.subscriptions sub where sub.stripe_subscription_id = p_stripe_subscription_id;
$$;
revoke execute on function public.locate_subscription(text) from public, anon, authenticated;
grant execute on function public.locate_subscription(text) to service_role;

-- Grants follow the subscription: given while it gives features, taken when it ends.
create function internal.project_grants(sub public.subscriptions) returns void
  language sql
  set search_path = ''
as $$
  insert into public.feature_grants as g (customer_id, subscription_id, feature_id, quantity)
  select sub.customer_id, sub.id, pf.feature_id, pf.quantity
  from public.product_features pf
  where pf.product_id = sub.product_id and internal.grants_features(sub.status)
  on conflict (subscription_id, feature_id) do update set revoked_at = null, quantity = excluded.quantity
  where g.revoked_at is not null or g.quantity is distinct from excluded.quantity;

  update public.feature_grants g set revoked_at = clock_timestamp()
  where g.subscription_id = sub.id and g.revoked_at is null and not internal.grants_features(sub.status);
$$;

-- Writes a subscription as Stripe has it. p_subscription as in complete_checkout. Outcomes: recorded; stale (another
-- writer came between the reading and this call: read again); unknown.
create function public.record_subscription(
  p_seen_revision bigint,
  p_subscription jsonb,
  p_event_id uuid default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_subscription public.subscriptions;
  v_session public.checkout_sessions;
  v_before jsonb;
begin
  select * into v_session from public.checkout_sessions s
  where s.subscription_id = (
    select sub.id from public.subscriptions sub where sub.stripe_subscription_id = p_subscription ->> 'id'
  ) for update;
  v_before := internal.snapshot(v_session);
  update public.subscriptions sub
  set status = p_subscription ->> 'status',
    quantity = coalesce((p_subscription ->> 'quantity')::bigint, sub.quantity),
    current_period_start = internal.unix(p_subscription, 'currentPeriodStart'),
    current_period_end = internal.unix(p_subscription, 'currentPeriodEnd'),
    cancel_at_period_end = (p_subscription ->> 'cancelAtPeriodEnd')::boolean,
    canceled_at = internal.unix(p_subscription, 'canceledAt'),
    ended_at = internal.unix(p_subscription, 'endedAt'),
    trial_end = internal.unix(p_subscription, 'trialEnd'),
    revision = sub.revision + 1
  where sub.stripe_subscription_id = p_subscription ->> 'id' and sub.revision = p_seen_revision
  returning * into v_subscription;
  if not found then
    return jsonb_build_object('outcome', case when exists (
      select from public.subscriptions sub where sub.stripe_subscription_id = p_subscription ->> 'id'
    ) then 'stale' else 'unknown' end);
  end if;

  perform internal.project_grants(v_subscription);
  -- The subscription is part of the session's snapshot, so its change is the session's next version.
  if internal.snapshot(v_session) is distinct from v_before then
    update public.checkout_sessions s set version = s.version + 1 where s.id = v_session.id;
  end if;
  perform internal.finish_event(p_event_id, 'applied');
  return jsonb_build_object('outcome', 'recorded');
end;
$$;
revoke execute on function public.record_subscription(bigint, jsonb, uuid) from public, anon, authenticated;
grant execute on function public.record_subscription(bigint, jsonb, uuid) to service_role;
