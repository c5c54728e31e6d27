-- The grants that count now. Whoever reads what a customer may use asks here, so that "now" has one meaning.
create function billing_private.live_grants(p_customer_id uuid) returns setof billing.feature_grants
  language sql stable
  set search_path = ''
as $$
  -- A grant follows its subscription's facts (billing_private.project_grants), so its own marks say it all; the end of a grace
  -- counts also where no repair has taken the grant yet.
  select g.* from billing.feature_grants g
  where g.customer_id = p_customer_id and g.revoked_at is null
    and (g.expires_at is null or g.expires_at > clock_timestamp());
$$;

-- What the token's customer may use now, one entry a feature, ordered by key; only that of p_feature_key where it is
-- given. A feature that several subscriptions grant has the largest of their limits (null is no limit), and the entry is
-- of the subscription that grants it. Outcomes: read, unauthorized (token revoked, expired or unknown), forbidden (token
-- lacks the operation).
create function billing.read_entitlements(p_token_id uuid, p_livemode boolean, p_feature_key text default null)
  returns jsonb
  language plpgsql stable
  security definer
  set search_path = ''
as $$
declare
  v_token constant billing.session_tokens := billing_private.living_token(p_token_id, p_livemode);
begin
  if v_token.id is null then
    return jsonb_build_object('outcome', 'unauthorized');
  end if;
  if not 'entitlements' = any (v_token.allowed_operations) then
    return jsonb_build_object('outcome', 'forbidden');
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
