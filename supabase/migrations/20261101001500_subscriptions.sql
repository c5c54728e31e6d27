-- The revision under which a writer is about to read Stripe. Null where the subscription is not ours (yet).
create function billing.locate_subscription(p_stripe_subscription_id text) returns jsonb
  language plpgsql stable
  security definer
  set search_path = ''
as $$
begin
  return (
    select jsonb_build_object(
      'subscriptionId', sub.id,
      'stripeSubscriptionId', sub.stripe_subscription_id,
      'revision', sub.revision,
      'stripeItemId', sub.stripe_item_id,
      'stripePriceId', sub.stripe_price_id
    )
    from billing.subscriptions sub where sub.stripe_subscription_id = p_stripe_subscription_id
  );
end;
$$;

-- The price of a subscription in the catalogue of its organization: the one that it has where Stripe's id is still that
-- one's, else the one with Stripe's id. Null where the catalogue has none.
create function billing_private.price_at_stripe(sub billing.subscriptions, p_stripe_price_id text)
  returns billing.product_prices
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_price billing.product_prices;
begin
  select pr.* into v_price from billing.product_prices pr
  where pr.stripe_price_id = p_stripe_price_id and pr.organization_id = sub.organization_id
  order by (pr.id = sub.price_id) desc, pr.active desc, pr.created_at, pr.id
  limit 1;
  return v_price;
end;
$$;

-- A subscription with what Stripe says of it; what that leaves out of price, item, quantity, collection method and maker stays.
-- p_facts: {id, status, stripeItemId?, stripePriceId?, quantity?, currentPeriodStart, currentPeriodEnd, cancelAtPeriodEnd, cancelAt?,
-- collectionPaused?, collectionResumesAt?, pendingUpdateExpiresAt?, scheduled?, collectionMethod?, madeByApplication?, canceledAt?,
-- endedAt?, trialEnd?}, times in Unix seconds.
create function billing_private.with_stripe_facts(sub billing.subscriptions, p_facts jsonb) returns billing.subscriptions
  language plpgsql stable
  set search_path = ''
as $$
begin
  sub.stripe_subscription_id := p_facts ->> 'id';
  sub.status := p_facts ->> 'status';
  sub.stripe_price_id := coalesce(p_facts ->> 'stripePriceId', sub.stripe_price_id);
  sub.stripe_item_id := coalesce(p_facts ->> 'stripeItemId', sub.stripe_item_id);
  sub.quantity := coalesce((p_facts ->> 'quantity')::bigint, sub.quantity);
  sub.current_period_start := billing_private.unix(p_facts, 'currentPeriodStart');
  sub.current_period_end := billing_private.unix(p_facts, 'currentPeriodEnd');
  sub.cancel_at_period_end := (p_facts ->> 'cancelAtPeriodEnd')::boolean;
  sub.cancel_at := billing_private.unix(p_facts, 'cancelAt');
  sub.collection_paused := p_facts ->> 'collectionPaused';
  sub.collection_resumes_at := billing_private.unix(p_facts, 'collectionResumesAt');
  sub.pending_update_expires_at := billing_private.unix(p_facts, 'pendingUpdateExpiresAt');
  sub.scheduled := coalesce((p_facts ->> 'scheduled')::boolean, false);
  sub.collection_method := coalesce(p_facts ->> 'collectionMethod', sub.collection_method);
  sub.made_by_application := coalesce((p_facts ->> 'madeByApplication')::boolean, sub.made_by_application);
  sub.canceled_at := billing_private.unix(p_facts, 'canceledAt');
  sub.ended_at := billing_private.unix(p_facts, 'endedAt');
  sub.trial_end := billing_private.unix(p_facts, 'trialEnd');
  return sub;
end;
$$;

-- Writes a subscription that with_stripe_facts has made of a row that the caller holds.
create function billing_private.write_stripe_facts(sub billing.subscriptions) returns billing.subscriptions
  language plpgsql
  set search_path = ''
as $$
begin
  update billing.subscriptions w
  set stripe_subscription_id = sub.stripe_subscription_id,
    status = sub.status,
    stripe_price_id = sub.stripe_price_id,
    stripe_item_id = sub.stripe_item_id,
    quantity = sub.quantity,
    current_period_start = sub.current_period_start,
    current_period_end = sub.current_period_end,
    cancel_at_period_end = sub.cancel_at_period_end,
    cancel_at = sub.cancel_at,
    collection_paused = sub.collection_paused,
    collection_resumes_at = sub.collection_resumes_at,
    pending_update_expires_at = sub.pending_update_expires_at,
    scheduled = sub.scheduled,
    collection_method = sub.collection_method,
    made_by_application = sub.made_by_application,
    canceled_at = sub.canceled_at,
    ended_at = sub.ended_at,
    trial_end = sub.trial_end,
    trial_will_end_at = sub.trial_will_end_at,
    revision = sub.revision,
    checked_at = sub.checked_at
  where w.id = sub.id
  returning * into strict sub;
  return sub;
end;
$$;

-- Moves a subscription to the price of the catalogue that Stripe bills it by. Answers why product and price stay although Stripe's
-- price is another: unknown (the catalogue has none such), taken (the customer has a live subscription of that product already).
create function billing_private.follow_price(sub billing.subscriptions) returns text
  language plpgsql
  set search_path = ''
as $$
declare
  v_price constant billing.product_prices := billing_private.price_at_stripe(sub, sub.stripe_price_id);
begin
  if v_price.id is null then
    return 'unknown';
  elsif v_price.id <> sub.price_id then
    update billing.subscriptions set price_id = v_price.id, product_id = v_price.product_id where id = sub.id;
  end if;
  return null;
exception when unique_violation then
  -- The one constraint that these two columns can break.
  return 'taken';
end;
$$;

-- Writes a subscription that the caller has locked as Stripe has it, and what follows from it. p_shown is what hold_subscription
-- answered, where the caller has written another fact since then, so that both are followed at once. Answers as record_subscription
-- does, but for unknown.
create function billing_private.write_subscription(
  p_id uuid,
  p_seen_revision bigint,
  p_subscription jsonb,
  p_shown jsonb default null
) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_before billing.subscriptions;
  v_subscription billing.subscriptions;
  v_is_same boolean;
  v_shown jsonb := p_shown;
  v_stripe_price_id constant text := p_subscription ->> 'stripePriceId';
  v_told_at constant timestamptz := case when (p_subscription ->> 'trialWillEnd')::boolean then clock_timestamp() end;
  v_price billing.product_prices;
  v_kept text;
  v_outcome jsonb;
begin
  select * into strict v_before from billing.subscriptions sub where sub.id = p_id;
  v_subscription := billing_private.with_stripe_facts(v_before, p_subscription);
  v_subscription.trial_will_end_at := case when v_subscription.trial_end is not distinct from v_before.trial_end
    then coalesce(v_before.trial_will_end_at, v_told_at) else v_told_at end;
  v_is_same := v_subscription is not distinct from v_before;
  v_price := billing_private.price_at_stripe(v_subscription, v_stripe_price_id);
  if v_is_same and (v_stripe_price_id is null or v_price.id = v_before.price_id) then
    -- Most events tell of what another has brought already. The next revision all the same: who read before this reading and has
    -- not written yet has read something older.
    update billing.subscriptions sub set revision = sub.revision + 1, checked_at = clock_timestamp() where sub.id = p_id;
    v_outcome := jsonb_build_object('outcome', 'recorded', 'changed', false);
  elsif v_before.revision is distinct from p_seen_revision then
    v_outcome := jsonb_build_object('outcome', 'stale');
  else
    v_shown := coalesce(v_shown, billing_private.shown_of(p_id));
    v_subscription.revision := v_before.revision + 1;
    v_subscription.checked_at := clock_timestamp();
    v_subscription := billing_private.write_stripe_facts(v_subscription);
    if v_stripe_price_id is not null and v_price.id is distinct from v_before.price_id then
      v_kept := billing_private.follow_price(v_subscription);
    end if;
    v_outcome := jsonb_strip_nulls(jsonb_build_object(
      'outcome', 'recorded',
      'changed', not v_is_same or (v_kept is null and v_price.id <> v_before.price_id),
      'price', v_kept
    ));
  end if;
  if v_shown is not null then
    perform billing_private.follow_facts(p_id, v_shown);
  end if;
  return v_outcome;
end;
$$;

-- Writes a subscription as Stripe has it. p_subscription as with_stripe_facts takes it; with trialWillEnd where Stripe has just
-- told that the trial's end is near. Outcomes: recorded, with `changed` (whether the row said otherwise), and `price` (why
-- product and price stay, as follow_price has it); stale (another writer came between the reading and this call, and the row says
-- otherwise: read again); unknown.
create function billing.record_subscription(
  p_seen_revision bigint,
  p_subscription jsonb,
  p_event_id uuid default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_id uuid;
  v_outcome jsonb;
begin
  select sub.id into v_id from billing.subscriptions sub where sub.stripe_subscription_id = p_subscription ->> 'id';
  if not found then
    return jsonb_build_object('outcome', 'unknown');
  end if;
  perform billing_private.lock_subscription(v_id);
  v_outcome := billing_private.write_subscription(v_id, p_seen_revision, p_subscription);
  if v_outcome ->> 'outcome' = 'recorded' then
    perform billing_private.finish_event(p_event_id, 'applied');
  end if;
  return v_outcome;
end;
$$;

-- What no event tells of a subscription (an endpoint that was disabled, a type that is not enabled) is found by reading it
-- again at Stripe, now and then, and sooner where something should have been heard.

-- When to look again at what has waited since then, as of the last look: in an hour, and ever later, up to a day.
create function billing_private.next_reading(p_since timestamptz, p_seen timestamptz) returns timestamptz
  language plpgsql stable parallel safe
  set search_path = ''
as $$
begin
  return greatest(
    p_since + interval '1 hour',
    p_seen + greatest(interval '1 hour', least(interval '24 hours', (p_seen - p_since) / 20))
  );
end;
$$;

-- When a subscription is to be read again; null where nothing more can become of it at Stripe: a free one, one that ended.
-- One whose period is over should have been renewed or ended, one that is past due should be paid or given up, and so with
-- each date at which Stripe has said that something will change. The rest is read in turn, some thirty times in each period
-- that it pays for, and daily at most. It follows from the row and no clock.
create function billing_private.subscription_reread_at(sub billing.subscriptions) returns timestamptz
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_seen constant timestamptz := coalesce(sub.checked_at, sub.created_at);
begin
  if sub.stripe_subscription_id is null or sub.status in ('canceled', 'incomplete_expired') then
    return null;
  end if;
  return least(
    v_seen + greatest(interval '24 hours',
      least(interval '168 hours', (sub.current_period_end - sub.current_period_start) / 30)),
    billing_private.next_reading(sub.current_period_end, v_seen),
    case when sub.status in ('past_due', 'incomplete') then
      billing_private.next_reading(sub.current_period_start, v_seen) end,
    (select min(billing_private.next_reading(told.at, v_seen))
     from unnest(array[sub.cancel_at, sub.collection_resumes_at, sub.pending_update_expires_at]) told(at)
     where told.at is not null)
  );
end;
$$;

-- Stripe says of no bill when its payment failed: a bank debit's days after it was tried, and an older bill may stay open for ever while the
-- later ones are paid (https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses).
create function billing_private.keep_past_due_since() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.past_due_since := case when new.status = 'past_due' then coalesce(new.past_due_since, clock_timestamp()) end;
  return new;
end;
$$;
create trigger subscriptions_keep_past_due_since before insert or update of status on billing.subscriptions
  for each row execute function billing_private.keep_past_due_since();

-- A time that moves little, at most by an hour and by a 24th of the wait, stays: one that is read again sooner costs less than a new entry in
-- every index of the table with each event that tells nothing new.
create function billing_private.keep_subscription_reread_at() returns trigger
  language plpgsql
  set search_path = ''
as $$
declare
  v_due constant timestamptz := billing_private.subscription_reread_at(new);
begin
  new.reread_at := case
    when tg_op = 'UPDATE' and v_due >= old.reread_at and v_due < old.reread_at
      + least(interval '1 hour', (v_due - coalesce(new.checked_at, new.created_at)) / 24) then old.reread_at
    else v_due
  end;
  return new;
end;
$$;
-- A claim writes reread_at alone, and what it writes stands.
create trigger subscriptions_keep_reread_at
  before insert or update of stripe_subscription_id, status, current_period_start, current_period_end, checked_at,
    cancel_at, collection_resumes_at, pending_update_expires_at
  on billing.subscriptions
  for each row execute function billing_private.keep_subscription_reread_at();

-- Takes up subscriptions of one Stripe account (empty for the platform's own) in one mode that are to be read again, those
-- that have waited longest first. Whoever reads one writes it down, and thereby when it is due next; one that cannot be read
-- is due again in ten minutes, and ever later, up to a day.
create function billing.claim_subscriptions(p_stripe_account_id text, p_livemode boolean, p_limit integer) returns jsonb
  language sql
  security definer
  set search_path = ''
as $$
  with claimed as (
    update billing.subscriptions sub
    set reread_at = statement_timestamp() + greatest(interval '10 minutes', least(
      interval '24 hours', (statement_timestamp() - billing_private.subscription_reread_at(sub)) / 2))
    where sub.id = any (array(
      select due.id from billing.subscriptions due
      where due.livemode = p_livemode and coalesce(due.stripe_account_id, '') = p_stripe_account_id
        and due.reread_at <= statement_timestamp()
      order by due.reread_at
      limit p_limit
      for update skip locked
    ))
    returning sub.stripe_subscription_id
  )
  select coalesce(jsonb_agg(c.stripe_subscription_id), '[]') from claimed c;
$$;

-- One that Stripe does not have, which no reading changes: left alone for a month, or until something is told of it. Not for
-- ever, for its absence may have been a wrong key's.
create function billing.rest_subscription(p_stripe_subscription_id text) returns void
  language sql
  security definer
  set search_path = ''
as $$
  update billing.subscriptions sub set reread_at = clock_timestamp() + interval '30 days'
  where sub.stripe_subscription_id = p_stripe_subscription_id and sub.reread_at is not null;
$$;
