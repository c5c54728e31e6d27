-- What `npm run import` and `npm run backfill` write. Both are run by an operator as the role postgres: nothing here is served.

-- How far a backfill has come, so that one that was killed goes on from there. Deleted when it has come to its end.
create table billing_private.backfill_cursors (
  -- One organization's, or empty for all of them.
  scope text not null,
  -- Empty for the platform's own account.
  stripe_account_id text not null,
  livemode boolean not null,
  -- What the run was asked for; one that is asked for another begins anew.
  since timestamptz not null,
  -- The list that is read, or `done`, and the last thing of it that was brought in line; null before the first.
  stage text not null,
  after_id text,
  -- How much was found up to there and is not in line.
  left_count integer not null default 0,
  updated_at timestamptz not null default now(),
  constraint backfill_cursors_pkey primary key (scope, stripe_account_id, livemode)
);
alter table billing_private.backfill_cursors enable row level security;
create trigger backfill_cursors_touch before update on billing_private.backfill_cursors
  for each row execute function billing_private.touch_updated_at();

-- Takes in a customer of the system before. p_customer: {externalId, email?, name?, stripeCustomerId?}; the last is of the
-- organization's account. What is known here already stands. Answers {outcome, customerId?}: imported; completed (known without
-- Stripe's id, which was added); known; other_stripe_customer (known under another one); stripe_customer_taken (Stripe's customer
-- is somebody else's here).
create function billing_private.import_customer(p_organization_id uuid, p_customer jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_organization billing.organizations;
  v_customer billing.customers;
  v_stripe_customer_id constant text := p_customer ->> 'stripeCustomerId';
  v_is_new boolean;
begin
  select * into strict v_organization from billing.organizations o where o.id = p_organization_id;
  if exists (
    select from billing.customers c
    where c.stripe_customer_id = v_stripe_customer_id
      and (c.organization_id, c.external_id) <> (p_organization_id, p_customer ->> 'externalId')
  ) then
    return jsonb_build_object('outcome', 'stripe_customer_taken');
  end if;
  insert into billing.customers (organization_id, external_id, email, name)
  values (p_organization_id, p_customer ->> 'externalId', p_customer ->> 'email', p_customer ->> 'name')
  on conflict (organization_id, external_id) do nothing;
  v_is_new := found;
  select * into strict v_customer from billing.customers c
  where c.organization_id = p_organization_id and c.external_id = p_customer ->> 'externalId'
  for no key update;
  if v_customer.stripe_customer_id <> v_stripe_customer_id then
    return jsonb_build_object('outcome', 'other_stripe_customer');
  elsif v_customer.stripe_customer_id is null and v_stripe_customer_id is not null then
    perform billing.record_stripe_customer(
      v_customer.id, v_stripe_customer_id, v_organization.stripe_account_id);
  end if;
  return jsonb_build_object(
    'outcome', case
      when v_is_new then 'imported'
      when v_customer.stripe_customer_id is null and v_stripe_customer_id is not null then 'completed'
      else 'known'
    end,
    'customerId', v_customer.id
  );
end;
$$;

-- Takes in a subscription as Stripe has it now, with the grants that follow. p_subscription as with_stripe_facts takes it; its
-- stripePriceId is of the catalogue. Outcomes: imported; known (this customer's already); taken (another's); price_unknown;
-- already_subscribed (the customer has the product otherwise).
create function billing_private.import_subscription(p_customer_id uuid, p_subscription jsonb) returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_customer billing.customers;
  v_organization billing.organizations;
  v_price billing.product_prices;
  v_subscription billing.subscriptions;
  v_constraint text;
begin
  select * into strict v_customer from billing.customers c where c.id = p_customer_id;
  select * into strict v_organization from billing.organizations o where o.id = v_customer.organization_id;
  select * into v_subscription from billing.subscriptions sub where sub.stripe_subscription_id = p_subscription ->> 'id';
  if found then
    return jsonb_build_object(
      'outcome', case when v_subscription.customer_id = p_customer_id then 'known' else 'taken' end);
  end if;
  v_subscription.organization_id := v_organization.id;
  v_price := billing_private.price_at_stripe(v_subscription, p_subscription ->> 'stripePriceId');
  if v_price.id is null then
    return jsonb_build_object('outcome', 'price_unknown');
  end if;
  begin
    insert into billing.subscriptions (
      organization_id, customer_id, product_id, price_id, imported_at, stripe_subscription_id, stripe_account_id,
      livemode, status, current_period_start, current_period_end
    ) values (
      v_organization.id, p_customer_id, v_price.product_id, v_price.id, clock_timestamp(), p_subscription ->> 'id',
      v_organization.stripe_account_id, v_organization.livemode, p_subscription ->> 'status',
      billing_private.unix(p_subscription, 'currentPeriodStart'), billing_private.unix(p_subscription, 'currentPeriodEnd')
    ) returning * into v_subscription;
  exception when unique_violation then
    get stacked diagnostics v_constraint = constraint_name;
    if v_constraint <> 'subscriptions_one_live_per_customer_and_product' then
      raise;
    end if;
    return jsonb_build_object('outcome', 'already_subscribed');
  end;
  v_subscription := billing_private.write_stripe_facts(
    billing_private.with_stripe_facts(v_subscription, p_subscription));
  perform billing_private.project_grants(v_subscription);
  return jsonb_build_object('outcome', 'imported');
end;
$$;
