-- The state of a checkout session: one function moves it, one trigger refuses every edge that is not in the table and counts
-- the version, one tells the browser, and one keeps when a repair is to look.

-- The allowed edges of checkout_sessions.status; shared/domain/session-status.ts holds the same list.
create table billing.checkout_transitions (
  from_status text not null,
  to_status text not null,
  constraint checkout_transitions_pkey primary key (from_status, to_status)
);
alter table billing.checkout_transitions enable row level security;
grant select on billing.checkout_transitions to service_role;
insert into billing.checkout_transitions (from_status, to_status) values
  ('open', 'requires_action'), ('open', 'processing'), ('open', 'succeeded'),
  ('open', 'failed'), ('open', 'expired'), ('open', 'canceled'),
  ('requires_action', 'open'), ('requires_action', 'processing'), ('requires_action', 'succeeded'),
  ('requires_action', 'failed'), ('requires_action', 'expired'), ('requires_action', 'canceled'),
  -- An asynchronous method was refused: the customer may try another card.
  ('processing', 'open'), ('processing', 'succeeded'), ('processing', 'failed'),
  -- Money that lands after expiry is honored.
  ('expired', 'succeeded');

create function billing_private.guard_session() returns trigger
  language plpgsql
  set search_path = ''
as $$
declare
  v_shown billing.checkout_sessions := old;
begin
  if new.status is distinct from old.status and not exists (
    select from billing.checkout_transitions t where t.from_status = old.status and t.to_status = new.status
  ) then
    raise exception 'a checkout session cannot go from % to %', old.status, new.status using errcode = 'BO001';
  end if;
  -- What a session keeps for its writers alone shows nowhere.
  v_shown.checked_at := new.checked_at;
  v_shown.repair_at := new.repair_at;
  v_shown.intent_revision := new.intent_revision;
  v_shown.payment_intent_id := new.payment_intent_id;
  v_shown.fulfilling_since := new.fulfilling_since;
  v_shown.planned_at := new.planned_at;
  v_shown.subscription_news := new.subscription_news;
  -- Made after this, of what is compared here; until then they are null
  -- (https://www.postgresql.org/docs/17/ddl-generated-columns.html).
  v_shown.opened_on := new.opened_on;
  v_shown.completed_on := new.completed_on;
  -- A raised version is how a change that shows in the snapshot but lies in another table (a subscription renewed, a
  -- grant revoked) is announced.
  new.updated_at := old.updated_at;
  if new is distinct from v_shown then
    new.version := old.version + 1;
    new.updated_at := clock_timestamp();
  end if;
  return new;
end;
$$;

create trigger checkout_sessions_guard before update on billing.checkout_sessions
  for each row execute function billing_private.guard_session();

-- How often a discount was redeemed for good, so that nobody counts what there ever was (law 13). Not in the discount's own row: a
-- create holds that one and then waits for the subscription that it would change, which a completion holds.
create table billing_private.discount_redemptions (
  discount_id uuid not null,
  succeeded bigint not null,
  constraint discount_redemptions_pkey primary key (discount_id),
  constraint discount_redemptions_discount_id_fkey foreign key (discount_id)
    references billing.discounts (id) on delete cascade
);
alter table billing_private.discount_redemptions enable row level security;

-- The only statement that writes `status`, and what is shown beside it. p_error is {code, message}: the one shown from now on,
-- none where it is empty, that of before where it is left out. p_expire ends the time to pay at once. A session that succeeds
-- says so with its subscription, once. Whoever calls it has locked the session.
create function billing_private.move_session(
  p_session_id uuid,
  p_status text,
  p_error jsonb default null,
  p_subscription billing.subscriptions default null,
  p_expire boolean default false
) returns billing.checkout_sessions
  language plpgsql
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions;
begin
  update billing.checkout_sessions s
  set status = p_status,
    -- What was read of the intent before is old.
    intent_revision = s.intent_revision + 1,
    error_code = case when p_error is null then s.error_code else p_error ->> 'code' end,
    error_message = case when p_error is null then s.error_message else p_error ->> 'message' end,
    expires_at = case when p_expire then least(s.expires_at, clock_timestamp()) else s.expires_at end,
    subscription_id = coalesce(p_subscription.id, s.subscription_id),
    customer_id = coalesce(p_subscription.customer_id, s.customer_id),
    completed_at = case when p_status = 'succeeded' then clock_timestamp() else s.completed_at end,
    fulfilling_since = case when p_status <> 'succeeded' then s.fulfilling_since end
  where s.id = p_session_id
  returning * into strict v_session;
  if p_status = 'succeeded' and v_session.discount_id is not null then
    insert into billing_private.discount_redemptions as r (discount_id, succeeded) values (v_session.discount_id, 1)
    on conflict (discount_id) do update set succeeded = r.succeeded + 1;
  end if;
  return v_session;
end;
$$;

-- What a customer is told of a session that came to nothing, by its error and why; 'other' where no reason has a sentence of its
-- own. shared/contract/sentences.ts holds the same.
create table billing_private.ending_sentences (
  code text not null,
  reason text not null,
  message text not null,
  constraint ending_sentences_pkey primary key (code, reason)
);
alter table billing_private.ending_sentences enable row level security;
insert into billing_private.ending_sentences (code, reason, message) values
  ('payment_refunded', 'already_subscribed', 'You already have this subscription. Your payment has been refunded.'),
  ('payment_refunded', 'subscription_changed', 'Your subscription has changed meanwhile. Your payment has been refunded.'),
  ('payment_refunded', 'deadline_passed', 'Your order could not be completed. Your payment has been refunded.'),
  ('payment_refunded', 'money_returned', 'Your order was not completed. Your payment has been refunded.'),
  ('payment_refunded', 'other', 'This offer is no longer available. Your payment has been refunded.'),
  ('refund_failed', 'already_subscribed', 'You already have this subscription. Your bank did not take the refund of your payment. Please contact the seller.'),
  ('refund_failed', 'subscription_changed', 'Your subscription has changed meanwhile. Your bank did not take the refund of your payment. Please contact the seller.'),
  ('refund_failed', 'deadline_passed', 'Your order could not be completed. Your bank did not take the refund of your payment. Please contact the seller.'),
  ('refund_failed', 'money_returned', 'Your order was not completed. Your bank did not take the refund of your payment. Please contact the seller.'),
  ('refund_failed', 'other', 'This offer is no longer available. Your bank did not take the refund of your payment. Please contact the seller.'),
  ('refund_pending', 'already_subscribed', 'You already have this subscription. Your payment is being refunded.'),
  ('refund_pending', 'subscription_changed', 'Your subscription has changed meanwhile. Your payment is being refunded.'),
  ('refund_pending', 'deadline_passed', 'Your order could not be completed. Your payment is being refunded.'),
  ('refund_pending', 'money_returned', 'Your order was not completed. Your payment is being refunded.'),
  ('refund_pending', 'other', 'This offer is no longer available. Your payment is being refunded.'),
  ('already_subscribed', 'other', 'You already have this subscription. Nothing was charged.'),
  ('trial_used', 'other', 'The free trial of this product has been used already. Nothing was charged.'),
  ('price_mismatch', 'other', 'This offer is no longer available. Nothing was charged.'),
  ('price_unavailable', 'other', 'This offer is no longer available. Nothing was charged.'),
  ('subscription_changed', 'other', 'Your subscription has changed meanwhile. Nothing was charged.');

-- The error of a session, as the snapshot has it.
create function billing_private.session_error(p_code text, p_reason text) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_message text;
begin
  select e.message into strict v_message from billing_private.ending_sentences e
  where e.code = p_code and e.reason in (p_reason, 'other')
  order by e.reason = 'other' limit 1;
  return jsonb_build_object('code', p_code, 'message', v_message);
end;
$$;

-- Whether a subscription ends with its current period, however Stripe was told so.
create function billing_private.ends_with_period(sub billing.subscriptions) returns boolean
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return sub.cancel_at_period_end or coalesce(sub.cancel_at = sub.current_period_end, false);
end;
$$;

-- The object that status answers and every Realtime message carries. Built in one place, so that both are equal for one
-- version.
-- Stable, so that it sees the subscription and the features as of the statement that read its row: one version has one
-- content, whoever asks.
create function billing_private.snapshot(s billing.checkout_sessions) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_subscription jsonb;
  v_features jsonb := '[]';
  -- As billing_private.iso writes a time: its calls were half of what this cost.
  v_iso constant text := 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"';
begin
  if s.subscription_id is not null then
    select jsonb_build_object(
      'id', sub.id,
      'customerId', sub.customer_id,
      'productId', sub.product_id,
      'priceId', sub.price_id,
      'status', sub.status,
      'quantity', sub.quantity,
      'currentPeriodStart', to_char(sub.current_period_start at time zone 'UTC', v_iso),
      'currentPeriodEnd', to_char(sub.current_period_end at time zone 'UTC', v_iso),
      'cancelAtPeriodEnd', billing_private.ends_with_period(sub),
      'cancelAt', to_char(sub.cancel_at at time zone 'UTC', v_iso),
      'collectionPaused', case when sub.collection_paused is not null then jsonb_build_object(
        'behavior', sub.collection_paused, 'resumesAt', to_char(sub.collection_resumes_at at time zone 'UTC', v_iso)) end,
      'pendingUpdate', case when sub.pending_update_expires_at is not null then
        jsonb_build_object('expiresAt', to_char(sub.pending_update_expires_at at time zone 'UTC', v_iso)) end,
      'scheduled', sub.scheduled,
      'trialEnd', to_char(sub.trial_end at time zone 'UTC', v_iso)
    ), (
      select coalesce(jsonb_agg(f.key order by f.key), '[]')
      from billing.feature_grants g join billing.features f on f.id = g.feature_id
      where g.subscription_id = s.subscription_id and g.revoked_at is null
    ) into v_subscription, v_features
    from billing.subscriptions sub where sub.id = s.subscription_id;
  end if;
  return jsonb_strip_nulls(jsonb_build_object(
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
    'expiresAt', to_char(s.expires_at at time zone 'UTC', v_iso),
    'completedAt', to_char(s.completed_at at time zone 'UTC', v_iso),
    'error', case when s.error_code is not null then
      jsonb_build_object('code', s.error_code, 'message', s.error_message) end,
    'subscription', v_subscription,
    'features', v_features
  ));
end;
$$;

create function billing_private.checkout_topic(p_session_id uuid) returns text
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return 'checkout:' || p_session_id;
end;
$$;

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

-- The table is the platform's, which has refused the policy to some projects' migrations and not to their SQL editor
-- (https://github.com/supabase/cli/issues/6116), and an old project has it only once its Realtime has run again. All else is
-- of use without it: a browser polls then.
do $$
begin
  create policy checkout_session_listeners on realtime.messages
    for select to anon, authenticated
    using (extension = 'broadcast' and billing_private.checkout_topic_exists((select realtime.topic())));
exception when insufficient_privilege or undefined_table or invalid_schema_name or undefined_function then
  raise warning 'browsers cannot listen yet: run the policy checkout_session_listeners of this file in the SQL editor';
end;
$$;

-- When a repair is to look at a session, kept on its row.

-- When to look at what has waited since then, as of the last look: ever later, up to an hour.
create function billing_private.next_look(p_since timestamptz, p_checked_at timestamptz) returns timestamptz
  language plpgsql stable parallel safe
  set search_path = ''
as $$
begin
  return case
    when p_checked_at >= p_since
      then p_checked_at + greatest(interval '5 seconds', least(interval '1 hour', (p_checked_at - p_since) / 20))
    else p_since + interval '5 seconds'
  end;
end;
$$;

-- When a repair is to look at a session; null where nothing is ever to be done. What takes days (a bank debit) or does not
-- come to an end is asked after less and less often, so that it holds up nothing else. It follows from the row, its cards
-- and the state of its payment, and from no clock.
create function billing_private.session_repair_at(s billing.checkout_sessions) returns timestamptz
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
create function billing_private.keep_session_repair_at() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.repair_at := billing_private.session_repair_at(new);
  return new;
end;
$$;
create trigger checkout_sessions_keep_repair_at before insert or update on billing.checkout_sessions
  for each row execute function billing_private.keep_session_repair_at();

-- A refund's state lies beside the session and moves its time once it has ended. Whatever this writes to repair_at,
-- checkout_sessions_keep_repair_at puts the right time in its place. An attempt moves it too, while the session is open: who writes
-- one writes the session after it.
create function billing_private.follow_intent_repair_at() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  update billing.checkout_sessions s set repair_at = new.refund_look_at
  where s.id = new.checkout_session_id and s.payment_intent_id = new.id
    and s.status in ('expired', 'failed', 'canceled');
  return null;
end;
$$;
create trigger payment_intents_follow_repair_at after update on billing.payment_intents
  for each row when (
    (old.status, old.released_at, old.refund_status, old.refund_look_at)
      is distinct from (new.status, new.released_at, new.refund_status, new.refund_look_at)
  )
  execute function billing_private.follow_intent_repair_at();

-- What only the owner of a session may see, so that a page can go on after a reload as if create had just answered; without
-- what only Stripe knows (the client secret).
create function billing_private.owned_session(s billing.checkout_sessions) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return jsonb_build_object(
    'priceId', s.price_id,
    'quantity', s.quantity,
    'trialDays', s.trial_days,
    'customer', jsonb_strip_nulls(jsonb_build_object('email', s.customer_email, 'name', s.customer_name)),
    'metadata', s.metadata,
    'change', billing_private.change_shown(s.id),
    'topic', billing_private.checkout_topic(s.id),
    'stripeAccountId', s.stripe_account_id,
    'stripePaymentIntentId', (
      select p.stripe_payment_intent_id from billing.payment_intents p where p.id = s.payment_intent_id
    )
  );
end;
$$;

-- The snapshot for whoever knows the session's id; to the owning, living token of that mode, where it allows checkouts, also
-- what only the owner may see.
-- `stuck` says that claim_session may be worth a call; `traceId` is for the log alone. With p_limited the reading counts
-- against the session's limit, and beyond that the answer is rate_limited (with retryAfter, seconds). Null where there is no
-- such session, which counts nothing.
create function billing.read_checkout(
  p_session_id uuid,
  p_token_id uuid default null,
  p_livemode boolean default null,
  p_limited boolean default false,
  p_user_id uuid default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_read jsonb;
  v_wait integer;
begin
  -- One statement, so that one version has one content.
  select jsonb_build_object(
    'snapshot', billing_private.snapshot(s),
    'stuck', billing_private.may_look(s),
    'traceId', s.trace_id,
    'owner', case when p_token_id is not null then (
      select billing_private.owned_session(s)
      from billing_private.living_token(p_token_id, p_livemode, p_user_id) t
      where t.organization_id = s.organization_id and t.external_user_id = s.external_user_id
        and 'checkout' = any (t.allowed_operations)
    ) end
  ) into v_read
  from billing.checkout_sessions s where s.id = p_session_id;
  if p_limited and v_read is not null then
    v_wait := billing_private.count_against('status_per_session', p_session_id::text);
    if v_wait is not null then
      return billing_private.rate_limited(v_wait);
    end if;
  end if;
  return v_read;
end;
$$;
