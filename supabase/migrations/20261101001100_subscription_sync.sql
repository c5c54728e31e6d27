-- The revision under which a writer is about to read Stripe. Null where the subscription is not ours (yet).
create function billing.locate_subscription(p_stripe_subscription_id text) returns jsonb
  language sql stable
  security definer
  set search_path = ''
as $$
  select jsonb_build_object(
    'subscriptionId', sub.id,
    'revision', sub.revision,
    'stripeItemId', sub.stripe_item_id,
    'stripePriceId', sub.stripe_price_id
  )
  from billing.subscriptions sub where sub.stripe_subscription_id = p_stripe_subscription_id;
$$;

-- The price of a subscription in the catalogue of its organization: the one that it has where Stripe's id is still that
-- one's, else the one with Stripe's id. Null where the catalogue has none.
create function billing_private.price_at_stripe(sub billing.subscriptions, p_stripe_price_id text)
  returns billing.product_prices
  language sql stable
  set search_path = ''
as $$
  select pr from billing.product_prices pr join billing.products p on p.id = pr.product_id
  where pr.stripe_price_id = p_stripe_price_id and p.organization_id = sub.organization_id
  order by (pr.id = sub.price_id) desc, pr.active desc, pr.created_at, pr.id
  limit 1;
$$;

-- What a row says of the subscription itself, without when it was written and is due.
create function billing_private.subscription_facts(sub billing.subscriptions) returns jsonb
  language sql stable
  set search_path = ''
  return to_jsonb(sub) - array['revision', 'checked_at', 'due_at', 'updated_at'];

-- Writes a subscription as Stripe has it. p_subscription as in complete_checkout; with trialWillEnd where Stripe has just
-- told that the trial's end is near. Outcomes: recorded, with `changed` (whether the row said otherwise), and `price` where
-- product and price stay although Stripe's price is another: unknown (the catalogue has none such), taken (the customer has a
-- live subscription of that product already); stale (another writer came between the reading and this call: read again);
-- unknown.
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
  v_before billing.subscriptions;
  v_subscription billing.subscriptions;
  v_id uuid;
  v_shown jsonb;
  v_stripe_price_id constant text := p_subscription ->> 'stripePriceId';
  v_trial_end constant timestamptz := billing_private.unix(p_subscription, 'trialEnd');
  v_told constant boolean := coalesce((p_subscription ->> 'trialWillEnd')::boolean, false);
  v_price billing.product_prices;
  v_kept text;
begin
  select sub.id into v_id from billing.subscriptions sub where sub.stripe_subscription_id = p_subscription ->> 'id';
  if not found then
    return jsonb_build_object('outcome', 'unknown');
  end if;
  v_shown := billing_private.hold_subscription(v_id);
  select * into v_before from billing.subscriptions sub where sub.id = v_id;
  update billing.subscriptions sub
  set status = p_subscription ->> 'status',
    stripe_price_id = coalesce(v_stripe_price_id, sub.stripe_price_id),
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
    trial_end = v_trial_end,
    trial_will_end_at = case
      when sub.trial_end is not distinct from v_trial_end then
        coalesce(sub.trial_will_end_at, case when v_told then clock_timestamp() end)
      when v_told then clock_timestamp()
    end,
    revision = sub.revision + 1,
    checked_at = clock_timestamp()
  where sub.id = v_id and sub.revision = p_seen_revision
  returning * into v_subscription;
  if not found then
    return jsonb_build_object('outcome', 'stale');
  end if;

  v_price := billing_private.price_at_stripe(v_subscription, v_stripe_price_id);
  if v_price.id is null and v_stripe_price_id is not null then
    v_kept := 'unknown';
  elsif v_price.id <> v_subscription.price_id then
    begin
      update billing.subscriptions sub set price_id = v_price.id, product_id = v_price.product_id where sub.id = v_id
      returning * into v_subscription;
    exception when unique_violation then
      -- The one constraint that these two columns can break.
      v_kept := 'taken';
    end;
  end if;

  perform billing_private.follow_facts(v_id, v_shown);
  perform billing_private.finish_event(p_event_id, 'applied');
  return jsonb_strip_nulls(jsonb_build_object(
    'outcome', 'recorded',
    'changed', billing_private.subscription_facts(v_subscription)
      is distinct from billing_private.subscription_facts(v_before),
    'price', v_kept
  ));
end;
$$;
