create function billing_private.is_live(p_subscription_status text) returns boolean
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return p_subscription_status not in ('canceled', 'incomplete_expired');
end;
$$;

-- Whether this customer may still try the product. Whoever has had it needs no trial, and whose trial was refused because
-- of the card is offered the price without one.
create function billing_private.may_try(p_organization_id uuid, p_external_id text, p_email text, p_product_id uuid)
  returns boolean
  language plpgsql stable
  set search_path = ''
as $$
declare
  -- Looked up first: of a join, or of one name or the other, the planner may read all that ever tried the product.
  v_customer_id constant uuid := (
    select c.id from billing.customers c
    where c.organization_id = p_organization_id and c.external_id = p_external_id);
begin
  return not exists (
    select from billing.trials t where t.product_id = p_product_id and t.customer_id = v_customer_id
  ) and not exists (
    select from billing.trials t where t.product_id = p_product_id and t.email = lower(p_email)
  ) and not exists (
    select from billing.subscriptions sub where sub.customer_id = v_customer_id and sub.product_id = p_product_id
  ) and not exists (
    -- What was had stays had when a change moves the subscription to another product.
    select from billing.checkout_sessions s
    where s.organization_id = p_organization_id and s.external_user_id = p_external_id
      and s.product_id = p_product_id and (s.error_code = 'trial_used' or s.status = 'succeeded')
  ) and not exists (
    -- Also what was moved in, of which no session tells.
    select from billing.subscriptions sub
    join billing.subscription_changes ch on ch.subscription_id = sub.id
    join billing.product_prices pr on pr.id = ch.from_price_id
    where sub.customer_id = v_customer_id and pr.product_id = p_product_id
  );
end;
$$;

-- Takes the trial for a session whose card is set up; false where one of its names has tried the product before.
create function billing_private.claim_trial(s billing.checkout_sessions, p_customer_id uuid, p_fingerprint text) returns boolean
  language plpgsql
  set search_path = ''
as $$
begin
  insert into billing.trials (product_id, customer_id, checkout_session_id, email, fingerprint)
  values (s.product_id, p_customer_id, s.id, lower(s.customer_email), p_fingerprint)
  on conflict do nothing;
  return exists (select from billing.trials t where t.checkout_session_id = s.id);
end;
$$;

-- Takes the trial of the product that a change brings to a subscription in its trial, by the names that are known of it: else each
-- product could be tried by a change, and then once more, also under another id.
create function billing_private.carry_trial(s billing.checkout_sessions, sub billing.subscriptions) returns void
  language plpgsql
  set search_path = ''
as $$
begin
  insert into billing.trials (product_id, customer_id, checkout_session_id, email, fingerprint)
  select s.product_id, c.id, s.id, lower(coalesce(s.customer_email, c.email)), p.fingerprint
  from billing.customers c left join billing.payment_intents p on p.id = sub.payment_intent_id
  where c.id = sub.customer_id
  on conflict do nothing;
end;
$$;

-- What a customer is asked for, or the outcome that says why not: {outcome, details}.
create type billing_private.terms as (
  refusal jsonb,
  checkout_mode text,
  intent_kind text,
  trial_days integer,
  quantity integer,
  amount bigint,
  discount_id uuid,
  discount jsonb,
  total_amount bigint
);
-- Usage of a type is everybody's by default.
revoke all on type billing_private.terms from public;

-- The refusal of a quantity that a price is not sold in.
create function billing_private.quantity_not_allowed(p_price billing.product_prices) returns jsonb
  language plpgsql immutable
  set search_path = ''
as $$
begin
  return jsonb_build_object('outcome', 'quantity_not_allowed', 'details', jsonb_strip_nulls(
    jsonb_build_object('minQuantity', p_price.min_quantity, 'maxQuantity', p_price.max_quantity)));
end;
$$;

create function billing_private.terms_for(
  p_organization billing.organizations,
  p_external_id text,
  p_email text,
  p_price billing.product_prices,
  p_quantity integer,
  p_coupon_code text
) returns billing_private.terms
  language plpgsql
  set search_path = ''
as $$
declare
  v_terms billing_private.terms;
  v_discount billing.discounts;
begin
  if p_quantity < p_price.min_quantity or p_quantity > p_price.max_quantity then
    v_terms.refusal := billing_private.quantity_not_allowed(p_price);
    return v_terms;
  end if;
  if p_price.unit_amount::numeric * p_quantity > 999999999999 then
    v_terms.refusal := jsonb_build_object('outcome', 'amount_too_large');
    return v_terms;
  end if;
  v_terms.quantity := p_quantity;
  v_terms.amount := p_price.unit_amount * p_quantity;
  v_terms.trial_days := 0;
  if p_price.unit_amount = 0 then
    v_terms.checkout_mode := 'free';
  elsif p_price.trial_days > 0
    and billing_private.may_try(p_organization.id, p_external_id, p_email, p_price.product_id) then
    v_terms.checkout_mode := 'trial';
    v_terms.trial_days := p_price.trial_days;
  else
    v_terms.checkout_mode := 'standard';
  end if;
  if p_coupon_code is not null then
    select * into v_discount from billing.discounts d
    where d.organization_id = p_organization.id and lower(d.code) = lower(p_coupon_code) and d.active;
    v_terms.refusal := billing_private.coupon_refusal(v_discount, p_external_id, p_price);
    if v_terms.refusal is not null then
      return v_terms;
    end if;
    v_terms.discount_id := v_discount.id;
    v_terms.discount := billing_private.discount_terms(v_discount);
  end if;
  -- Before discount and tax, of which Stripe's preview tells.
  v_terms.total_amount := case v_terms.checkout_mode when 'standard' then v_terms.amount else 0 end;
  -- Of a trial, what its end will bring.
  if v_terms.amount between 1 and billing_private.minimum_charge(p_price.currency) - 1 then
    v_terms.refusal := jsonb_build_object('outcome', 'amount_too_small', 'details', jsonb_build_object(
      'minimum', billing_private.minimum_charge(p_price.currency), 'currency', p_price.currency));
    return v_terms;
  end if;
  v_terms.intent_kind := case
    when v_terms.total_amount > 0 then 'payment'
    when v_terms.checkout_mode = 'free' then 'none'
    else 'setup'
  end;
  return v_terms;
end;
$$;

-- A discount as a session freezes it: what its owner changes later is for later sessions.
create function billing_private.discount_terms(d billing.discounts) returns jsonb
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return jsonb_strip_nulls(jsonb_build_object(
    'code', d.code,
    'percentOff', d.percent_off,
    'amountOff', d.amount_off,
    'currency', d.currency,
    'duration', d.duration,
    'months', d.duration_in_months,
    'productBound', case when d.product_id is not null then true end
  ));
end;
$$;

-- Whether they have bought before. As with Stripe's own coupons, what was free does not count: those are for customers without any
-- successful payment or invoice (https://docs.stripe.com/api/promotion_codes/object#promotion_code_object-restrictions).
create function billing_private.has_had_subscription(p_organization_id uuid, p_external_id text) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return exists (
    select from billing.subscriptions sub
    where sub.customer_id = (
        select c.id from billing.customers c
        where c.organization_id = p_organization_id and c.external_id = p_external_id
      )
      and sub.stripe_subscription_id is not null
  );
end;
$$;

-- Whether a discount for new customers is no longer due to this one, who wants a product. It is given once: what is being paid for
-- with such a discount counts as bought, for a bank debit takes days. Not so of the same product, whose second payment is not taken
-- or goes back, and of an account that the organization has left, of which no end may ever be heard.
create function billing_private.is_no_longer_new(p_organization_id uuid, p_external_id text, p_product_id uuid)
  returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  return billing_private.has_had_subscription(p_organization_id, p_external_id) or exists (
    select from billing.checkout_sessions s join billing.discounts d on d.id = s.discount_id
    where s.external_user_id = p_external_id and s.organization_id = p_organization_id
      and s.product_id <> p_product_id and d.first_time_only
      and s.stripe_account_id is not distinct from (
        select o.stripe_account_id from billing.organizations o where o.id = p_organization_id
      )
      and (s.fulfilling_since is not null or billing_private.is_being_paid(s))
  );
end;
$$;

-- Why a customer does not get a discount on a price, as {outcome, details?}; null where they do. Then a discount with a
-- limit stays locked to the end of the transaction that opens the session, so that of two customers who ask for the last
-- redemption the second sees the first one's.
create function billing_private.coupon_refusal(d billing.discounts, p_external_id text, p_price billing.product_prices)
  returns jsonb
  language plpgsql
  set search_path = ''
as $$
declare
  v_reason text;
begin
  if d.id is null then
    return jsonb_build_object('outcome', 'coupon_not_found');
  elsif d.expires_at <= clock_timestamp() then
    return jsonb_build_object('outcome', 'coupon_expired');
  end if;
  v_reason := case
    when d.product_id <> p_price.product_id then 'product'
    when d.currency <> p_price.currency then 'currency'
    when p_price.unit_amount = 0 then 'free'
    -- Stripe counts a discount in months, whose ends the periods of such a price meet or miss by chance.
    when d.duration = 'repeating' and p_price.recurring_interval in ('day', 'week') then 'interval'
  end;
  if v_reason is not null then
    return jsonb_build_object('outcome', 'coupon_not_applicable', 'details', jsonb_build_object('reason', v_reason));
  end if;
  if d.first_time_only and billing_private.is_no_longer_new(d.organization_id, p_external_id, p_price.product_id) then
    return jsonb_build_object('outcome', 'coupon_first_time_only');
  end if;
  if d.max_redemptions is not null then
    -- Sessions refer to the row, and may go on doing so meanwhile.
    select * into strict d from billing.discounts locked where locked.id = d.id for no key update;
    -- A session holds its redemption from the moment it opens until it ends without a subscription. One statement, so that one that
    -- succeeds meanwhile is among the unfinished or among those, and never in between.
    if d.max_redemptions <= (
      select count(*) from billing.checkout_sessions s
      where s.discount_id = d.id and s.status in ('open', 'requires_action', 'processing')
    ) + coalesce((select r.succeeded from billing_private.discount_redemptions r where r.discount_id = d.id), 0) then
      return jsonb_build_object('outcome', 'coupon_exhausted');
    end if;
  end if;
  return null;
end;
$$;

-- A subscription as a pricing page says that the customer has it.
create function billing_private.current_subscription(sub billing.subscriptions) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_price billing.product_prices;
begin
  -- A price in Stripe's dashboard that the catalogue does not have leaves price_id as it was; its amount is not ours to say.
  select pr.* into v_price from billing.product_prices pr
  where pr.id = sub.price_id and (sub.stripe_price_id is null or sub.stripe_price_id = pr.stripe_price_id);
  return jsonb_build_object(
    'id', sub.id,
    'productId', sub.product_id,
    'priceId', sub.price_id,
    'status', sub.status,
    'currentPeriodEnd', billing_private.iso(sub.current_period_end),
    'cancelAtPeriodEnd', billing_private.ends_with_period(sub)
  ) || jsonb_strip_nulls(jsonb_build_object(
    'cancelAt', billing_private.iso(sub.cancel_at),
    'interval', v_price.recurring_interval,
    -- As far as every reader of JSON has integers (2^53 - 1).
    'amount', case when v_price.unit_amount::numeric * sub.quantity <= 9007199254740991
      then v_price.unit_amount * sub.quantity end
  ));
end;
$$;

-- Whether create sells a price: a paid one that Stripe does not know it does not.
create function billing_private.is_sold(pr billing.product_prices) returns boolean
  language plpgsql immutable parallel safe
  set search_path = ''
as $$
begin
  return pr.on_sale and (pr.unit_amount = 0 or pr.stripe_price_id is not null);
end;
$$;

-- The live subscriptions in whose place one of the products asked for (null: all) may be bought: to one of these, which are
-- alternatives to one another, or to what is sold no more, which no choice of products shows. A subscription to another product
-- that is on sale is held beside them.
create function billing_private.replaceable_subscriptions(p_customer_id uuid, p_product_ids text[])
  returns setof billing.subscriptions
  language plpgsql stable
  set search_path = ''
as $$
begin
  return query select sub.* from billing.subscriptions sub join billing.products p on p.id = sub.product_id
  where sub.customer_id = p_customer_id and billing_private.is_live(sub.status)
    and (p_product_ids is null or p.id::text = any (p_product_ids) or p.key = any (p_product_ids)
      or not p.on_sale or not exists (
        select from billing.product_prices pr where pr.product_id = p.id and billing_private.is_sold(pr)
      ));
end;
$$;

-- What the token's customer can buy, as a pricing page is drawn from it: the active products of the token's organization
-- with what create would sell of each, the customer's subscription, those that a purchase may take the place of, with why one
-- cannot change to a price (`refusal`, create's code), and a trial only where one is due. p_product_ids, ids or keys, leaves
-- the others out. Outcomes: read, unauthorized (token revoked, expired or unknown), forbidden (token lacks the
-- operation).
create function billing.read_products(
  p_token_id uuid,
  p_livemode boolean default null,
  p_product_ids text[] default null,
  p_user_id uuid default null
) returns jsonb
  language plpgsql stable
  security definer
  set search_path = ''
as $$
declare
  v_token constant billing.session_tokens := billing_private.living_token(p_token_id, p_livemode, p_user_id);
  v_refusal constant jsonb := billing_private.refused_caller(v_token, 'checkout');
  v_organization billing.organizations;
  v_customer billing.customers;
begin
  if v_refusal is not null then
    return v_refusal;
  end if;
  select * into strict v_organization from billing.organizations o where o.id = v_token.organization_id;
  select * into v_customer from billing.customers c
  where c.organization_id = v_token.organization_id and c.external_id = v_token.external_user_id;

  return jsonb_build_object('outcome', 'read', 'products', (
    with sold as (
      select p.id, p.key, p.name, p.description, p.metadata,
        min(pr.unit_amount) as least,
        -- A product is said to have the trial that each of its paid prices has, lest one be promised that another lacks.
        coalesce(min(pr.trial_days) filter (where pr.unit_amount > 0), 0) as trial_days,
        jsonb_agg(jsonb_strip_nulls(jsonb_build_object('key', pr.key)) || jsonb_build_object(
          'id', pr.id,
          'amount', pr.unit_amount,
          'currency', pr.currency,
          'interval', pr.recurring_interval,
          'intervalCount', pr.recurring_interval_count
        ) || case when pr.max_quantity = 1 then '{}' else jsonb_build_object(
          'seats', jsonb_strip_nulls(jsonb_build_object('min', pr.min_quantity, 'max', pr.max_quantity))
        ) end || jsonb_strip_nulls(jsonb_build_object('changes', (
          select jsonb_agg(jsonb_build_object(
            'subscriptionId', sub.id,
            'refusal', coalesce(
              billing_private.change_not_offered(v_organization, v_customer.external_id, sub.id, pr),
              -- No part of change_not_offered, by which create refuses too: that goes on to ask Stripe, whose answer is newer than the row.
              case when billing_private.is_set_otherwise(sub, billing_private.begins_anew(sub, pr)) then 'change_unavailable' end)
          ) order by sub.started_at, sub.id)
          from billing_private.replaceable_subscriptions(v_customer.id, p_product_ids) sub
        ))) order by pr.currency, pr.unit_amount, pr.id) as prices
      from billing.products p
      join billing.product_prices pr on pr.product_id = p.id
      where p.organization_id = v_token.organization_id and p.on_sale and billing_private.is_sold(pr)
        and (p_product_ids is null or p.id::text = any (p_product_ids) or p.key = any (p_product_ids))
      group by p.id
    )
    select coalesce(jsonb_agg(jsonb_build_object(
      'id', s.id,
      'name', s.name,
      'description', coalesce(s.description, ''),
      'prices', s.prices,
      'features', (
        select coalesce(jsonb_agg(jsonb_build_object(
          'id', f.id,
          'name', f.key,
          'title', f.name,
          'type', case when pf.quantity is null then 'boolean_flag' else 'numeric_limit' end,
          'properties', jsonb_strip_nulls(jsonb_build_object('limit', pf.quantity))
        ) order by pf.position, f.key), '[]')
        from billing.product_features pf join billing.features f on f.id = pf.feature_id
        where pf.product_id = s.id
      ),
      'isCurrentPlan', exists (
        select from billing.subscriptions sub
        where sub.customer_id = v_customer.id and sub.product_id = s.id and billing_private.is_live(sub.status)
      ),
      'trialDays', case when s.trial_days > 0 and billing_private.may_try(
        v_token.organization_id, v_token.external_user_id, v_customer.email, s.id) then s.trial_days else 0 end
    ) || jsonb_strip_nulls(jsonb_build_object('key', s.key))
      || case when s.metadata -> 'highlighted' = 'true' then '{"highlighted": true}' else '{}' end::jsonb
      order by s.least, s.name, s.id), '[]')
    from sold s
  ), 'currentSubscription', (
    select billing_private.current_subscription(sub)
    from billing.subscriptions sub
    where sub.customer_id = v_customer.id and billing_private.is_live(sub.status)
    order by sub.status in ('active', 'trialing') desc, sub.started_at desc, sub.id
    limit 1
  ), 'subscriptions', (
    select coalesce(jsonb_agg(billing_private.current_subscription(sub) || jsonb_build_object(
      'productName', (select p.name from billing.products p where p.id = sub.product_id),
      'quantity', sub.quantity,
      'isFree', sub.stripe_subscription_id is null
    ) order by sub.started_at, sub.id), '[]')
    from billing_private.replaceable_subscriptions(v_customer.id, p_product_ids) sub
  ));
end;
$$;
