-- The state of a checkout session: one function moves it, one trigger refuses every edge that is not in the table, one
-- trigger counts its version and tells the browser.

-- What a session keeps for its writers alone.
create function billing_private.unshown_columns() returns text[]
  language sql immutable parallel safe
  set search_path = ''
  return array['checked_at', 'due_at', 'intent_revision', 'fulfilling_since', 'subscription_news'];

create function billing_private.guard_session() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  if new.status is distinct from old.status and not exists (
    select from billing.checkout_transitions t where t.from_status = old.status and t.to_status = new.status
  ) then
    raise exception 'a checkout session cannot go from % to %', old.status, new.status using errcode = 'BO001';
  end if;
  -- A raised version is how a change that shows in the snapshot but lies in another table (a subscription renewed, a
  -- grant revoked) is announced.
  new.updated_at := old.updated_at;
  if to_jsonb(new) - billing_private.unshown_columns() is distinct from to_jsonb(old) - billing_private.unshown_columns() then
    new.version := old.version + 1;
    new.updated_at := clock_timestamp();
  end if;
  return new;
end;
$$;

create trigger checkout_sessions_guard before update on billing.checkout_sessions
  for each row execute function billing_private.guard_session();

-- Whether a subscription ends with its current period, however Stripe was told so.
create function billing_private.ends_with_period(sub billing.subscriptions) returns boolean
  language sql immutable parallel safe
  set search_path = ''
  return sub.cancel_at_period_end or coalesce(sub.cancel_at = sub.current_period_end, false);

-- The object that status answers and every Realtime message carries. Built in one place, so that both are equal for one
-- version.
-- Stable, so that it sees the subscription and the features as of the statement that read its row: one version has one
-- content, whoever asks.
create function billing_private.snapshot(s billing.checkout_sessions) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'id', s.id,
    'version', s.version,
    'status', case s.status when 'open' then 'pending' else s.status end,
    'checkoutMode', s.checkout_mode,
    'amount', s.amount,
    'currency', s.currency,
    'discountAmount', s.discount_amount,
    'taxAmount', s.tax_amount,
    'adjustmentAmount', s.adjustment_amount,
    'totalAmount', s.total_amount,
    'product', s.product,
    'expiresAt', billing_private.iso(s.expires_at),
    'completedAt', billing_private.iso(s.completed_at),
    'error', case when s.error_code is not null then
      jsonb_build_object('code', s.error_code, 'message', s.error_message) end,
    'subscription', (
      select jsonb_build_object(
        'id', sub.id,
        'customerId', sub.customer_id,
        'productId', sub.product_id,
        'priceId', sub.price_id,
        'status', sub.status,
        'quantity', sub.quantity,
        'currentPeriodStart', billing_private.iso(sub.current_period_start),
        'currentPeriodEnd', billing_private.iso(sub.current_period_end),
        'cancelAtPeriodEnd', billing_private.ends_with_period(sub),
        'cancelAt', billing_private.iso(sub.cancel_at),
        'collectionPaused', case when sub.collection_paused is not null then jsonb_build_object(
          'behavior', sub.collection_paused, 'resumesAt', billing_private.iso(sub.collection_resumes_at)) end,
        'pendingUpdate', case when sub.pending_update_expires_at is not null then
          jsonb_build_object('expiresAt', billing_private.iso(sub.pending_update_expires_at)) end,
        'scheduled', sub.scheduled,
        'trialEnd', billing_private.iso(sub.trial_end)
      )
      from billing.subscriptions sub where sub.id = s.subscription_id
    ),
    'features', (
      select coalesce(jsonb_agg(f.key order by f.key), '[]')
      from billing.feature_grants g join billing.features f on f.id = g.feature_id
      where g.subscription_id = s.subscription_id and g.revoked_at is null
    )
  ));
$$;

create function billing_private.checkout_topic(p_session_id uuid) returns text
  language sql immutable parallel safe
  set search_path = ''
  return 'checkout:' || p_session_id;

create function billing_private.broadcast_session() returns trigger
  language plpgsql
  security definer
  set search_path = ''
as $$
begin
  perform realtime.send(billing_private.snapshot(new), 'checkout.updated', billing_private.checkout_topic(new.id), true);
  return null;
end;
$$;

create trigger checkout_sessions_broadcast after update on billing.checkout_sessions
  for each row when (old.version is distinct from new.version)
  execute function billing_private.broadcast_session();

-- A browser may listen to the topic of a session that exists and knows it only by the session's unguessable id. There is
-- no INSERT policy, so no browser can send. The look-up runs as the owner because anon may not read the table itself.
create function billing_private.checkout_topic_exists(p_topic text) returns boolean
  language plpgsql stable
  security definer
  set search_path = ''
as $$
begin
  return p_topic ~ '^checkout:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
    and exists (
      select from billing.checkout_sessions s
      where s.id = substr(p_topic, 10)::uuid
        -- A day after its end nobody waits for it any more.
        and (s.status in ('open', 'requires_action', 'processing')
          or coalesce(s.completed_at, s.updated_at) > clock_timestamp() - interval '1 day')
    );
end;
$$;

create policy checkout_session_listeners on realtime.messages
  for select to anon, authenticated
  using (extension = 'broadcast' and billing_private.checkout_topic_exists((select realtime.topic())));
