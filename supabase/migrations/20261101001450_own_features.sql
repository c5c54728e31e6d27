-- What the signed-in user of a request may use, for the row level security of the merchant's own tables (docs/rls.md). The user is
-- whom PostgREST has verified: auth.jwt() is that token's claims. A table's policy should call these inside a select of their own, so
-- that they are asked once for a statement and not for each row
-- (https://supabase.com/docs/guides/database/postgres/row-level-security#call-functions-with-select).

-- The user of a request as a caller, as read_entitlements has it; a row of nulls for anybody else: without a token, with one of another
-- role, or with one of another issuer whose subject or session is no UUID.
create function billing_private.requesting_user() returns billing.session_tokens
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_claims constant jsonb := auth.jwt();
  v_uuid constant text := '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
begin
  if v_claims ->> 'role' = 'authenticated' and v_claims ->> 'sub' ~ v_uuid and v_claims ->> 'session_id' ~ v_uuid then
    return billing_private.signed_in_caller((v_claims ->> 'session_id')::uuid, null, (v_claims ->> 'sub')::uuid);
  end if;
  return null;
end;
$$;

-- How much of a feature the requesting user may use: the largest limit of those that the user's subscriptions grant, 0 where none does,
-- and 9007199254740991, the most that a limit can be, where one grants it without a limit. So `count < feature_limit('projects')` is
-- true for whom it should be, which it would not be of a null.
create function billing.feature_limit(p_feature_key text) returns bigint
  language plpgsql stable
  security definer
  set search_path = ''
as $$
declare
  v_user constant billing.session_tokens := billing_private.requesting_user();
begin
  if v_user.id is null then
    return 0;
  end if;
  return coalesce((
    select max(coalesce(g.quantity, 9007199254740991))
    from billing.customers c
    cross join lateral billing_private.live_grants(c.id) g
    join billing.features f on f.id = g.feature_id
    where c.organization_id = v_user.organization_id and c.external_id = v_user.external_user_id
      and f.key = p_feature_key
  ), 0);
end;
$$;

-- Whether the requesting user may use a feature. One that is in no catalogue is like one that is not granted.
create function billing.has_feature(p_feature_key text) returns boolean
  language plpgsql stable
  security definer
  set search_path = ''
as $$
begin
  return billing.feature_limit(p_feature_key) > 0;
end;
$$;
