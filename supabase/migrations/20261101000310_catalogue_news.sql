-- What Stripe tells of products and prices that the catalogue has. Of one that it does not have nothing is made: what is sold is
-- for its owner to say.

-- The revision under which a writer is about to read a product or a price of Stripe's: of all rows that stand for it, which only
-- ever rises. Null where there is none.
create function billing.locate_offer(p_stripe_id text, p_stripe_account_id text default null) returns bigint
  language plpgsql stable
  security definer
  set search_path = ''
as $$
begin
  return (
    select sum(offer.revision)::bigint
    from (
      select p.organization_id, p.revision from billing.products p where p.stripe_product_id = p_stripe_id
      union all
      select pr.organization_id, pr.revision from billing.product_prices pr where pr.stripe_price_id = p_stripe_id
    ) offer
    join billing.organizations o on o.id = offer.organization_id
    where o.stripe_account_id is not distinct from p_stripe_account_id
  );
end;
$$;

-- Writes a product as Stripe has it: {id, name, description?, active}, or {id, active: false} of one that is gone. A name that is
-- longer than ours may be (Stripe has 5000 letters) is cut: it holds back nothing else. Outcomes: recorded; stale (read again);
-- unknown.
create function billing.record_product(
  p_seen_revision bigint,
  p_product jsonb,
  p_stripe_account_id text default null,
  p_event_id uuid default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_ids uuid[];
begin
  select array_agg(locked.id) into v_ids
  from (
    select p.id
    from billing.products p join billing.organizations o on o.id = p.organization_id
    where p.stripe_product_id = p_product ->> 'id' and o.stripe_account_id is not distinct from p_stripe_account_id
    order by p.id
    for no key update of p
  ) locked;
  if v_ids is null then
    return jsonb_build_object('outcome', 'unknown');
  end if;
  -- A statement of its own, which sees what the lock has waited for.
  if billing.locate_offer(p_product ->> 'id', p_stripe_account_id) is distinct from p_seen_revision then
    return jsonb_build_object('outcome', 'stale');
  end if;
  update billing.products p
  set name = coalesce(nullif(left(p_product ->> 'name', 250), ''), p.name),
    description = case when p_product ? 'name' then p_product ->> 'description' else p.description end,
    stripe_active = (p_product ->> 'active')::boolean
  where p.id = any (v_ids);
  perform billing_private.finish_event(p_event_id, 'applied');
  return jsonb_build_object('outcome', 'recorded');
end;
$$;

-- Writes whether Stripe sells a price. What it costs is no news: at Stripe that never changes. Outcomes as of record_product.
create function billing.record_price(
  p_seen_revision bigint,
  p_stripe_price_id text,
  p_active boolean,
  p_stripe_account_id text default null,
  p_event_id uuid default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_ids uuid[];
begin
  select array_agg(locked.id) into v_ids
  from (
    select pr.id
    from billing.product_prices pr join billing.organizations o on o.id = pr.organization_id
    where pr.stripe_price_id = p_stripe_price_id and o.stripe_account_id is not distinct from p_stripe_account_id
    order by pr.id
    for no key update of pr
  ) locked;
  if v_ids is null then
    return jsonb_build_object('outcome', 'unknown');
  end if;
  if billing.locate_offer(p_stripe_price_id, p_stripe_account_id) is distinct from p_seen_revision then
    return jsonb_build_object('outcome', 'stale');
  end if;
  update billing.product_prices pr set stripe_active = p_active where pr.id = any (v_ids);
  perform billing_private.finish_event(p_event_id, 'applied');
  return jsonb_build_object('outcome', 'recorded');
end;
$$;
