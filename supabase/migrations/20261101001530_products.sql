-- What the token's customer can buy, as a pricing page is drawn from it: the active products of the token's organization
-- with what create would sell of each, the customer's subscription, and a trial only where one is due. p_product_ids
-- leaves the others out. Outcomes: read, unauthorized (token revoked, expired or unknown), forbidden (token lacks the
-- operation).
create function billing.read_products(p_token_id uuid, p_livemode boolean, p_product_ids text[] default null)
  returns jsonb
  language plpgsql stable
  security definer
  set search_path = ''
as $$
declare
  v_token constant billing.session_tokens := billing_private.living_token(p_token_id, p_livemode);
  v_customer billing.customers;
begin
  if v_token.id is null then
    return jsonb_build_object('outcome', 'unauthorized');
  end if;
  if not 'checkout' = any (v_token.allowed_operations) then
    return jsonb_build_object('outcome', 'forbidden');
  end if;
  select * into v_customer from billing.customers c
  where c.organization_id = v_token.organization_id and c.external_id = v_token.external_user_id;

  return jsonb_build_object('outcome', 'read', 'products', (
    with sold as (
      select p.id, p.name, p.description, p.metadata,
        min(pr.unit_amount) as least,
        -- A product is said to have the trial that each of its paid prices has, lest one be promised that another lacks.
        coalesce(min(pr.trial_days) filter (where pr.unit_amount > 0), 0) as trial_days,
        jsonb_agg(jsonb_build_object(
          'id', pr.id,
          'amount', pr.unit_amount,
          'currency', pr.currency,
          'interval', pr.recurring_interval,
          'intervalCount', pr.recurring_interval_count
        ) order by pr.currency, pr.unit_amount, pr.id) as prices
      from billing.products p
      join billing.product_prices pr on pr.product_id = p.id
      where p.organization_id = v_token.organization_id and p.active and pr.active
        -- As create has it: a paid price that Stripe does not know is not on sale.
        and (pr.unit_amount = 0 or pr.stripe_price_id is not null)
        and (p_product_ids is null or p.id::text = any (p_product_ids))
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
      'trialDays', case when s.trial_days > 0 and billing_private.trial_is_due(
        v_token.organization_id, v_token.external_user_id, v_customer.email, s.id) then s.trial_days else 0 end
    ) || case when s.metadata -> 'highlighted' = 'true' then '{"highlighted": true}' else '{}' end::jsonb
      order by s.least, s.name, s.id), '[]')
    from sold s
  ), 'currentSubscription', (
    select jsonb_build_object(
      'id', sub.id,
      'productId', sub.product_id,
      'priceId', sub.price_id,
      'status', sub.status,
      'currentPeriodEnd', billing_private.iso(sub.current_period_end),
      'cancelAtPeriodEnd', billing_private.ends_with_period(sub)
    ) || jsonb_strip_nulls(jsonb_build_object(
      'cancelAt', billing_private.iso(sub.cancel_at),
      'interval', pr.recurring_interval,
      -- As far as every reader of JSON has integers (2^53 - 1).
      'amount', case when pr.unit_amount::numeric * sub.quantity <= 9007199254740991
        then pr.unit_amount * sub.quantity end
    ))
    from billing.subscriptions sub
    -- A price in Stripe's dashboard that the catalogue does not have leaves price_id as it was; its amount is not ours to say.
    left join billing.product_prices pr on pr.id = sub.price_id
      and (sub.stripe_price_id is null or sub.stripe_price_id = pr.stripe_price_id)
    where sub.customer_id = v_customer.id and billing_private.is_live(sub.status)
    order by sub.status in ('active', 'trialing') desc, sub.started_at desc, sub.id
    limit 1
  ));
end;
$$;
