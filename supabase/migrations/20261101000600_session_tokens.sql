-- An organization's key is checked and the token's row made in one statement's time; outcomes: issued, unauthorized,
-- rate_limited (with retryAfter, seconds).
create function billing.issue_session_token(
  p_key_digest text,
  p_token_id uuid,
  p_external_user_id text,
  p_allowed_operations text[],
  p_lifetime_seconds integer,
  p_livemode boolean,
  p_external_organization_id text default null
) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_key billing.api_keys;
  v_token billing.session_tokens;
  v_wait integer;
begin
  update billing.api_keys k set last_used_at = clock_timestamp()
  from billing.organizations o
  where k.digest = p_key_digest and k.revoked_at is null
    and o.id = k.organization_id and o.livemode = p_livemode
  returning k.* into v_key;
  if not found then
    return jsonb_build_object('outcome', 'unauthorized');
  end if;
  v_wait := greatest(
    billing_private.count_against('tokens_per_key', v_key.id::text),
    billing_private.count_against(
      'tokens_per_customer', billing_private.customer_subject(v_key.organization_id, p_external_user_id))
  );
  if v_wait is not null then
    return billing_private.rate_limited(v_wait);
  end if;

  insert into billing.session_tokens (
    id, organization_id, api_key_id, external_user_id, external_organization_id, allowed_operations, expires_at
  ) values (
    p_token_id, v_key.organization_id, v_key.id, p_external_user_id, p_external_organization_id, p_allowed_operations,
    date_trunc('second', now()) + make_interval(secs => p_lifetime_seconds)
  ) returning * into v_token;

  return jsonb_build_object(
    'outcome', 'issued',
    'organizationId', v_token.organization_id,
    'expiresAt', billing_private.iso(v_token.expires_at)
  );
end;
$$;

-- Outcomes: revoked (also when it already was), unauthorized, not_found (also for another organization's token).
create function billing.revoke_session_token(p_key_digest text, p_token_id uuid, p_livemode boolean) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_organization_id uuid;
  v_revoked_at timestamptz;
begin
  select k.organization_id into v_organization_id
  from billing.api_keys k join billing.organizations o on o.id = k.organization_id
  where k.digest = p_key_digest and k.revoked_at is null and o.livemode = p_livemode;
  if not found then
    return jsonb_build_object('outcome', 'unauthorized');
  end if;

  update billing.session_tokens t set revoked_at = coalesce(t.revoked_at, clock_timestamp())
  where t.id = p_token_id and t.organization_id = v_organization_id
  returning t.revoked_at into v_revoked_at;
  if not found then
    return jsonb_build_object('outcome', 'not_found');
  end if;
  return jsonb_build_object('outcome', 'revoked', 'revokedAt', billing_private.iso(v_revoked_at));
end;
$$;

-- The token of a caller, as long as it lives and its organization is of that mode; a row of nulls otherwise.
create function billing_private.living_token(p_token_id uuid, p_livemode boolean) returns billing.session_tokens
  language sql stable
  set search_path = ''
as $$
  select t.*
  from billing.session_tokens t join billing.organizations o on o.id = t.organization_id
  where t.id = p_token_id and t.revoked_at is null and t.expires_at > clock_timestamp() and o.livemode = p_livemode;
$$;
