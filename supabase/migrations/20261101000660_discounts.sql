-- A discount as a session freezes it: what its owner changes later is for later sessions.
create function billing_private.discount_terms(d billing.discounts) returns jsonb
  language sql immutable parallel safe
  set search_path = ''
  return jsonb_strip_nulls(jsonb_build_object(
    'code', d.code,
    'percentOff', d.percent_off,
    'amountOff', d.amount_off,
    'currency', d.currency,
    'duration', d.duration,
    'months', d.duration_in_months,
    'productBound', case when d.product_id is not null then true end
  ));

create function billing_private.has_had_subscription(p_organization_id uuid, p_external_id text) returns boolean
  language sql stable
  set search_path = ''
as $$
  select exists (
    select from billing.customers c join billing.subscriptions sub on sub.customer_id = c.id
    where c.organization_id = p_organization_id and c.external_id = p_external_id
  );
$$;

-- Whether a session's discount is for new customers and its customer is none any more.
create function billing_private.is_no_longer_new(s billing.checkout_sessions) returns boolean
  language sql stable
  set search_path = ''
as $$
  select exists (select from billing.discounts d where d.id = s.discount_id and d.first_time_only)
    and billing_private.has_had_subscription(s.organization_id, s.external_user_id);
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
  if d.id is null or not d.active then
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
  if d.first_time_only and billing_private.has_had_subscription(d.organization_id, p_external_id) then
    return jsonb_build_object('outcome', 'coupon_first_time_only');
  end if;
  if d.max_redemptions is not null then
    -- Sessions refer to the row, and may go on doing so meanwhile.
    select * into strict d from billing.discounts locked where locked.id = d.id for no key update;
    -- A session holds its redemption from the moment it opens until it ends without a subscription.
    if d.max_redemptions <= (
      select count(*) from billing.checkout_sessions s
      where s.discount_id = d.id and s.status in ('open', 'requires_action', 'processing', 'succeeded')
    ) then
      return jsonb_build_object('outcome', 'coupon_exhausted');
    end if;
  end if;
  return null;
end;
$$;
