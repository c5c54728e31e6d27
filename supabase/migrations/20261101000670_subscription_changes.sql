-- A session of mode `change` moves a subscription that exists to another price. One row beside each such session: what it
-- starts from, what Stripe's preview of the change came to, and how far it is.
create table billing.subscription_changes (
  checkout_session_id uuid not null,
  subscription_id uuid not null,
  -- A subscription that has another price by the time of the payment is no longer the one that the customer saw.
  from_price_id uuid not null,
  -- Once Stripe has been asked (checkout_sessions.previewed_at).
  stripe_item_id text,
  -- Of the item as it was.
  stripe_price_id text,
  quantity bigint,
  trialing boolean,
  -- The new price has another rhythm, so that a new period begins with the change.
  restarts boolean,
  -- The instant to which the figures apply; null where there is nothing to prorate.
  prorated_at timestamptz,
  -- Minor units, before tax.
  credited bigint not null default 0,
  charged bigint not null default 0,
  -- From the moment that the change is decided upon until it is done or given up, no other may be.
  claimed_at timestamptz,
  finished_at timestamptz,
  constraint subscription_changes_pkey primary key (checkout_session_id),
  constraint subscription_changes_checkout_session_id_fkey foreign key (checkout_session_id)
    references billing.checkout_sessions (id) on delete cascade,
  constraint subscription_changes_subscription_id_fkey foreign key (subscription_id)
    references billing.subscriptions (id) on delete cascade,
  constraint subscription_changes_from_price_id_fkey foreign key (from_price_id)
    references billing.product_prices (id),
  constraint subscription_changes_preview_is_whole check (
    num_nulls(stripe_item_id, stripe_price_id, quantity, trialing, restarts) in (0, 5)
  ),
  constraint subscription_changes_amounts_range check (credited >= 0 and charged >= 0),
  constraint subscription_changes_finished_was_claimed check (finished_at is null or claimed_at is not null)
);
create index subscription_changes_subscription_id_idx on billing.subscription_changes (subscription_id);
create index subscription_changes_from_price_id_idx on billing.subscription_changes (from_price_id);
create unique index subscription_changes_one_at_a_time
  on billing.subscription_changes (subscription_id)
  where claimed_at is not null and finished_at is null;
alter table billing.subscription_changes enable row level security;
grant select on billing.subscription_changes to service_role;

create function billing_private.is_live(p_subscription_status text) returns boolean
  language sql immutable parallel safe
  set search_path = ''
  return p_subscription_status not in ('canceled', 'incomplete_expired');

-- Whether another subscription than this one has the product, for this customer.
create function billing_private.has_product_otherwise(sub billing.subscriptions, p_product_id uuid) returns boolean
  language sql stable
  set search_path = ''
as $$
  select exists (
    select from billing.subscriptions other
    where other.customer_id = sub.customer_id and other.product_id = p_product_id and other.id <> sub.id
      and billing_private.is_live(other.status)
  );
$$;

-- Why a subscription cannot be changed to a price by this customer now; null where it can.
create function billing_private.refuse_change(
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
    when v_subscription.status not in ('active', 'trialing') then 'payment_overdue'
    when v_subscription.price_id = p_price.id then 'already_on_price'
    when p_price.currency <> (select pr.currency from billing.product_prices pr where pr.id = v_subscription.price_id)
      then 'currency_mismatch'
    when v_at_stripe and p_price.unit_amount = 0 then 'change_to_free'
    when v_subscription.quantity < p_price.min_quantity or v_subscription.quantity > p_price.max_quantity
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

-- How many seats a change is opened for: Stripe is asked for those of a subscription that it knows.
create function billing_private.change_quantity(p_subscription_id uuid) returns bigint
  language sql stable
  set search_path = ''
as $$
  select case when sub.stripe_subscription_id is null then sub.quantity else 1 end
  from billing.subscriptions sub where sub.id = p_subscription_id;
$$;

-- Nothing is due until Stripe has been asked; a free subscription is unknown there, and pays a first period.
create function billing_private.change_terms(p_subscription_id uuid, p_price billing.product_prices) returns billing_private.terms
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_terms billing_private.terms;
begin
  v_terms.checkout_mode := 'change';
  v_terms.trial_days := 0;
  v_terms.amount := p_price.unit_amount * billing_private.change_quantity(p_subscription_id);
  v_terms.total_amount := case when exists (
    select from billing.subscriptions sub where sub.id = p_subscription_id and sub.stripe_subscription_id is null
  ) then v_terms.amount else 0 end;
  if v_terms.total_amount > 999999999999 then
    v_terms.refusal := jsonb_build_object('outcome', 'amount_too_large');
  end if;
  if v_terms.total_amount between 1 and billing_private.minimum_charge(p_price.currency) - 1 then
    v_terms.refusal := jsonb_build_object('outcome', 'amount_too_small', 'details', jsonb_build_object(
      'minimum', billing_private.minimum_charge(p_price.currency), 'currency', p_price.currency));
  end if;
  v_terms.intent_kind := case when v_terms.total_amount > 0 then 'payment' else 'none' end;
  return v_terms;
end;
$$;

-- Puts the change beside its new session.
create function billing_private.open_change(s billing.checkout_sessions, p_subscription_id uuid) returns void
  language sql
  set search_path = ''
as $$
  insert into billing.subscription_changes (checkout_session_id, subscription_id, from_price_id, charged)
  select s.id, sub.id, sub.price_id, s.total_amount from billing.subscriptions sub where sub.id = p_subscription_id;
$$;

-- Whether Stripe would not bill a change of the subscription at once, or would end it before what the change is paid for:
-- as subscriptionChanges has it, which asks Stripe.
create function billing_private.is_set_otherwise(sub billing.subscriptions, p_restarts boolean) returns boolean
  language sql stable
  set search_path = ''
as $$
  select (sub.collection_paused is not null and coalesce(sub.collection_resumes_at > clock_timestamp(), true))
    or sub.scheduled
    or coalesce(sub.pending_update_expires_at > clock_timestamp(), false)
    or (sub.status <> 'trialing' and not sub.cancel_at_period_end
      and coalesce(sub.cancel_at < case when p_restarts then 'infinity' else sub.current_period_end end, false));
$$;

-- Why an open session can no longer change its subscription; null where it can, and once that is decided.
create function billing_private.change_refusal(s billing.checkout_sessions) returns text
  language sql stable
  set search_path = ''
as $$
  select case
    when ch.claimed_at is not null then null
    when sub.status not in ('active', 'trialing') or sub.price_id <> ch.from_price_id or exists (
      select from billing.subscription_changes other
      where other.subscription_id = ch.subscription_id and other.claimed_at is not null and other.finished_at is null
    ) or billing_private.is_set_otherwise(sub, coalesce(ch.restarts, false)) then 'subscription_changed'
    when billing_private.has_product_otherwise(sub, s.product_id) then 'already_subscribed'
  end
  from billing.subscription_changes ch join billing.subscriptions sub on sub.id = ch.subscription_id
  where ch.checkout_session_id = s.id;
$$;

-- What create needs to know of a change; null for another mode.
create function billing_private.change_shown(p_session_id uuid) returns jsonb
  language sql stable
  set search_path = ''
as $$
  select jsonb_build_object(
    'stripeSubscriptionId', sub.stripe_subscription_id,
    'fromStripePriceId', sub.stripe_price_id,
    'trialing', coalesce(ch.trialing, false),
    'restarts', coalesce(ch.restarts, false),
    'credited', ch.credited,
    'charged', ch.charged
  )
  from billing.subscription_changes ch join billing.subscriptions sub on sub.id = ch.subscription_id
  where ch.checkout_session_id = p_session_id;
$$;
