-- Feature grants are a projection: what they are follows from the facts about their subscription (its status, product and
-- quantity, its invoices, disputes about its payments) and the organization's settings, and from nothing else. Whoever
-- writes one of these facts projects again.

-- The payments that came in for a subscription: those of its checkouts, and those of its invoices.
create function billing_private.payments_of(sub billing.subscriptions)
  returns table (payment_intent_id uuid, invoice_id uuid, paid_at timestamptz)
  language plpgsql stable
  set search_path = ''
as $$
begin
  return query
  select p.id, null::uuid, p.succeeded_at
  from billing.payment_intents p
  where p.kind = 'payment' and p.status = 'succeeded' and (
    p.id = sub.payment_intent_id
    or p.id in (select s.payment_intent_id from billing.checkout_sessions s where s.subscription_id = sub.id)
  )
  union all
  select null, i.id, i.paid_at from billing.invoices i
  where i.subscription_id = sub.id and i.status = 'paid' and i.amount_paid > 0
    -- A checkout's payment pays its invoice, and is one payment.
    and not exists (
      select from billing.payment_intents p where p.stripe_payment_intent_id = i.stripe_payment_intent_id
    );
end;
$$;

-- Whether a dispute takes the features: a lost one until a later payment comes in, an open one where the organization
-- says so. Inquiries (warning_…) take nothing.
create function billing_private.is_disputed(sub billing.subscriptions) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return exists (
    select from billing_private.payments_of(sub) paid
    join billing.disputes d on d.payment_intent_id = paid.payment_intent_id or d.invoice_id = paid.invoice_id
    join billing.organizations o on o.id = sub.organization_id
    where (billing_private.dispute_stage(d.status) = 'open' and o.dispute_policy = 'suspend')
      or (billing_private.dispute_stage(d.status) = 'lost' and not exists (
        select from billing_private.payments_of(sub) later where later.paid_at > paid.paid_at
      ))
  );
end;
$$;

-- Until when a subscription gives its features: infinity where no end is known, null where it gives none.
create function billing_private.entitled_until(sub billing.subscriptions) returns timestamptz
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_grace_days integer;
begin
  if billing_private.is_disputed(sub) then
    return null;
  elsif sub.status in ('active', 'trialing') then
    return 'infinity';
  elsif sub.status <> 'past_due' then
    return null;
  end if;
  select o.past_due_grace_days into v_grace_days from billing.organizations o where o.id = sub.organization_id;
  return case
    when v_grace_days is null then 'infinity'
    -- Stripe calls it so between the making of a paid change and the writing down of its payment.
    when exists (
      select from billing.subscription_changes ch
      where ch.subscription_id = sub.id and ch.claimed_at is not null and ch.finished_at is null
    ) then 'infinity'
    when v_grace_days > 0 then sub.past_due_since + make_interval(days => v_grace_days)
  end;
end;
$$;

-- The grants that the facts give now.
create function billing_private.computed_grants(sub billing.subscriptions)
  returns table (feature_id uuid, quantity bigint, expires_at timestamptz)
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_until constant timestamptz := billing_private.entitled_until(sub);
begin
  return query
  select pf.feature_id,
    -- At most what product_features.quantity may be.
    case when pf.quantity is not null then least(
      pf.quantity::numeric * case when pf.per_seat then sub.quantity else 1 end, 9007199254740991)::bigint end,
    nullif(v_until, 'infinity')
  from billing.product_features pf
  where pf.product_id = sub.product_id and v_until > clock_timestamp();
end;
$$;

-- Makes the stored grants the computed ones.
create function billing_private.project_grants(sub billing.subscriptions) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  with computed as materialized (
    select * from billing_private.computed_grants(sub)
  ), granted as (
    insert into billing.feature_grants as g (customer_id, subscription_id, feature_id, quantity, expires_at)
    select sub.customer_id, sub.id, c.feature_id, c.quantity, c.expires_at from computed c
    on conflict (subscription_id, feature_id) do update
    set revoked_at = null, quantity = excluded.quantity, expires_at = excluded.expires_at
    where g.revoked_at is not null or g.quantity is distinct from excluded.quantity
      or g.expires_at is distinct from excluded.expires_at
  )
  update billing.feature_grants g set revoked_at = clock_timestamp()
  where g.subscription_id = sub.id and g.revoked_at is null
    and g.feature_id not in (select c.feature_id from computed c);
end;
$$;

-- Locks a subscription for whoever is about to write a fact about it, its sessions first as every writer does.
create function billing_private.lock_subscription(p_subscription_id uuid) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  perform from billing.checkout_sessions s where s.subscription_id = p_subscription_id order by s.id for update;
  perform from billing.subscriptions sub where sub.id = p_subscription_id for update;
end;
$$;

-- What the sessions of a subscription show, for follow_facts.
create function billing_private.shown_of(p_subscription_id uuid) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  return (
    select coalesce(jsonb_object_agg(s.id, billing_private.snapshot(s)), '{}')
    from billing.checkout_sessions s where s.subscription_id = p_subscription_id
  );
end;
$$;

-- Both, before the fact is written.
create function billing_private.hold_subscription(p_subscription_id uuid) returns jsonb
  language plpgsql
  set search_path = ''
as $$
begin
  perform billing_private.lock_subscription(p_subscription_id);
  return billing_private.shown_of(p_subscription_id);
end;
$$;

-- After a fact was written: the grants follow, and a session whose snapshot that changes has its next version.
create function billing_private.follow_facts(p_subscription_id uuid, p_shown jsonb) returns void
  language plpgsql
  set search_path = ''
as $$
declare
  v_subscription billing.subscriptions;
begin
  select * into strict v_subscription from billing.subscriptions sub where sub.id = p_subscription_id;
  perform billing_private.project_grants(v_subscription);
  update billing.checkout_sessions s set version = s.version + 1
  from jsonb_each(p_shown) shown(id, snapshot)
  where s.id = shown.id::uuid and billing_private.snapshot(s) is distinct from shown.snapshot;
end;
$$;

-- Takes features whose grace period has ended, although nothing else happened. Skips what another run or a writer holds, so that it
-- never waits. Answers how many subscriptions lost theirs.
create function billing.expire_grants(p_limit integer) returns integer
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_subscription_id uuid;
  v_count integer := 0;
begin
  for v_subscription_id in
    select sub.id from billing.subscriptions sub
    where sub.id = any (array(
      select g.subscription_id from billing.feature_grants g
      where g.revoked_at is null and g.expires_at <= statement_timestamp()
      group by g.subscription_id
      order by min(g.expires_at)
      limit p_limit
    ))
    for update skip locked
  loop
    continue when not billing_private.take_sessions(v_subscription_id);
    perform billing_private.follow_facts(v_subscription_id, billing_private.hold_subscription(v_subscription_id));
    v_count := v_count + 1;
  end loop;
  return v_count;
end;
$$;

-- Compares the stored grants with the computed ones, for up to p_limit subscriptions after p_after in the order of their
-- ids, and repairs them where p_apply says so. Answers {checked, last, differences: [{subscriptionId, externalId, feature,
-- stored, computed}]}; stored and computed are {quantity, expiresAt}, or null where there is no grant.
create function billing_private.rebuild_grants(
  p_limit integer,
  p_apply boolean,
  p_after uuid default null,
  p_organization_id uuid default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_ids uuid[];
  v_id uuid;
  v_subscription billing.subscriptions;
  v_shown jsonb;
  v_found jsonb;
  v_differences jsonb := '[]';
begin
  select array_agg(batch.id order by batch.id) into v_ids from (
    select sub.id from billing.subscriptions sub
    where (p_after is null or sub.id > p_after)
      and (p_organization_id is null or sub.organization_id = p_organization_id)
    order by sub.id limit p_limit
  ) batch;
  if p_apply then
    -- Those of the whole batch first, in the order in which every writer of several locks them.
    perform from billing.checkout_sessions s where s.subscription_id = any (v_ids) order by s.id for update;
  end if;
  foreach v_id in array coalesce(v_ids, '{}'::uuid[]) loop
    v_shown := case when p_apply then billing_private.hold_subscription(v_id) end;
    select * into v_subscription from billing.subscriptions sub where sub.id = v_id;
    select jsonb_agg(jsonb_build_object(
      'subscriptionId', v_id,
      'externalId', (select cu.external_id from billing.customers cu where cu.id = v_subscription.customer_id),
      'feature', f.key,
      'stored', case when g.id is not null then
        jsonb_build_object('quantity', g.quantity, 'expiresAt', billing_private.iso(g.expires_at)) end,
      'computed', case when c.feature_id is not null then
        jsonb_build_object('quantity', c.quantity, 'expiresAt', billing_private.iso(c.expires_at)) end
    ) order by f.key) into v_found
    from billing_private.computed_grants(v_subscription) c
    full join (
      select * from billing.feature_grants stored
      where stored.subscription_id = v_id and stored.revoked_at is null
        and coalesce(stored.expires_at, 'infinity') > clock_timestamp()
    ) g on g.feature_id = c.feature_id
    join billing.features f on f.id = coalesce(g.feature_id, c.feature_id)
    where g.id is null or c.feature_id is null
      or g.quantity is distinct from c.quantity or g.expires_at is distinct from c.expires_at;
    if v_found is not null and p_apply then
      perform billing_private.follow_facts(v_id, v_shown);
    end if;
    v_differences := v_differences || coalesce(v_found, '[]');
  end loop;
  return jsonb_build_object(
    'checked', coalesce(cardinality(v_ids), 0),
    'last', v_ids[cardinality(v_ids)],
    'differences', v_differences
  );
end;
$$;

-- The grants that count now. Whoever reads what a customer may use asks here, so that "now" has one meaning.
create function billing_private.live_grants(p_customer_id uuid) returns setof billing.feature_grants
  language plpgsql stable
  set search_path = ''
as $$
begin
  -- A grant follows its subscription's facts (billing_private.project_grants), so its own marks say it all; the end of a grace
  -- counts also where no repair has taken the grant yet.
  return query
  select g.* from billing.feature_grants g
  where g.customer_id = p_customer_id and g.revoked_at is null
    and (g.expires_at is null or g.expires_at > clock_timestamp());
end;
$$;

-- What the token's customer may use now, one entry a feature, ordered by key; only that of p_feature_key where it is
-- given. A feature that several subscriptions grant has the largest of their limits (null is no limit), and the entry is
-- of the subscription that grants it. Outcomes: read, unauthorized (token revoked, expired or unknown), forbidden (token
-- lacks the operation).
create function billing.read_entitlements(
  p_token_id uuid,
  p_livemode boolean default null,
  p_feature_key text default null,
  p_user_id uuid default null
) returns jsonb
  language plpgsql stable
  security definer
  set search_path = ''
as $$
declare
  v_token constant billing.session_tokens := billing_private.living_token(p_token_id, p_livemode, p_user_id);
  v_refusal constant jsonb := billing_private.refused_caller(v_token, 'entitlements');
begin
  if v_refusal is not null then
    return v_refusal;
  end if;
  return jsonb_build_object('outcome', 'read', 'entitlements', (
    with granted as (
      select distinct on (f.key)
        f.key, f.name, g.quantity, g.granted_at, p.id as product_id, p.name as product_name, sub.id as subscription_id,
        sub.status, sub.current_period_end
      from billing.customers c
      cross join lateral billing_private.live_grants(c.id) g
      join billing.features f on f.id = g.feature_id
      join billing.subscriptions sub on sub.id = g.subscription_id
      join billing.products p on p.id = sub.product_id
      where c.organization_id = v_token.organization_id and c.external_id = v_token.external_user_id
        and (p_feature_key is null or f.key = p_feature_key)
      order by f.key, g.quantity desc nulls first, sub.current_period_end desc, sub.id
    )
    select coalesce(jsonb_agg(jsonb_build_object(
      'featureKey', e.key,
      'name', e.name,
      'limit', e.quantity,
      'productId', e.product_id,
      'productName', e.product_name,
      'subscriptionId', e.subscription_id,
      'status', e.status,
      'currentPeriodEnd', billing_private.iso(e.current_period_end),
      'grantedAt', billing_private.iso(e.granted_at)
    ) order by e.key), '[]')
    from granted e
  ));
end;
$$;
