-- The users of the project's own Supabase Auth as callers. The functions have verified the signature of a user's access token; what the
-- token cannot tell is asked here at each call: whether an organization has such customers, and whether the user is still signed in. By
-- itself an access token stays good until it expires, also after its session has ended (https://supabase.com/docs/guides/auth/signout).

-- The organization whose customers are the project's own users, of a mode; a row of nulls where there is none. Where the mode is not
-- known, live before test: what was bought with test cards opens nothing beside what is sold for money.
create function billing_private.users_organization(p_livemode boolean) returns billing.organizations
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_organization billing.organizations;
begin
  if p_livemode is null then
    select o.* into v_organization from billing.organizations o
    where o.auth_users <> 'off' order by o.livemode desc limit 1;
  else
    select o.* into v_organization from billing.organizations o
    where o.auth_users <> 'off' and o.livemode = p_livemode;
  end if;
  return v_organization;
end;
$$;

-- Whether a user is signed in with a session: Supabase Auth deletes the session on sign-out and with its user (supabase/auth,
-- internal/models/sessions.go, migrations/20220811173540_add_sessions_table), ends one at not_after, and keeps a user who is deleted
-- softly or banned. `postgres`, whose helpers these are, may read both tables (migrations/20240612123726_enable_rls_update_grants).
-- A database without them has no users.
create function billing_private.is_signed_in(p_user_id uuid, p_session_id uuid, p_anonymous_too boolean) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  if to_regclass('auth.users') is null or to_regclass('auth.sessions') is null then
    return false;
  end if;
  return exists (
    select from auth.users u join auth.sessions s on s.user_id = u.id
    where u.id = p_user_id and s.id = p_session_id
      and u.deleted_at is null
      and (u.banned_until is null or u.banned_until <= clock_timestamp())
      and (s.not_after is null or s.not_after > clock_timestamp())
      and (p_anonymous_too or not u.is_anonymous)
  );
end;
$$;

-- A signed-in user as a caller, in the form of a session token that allows everything: under the id of the user's session of Supabase
-- Auth, for the customer whose external id is the user's id. A row of nulls where no organization of the mode has such customers, the
-- user is signed out, deleted, banned or anonymous where these are not let in, or the session was revoked here (by
-- revoke_session_token, or with the customer's erasure).
create function billing_private.signed_in_caller(p_session_id uuid, p_livemode boolean, p_user_id uuid)
  returns billing.session_tokens
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_organization constant billing.organizations := billing_private.users_organization(p_livemode);
  v_caller billing.session_tokens;
begin
  if v_organization.id is null
    or not billing_private.is_signed_in(p_user_id, p_session_id, v_organization.auth_users = 'users_and_anonymous')
    or exists (select from billing.session_tokens t where t.id = p_session_id and t.revoked_at is not null)
  then
    return null;
  end if;
  v_caller.id := p_session_id;
  v_caller.organization_id := v_organization.id;
  v_caller.external_user_id := p_user_id::text;
  v_caller.allowed_operations := '{checkout,entitlements,subscription,portal}';
  -- Of the row that adopted_caller keeps. How long the token itself is good was seen with its signature.
  v_caller.expires_at := clock_timestamp() + interval '1 day';
  return v_caller;
end;
$$;

-- Gives a signed-in caller the row that a checkout refers to, or finds and locks it. A row of nulls where there is no caller, or the row
-- is a session token's or was revoked meanwhile. It follows its user to another organization that is given the users, as when the
-- merchant goes live: a session of Auth outlives that.
create function billing_private.adopted_caller(p_caller billing.session_tokens) returns billing.session_tokens
  language plpgsql
  set search_path = ''
as $$
declare
  v_token billing.session_tokens;
begin
  if p_caller.id is null then
    return null;
  end if;
  insert into billing.session_tokens as t (id, organization_id, external_user_id, allowed_operations, expires_at)
  values (
    p_caller.id, p_caller.organization_id, p_caller.external_user_id, p_caller.allowed_operations, p_caller.expires_at)
  on conflict (id) do update set organization_id = excluded.organization_id, expires_at = excluded.expires_at
  where t.api_key_id is null and t.revoked_at is null
  returning t.* into v_token;
  return v_token;
end;
$$;
