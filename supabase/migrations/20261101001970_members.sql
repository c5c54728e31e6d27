-- The people of an organization who may look at its checkouts: users of the project's own Supabase Auth, signed in on the operator's page
-- (examples/operator). They read that organization's rows, under row security, and columns without a person, a secret or a digest
-- (privileges.sql); of what they may do there is one thing: to replay a dead event.

create table billing.organization_members (
  organization_id uuid not null,
  -- Of auth.users, without a foreign key: the rows here outlive no right, for a user who is gone is not signed in (is_signed_in).
  user_id uuid not null,
  created_at timestamptz not null default now(),
  constraint organization_members_pkey primary key (user_id, organization_id),
  constraint organization_members_organization_id_fkey foreign key (organization_id)
    references billing.organizations (id) on delete cascade
);
create index organization_members_organization_id_idx on billing.organization_members (organization_id);
-- Without a policy: who is a member is written by `npm run members`, and read by my_organizations() alone.
alter table billing.organization_members enable row level security;
grant select on billing.organization_members to service_role;

-- Whether a sign-in is enough for what its user has enrolled: a second factor that is verified is asked for from then on, and a token that
-- Supabase Auth gives out before the challenge (aal1) opens nothing (https://supabase.com/docs/guides/auth/auth-mfa, "Enforce only for
-- users that have opted-in"). `postgres` may read the table by the same grants as is_signed_in; where there is none, nobody has a factor.
create function billing_private.passed_second_factor(p_user_id uuid, p_aal text) returns boolean
  language plpgsql stable
  set search_path = ''
as $$
begin
  if p_aal = 'aal2' or to_regclass('auth.mfa_factors') is null then
    return true;
  end if;
  return not exists (
    select from auth.mfa_factors f where f.user_id = p_user_id and f.status::text = 'verified');
end;
$$;

-- The organizations of the user whom PostgREST has verified; none of one who is signed out, deleted, banned or anonymous, or
-- has not passed the own second factor, and none for another app to which the user gave a token by OAuth
-- (https://supabase.com/docs/guides/auth/oauth-server/token-security). Policies ask for them in a select of their own, so that
-- it is once for a statement, and compare with `= any`, which an index serves: `in (select …)` in a policy is a filter over the
-- whole table. Each table names its rows' organization itself: a policy that looked a row up elsewhere would do so for every
-- row of others', whatever somebody asks who may read none. The worst that is left is one pass over the table with a
-- comparison, where there are few organizations and the planner finds no index worth its while.
create function billing_private.my_organizations() returns uuid[]
  language plpgsql stable
  security definer
  set search_path = ''
as $$
declare
  v_claims constant jsonb := auth.jwt();
  v_uuid constant text := '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
begin
  if v_claims ->> 'role' = 'authenticated' and not v_claims ? 'client_id' and v_claims ->> 'sub' ~ v_uuid and v_claims ->> 'session_id' ~ v_uuid
    and billing_private.is_signed_in((v_claims ->> 'sub')::uuid, (v_claims ->> 'session_id')::uuid, false)
    and billing_private.passed_second_factor((v_claims ->> 'sub')::uuid, v_claims ->> 'aal')
  then
    return array(
      select m.organization_id from billing.organization_members m where m.user_id = (v_claims ->> 'sub')::uuid);
  end if;
  return '{}';
end;
$$;

create policy organization_members_read on billing.organizations for select to authenticated
  using (id = any ((select billing_private.my_organizations())::uuid[]));
create policy organization_members_read on billing.checkout_sessions for select to authenticated
  using (organization_id = any ((select billing_private.my_organizations())::uuid[]));
create policy organization_members_read on billing.organization_guards for select to authenticated
  using (organization_id = any ((select billing_private.my_organizations())::uuid[]));
create policy organization_members_read on billing.checkout_attempts for select to authenticated
  using (organization_id = any ((select billing_private.my_organizations())::uuid[]));
create policy organization_members_read on billing.payment_intents for select to authenticated
  using (organization_id = any ((select billing_private.my_organizations())::uuid[]));

-- The organizations that have a row which an event is about, found by Stripe's ids on the event's account. Of an event only its ids
-- decide, never what its metadata says.
create function billing_private.event_subjects(p_stripe_account_id text, p_payload jsonb) returns uuid[]
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_about constant text[] := billing_private.event_about(p_payload);
begin
  return array(
    select s.organization_id
    from billing.payment_intents p join billing.checkout_sessions s on s.id = p.checkout_session_id
    where p.stripe_payment_intent_id = any (v_about) and p.stripe_account_id is not distinct from p_stripe_account_id
    union
    select b.organization_id from billing.subscriptions b
    where b.stripe_subscription_id = any (v_about) and b.stripe_account_id is not distinct from p_stripe_account_id
    union
    select i.organization_id from billing.invoices i
    where i.stripe_invoice_id = any (v_about) and i.stripe_account_id is not distinct from p_stripe_account_id
    union
    select d.organization_id from billing.disputes d
    where d.stripe_dispute_id = any (v_about) and d.stripe_account_id is not distinct from p_stripe_account_id
    union
    select c.organization_id from billing.customers c
    where c.stripe_customer_id = any (v_about) and c.stripe_account_id is not distinct from p_stripe_account_id
  );
end;
$$;

-- Whose an event is: theirs that have a row which it is about. About no row of ours, it is of the organizations that sell on that
-- connected account; and on the platform's own account nobody's but the operators' of the project (`npm run events`).
create function billing_private.event_organizations(p_stripe_account_id text, p_payload jsonb) returns uuid[]
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_found constant uuid[] := billing_private.event_subjects(p_stripe_account_id, p_payload);
begin
  if v_found = '{}' and p_stripe_account_id is not null then
    return array(select o.id from billing.organizations o where o.stripe_account_id = p_stripe_account_id);
  end if;
  return v_found;
end;
$$;

-- Written when an event dies, so that an organization's dead events are found among all others'.
create function billing_private.keep_event_organizations() returns trigger
  language plpgsql
  set search_path = ''
as $$
begin
  new.organization_ids := billing_private.event_subjects(new.stripe_account_id, new.payload);
  return new;
end;
$$;
create trigger webhook_events_keep_organizations before insert or update of status on billing.webhook_events
  for each row when (new.status = 'dead') execute function billing_private.keep_event_organizations();
create index webhook_events_dead_of_organization_idx on billing.webhook_events using gin (organization_ids) where status = 'dead';
create index webhook_events_dead_of_nobody_idx on billing.webhook_events (coalesce(stripe_account_id, ''), received_at)
  where status = 'dead' and organization_ids = '{}';

-- The dead events of an organization, newest first, 200 at most; none for whom is no member. A function and no policy: whose an event is
-- stands in its payload, of which nobody reads a word. Looked through are the newest 200 that were the organization's when they died and
-- the newest 200 on its account that were nobody's then, and may be its own by now: what a call costs does not follow others' failures.
create function billing.dead_events(p_organization_id uuid)
  returns table (
    stripe_event_id text, type text, attempts integer, last_error text, received_at timestamptz, next_attempt_at timestamptz)
  language plpgsql stable
  security definer
  set search_path = ''
as $$
declare
  v_account constant text := coalesce((select o.stripe_account_id from billing.organizations o where o.id = p_organization_id), '');
begin
  if p_organization_id = any (billing_private.my_organizations()) then
    return query
      select e.stripe_event_id, e.type, e.attempts, e.last_error, e.received_at, e.next_attempt_at
      from (
        (select d.* from billing.webhook_events d
         where d.status = 'dead' and d.organization_ids @> array[p_organization_id]
         order by d.received_at desc limit 200)
        union all
        (select d.* from billing.webhook_events d
         where d.status = 'dead' and d.organization_ids = '{}' and coalesce(d.stripe_account_id, '') = v_account
         order by d.received_at desc limit 200)
      ) e
      where p_organization_id = any (billing_private.event_organizations(e.stripe_account_id, e.payload))
      order by e.received_at desc
      limit 200;
  end if;
end;
$$;

-- Gives a dead event to the next run of reconcile; see replay_event. False where there is none of that id that is dead and of an
-- organization of the caller's.
create function billing.replay_dead_event(p_stripe_event_id text) returns boolean
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_organizations constant uuid[] := billing_private.my_organizations();
begin
  -- Locked: of two at the same instant the second finds it dead no more.
  perform from billing.webhook_events e
  where e.stripe_event_id = p_stripe_event_id and e.status = 'dead'
    and billing_private.event_organizations(e.stripe_account_id, e.payload) && v_organizations
  for no key update;
  if not found then
    return false;
  end if;
  return billing.replay_event(p_stripe_event_id);
end;
$$;

-- What Stripe has told of a session since it was opened, by what Stripe calls its intents, their charges and refunds, and its
-- subscription. As scripts/console/session.ts reads it.
create function billing_private.session_events(p_session billing.checkout_sessions) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
declare
  v_names constant text[] := array(
    select n.name from billing.payment_intents p,
      unnest(array[p.stripe_payment_intent_id, p.stripe_charge_id, p.stripe_refund_id]) n(name)
    where p.checkout_session_id = p_session.id and n.name is not null
    union all
    select b.stripe_subscription_id from billing.subscriptions b
    where b.id = p_session.subscription_id and b.stripe_subscription_id is not null);
begin
  return (
    with about as materialized (
      select e.stripe_event_id as id, e.type, e.status, e.outcome, e.attempts, e.last_error as "lastError",
        e.received_at as "receivedAt", e.processed_at as "processedAt", e.next_attempt_at as "nextAttemptAt"
      from billing.webhook_events e
      where billing_private.event_about(e.payload) && v_names
        and e.stripe_account_id is not distinct from p_session.stripe_account_id
        and e.received_at >= p_session.created_at
    )
    select coalesce(jsonb_agg(to_jsonb(f)), '[]')
    from (select * from about order by about."receivedAt", about.id limit 200) f
  );
end;
$$;

-- The snapshots of a session that were broadcast, as far as the platform has kept them.
create function billing_private.session_messages(p_session billing.checkout_sessions) returns jsonb
  language plpgsql stable
  set search_path = ''
as $$
begin
  if has_table_privilege(to_regclass('realtime.messages'), 'select') is not true then
    return '[]';
  end if;
  return (
    select coalesce(jsonb_agg(to_jsonb(f)), '[]')
    from (
      select (m.payload ->> 'version')::integer as version, m.payload ->> 'status' as status,
        m.payload #>> '{error,code}' as "errorCode", m.inserted_at::timestamptz as at
      from realtime.messages m
      where m.topic = 'checkout:' || p_session.id and m.extension = 'broadcast' and m.private is true
        and m.event = 'checkout.updated'
        and m.inserted_at between p_session.created_at::timestamp - interval '1 minute'
          and p_session.updated_at::timestamp + interval '1 minute'
      order by 1 limit 200
    ) f
  );
end;
$$;

-- All that the rows say of one session, in the form of SessionFacts (scripts/console/facts.ts), whose columns name no person, address,
-- URL or digest; null for whom is no member. Of each kind beside the session 200 at most: a subscription may live for years.
create function billing.session_facts(p_session_id uuid) returns jsonb
  language plpgsql stable
  security definer
  set search_path = ''
as $$
declare
  v_session billing.checkout_sessions;
begin
  select s.* into v_session from billing.checkout_sessions s
  where s.id = p_session_id and s.organization_id = any (billing_private.my_organizations());
  if not found then
    return null;
  end if;
  return jsonb_build_object(
    'session', (
      select to_jsonb(f) from (
        select v_session.id, coalesce(o.key, o.id::text) as organization, v_session.status, v_session.version::text as version,
          v_session.checkout_mode as mode, v_session.quantity, v_session.total_amount as amount, v_session.currency,
          v_session.error_code as "errorCode", v_session.stripe_account_id as "stripeAccountId",
          v_session.created_at as "createdAt", v_session.previewed_at as "previewedAt", v_session.expires_at as "expiresAt",
          v_session.fulfilling_since as "fulfillingSince", v_session.completed_at as "completedAt",
          v_session.updated_at as "updatedAt", v_session.repair_at as "repairAt"
        from billing.organizations o where o.id = v_session.organization_id
      ) f),
    'attempts', (
      select coalesce(jsonb_agg(to_jsonb(f)), '[]') from (
        select a.number, a.status, a.payment_intent_id as "intentId", a.error_code as "errorCode",
          a.decline_code as "declineCode", a.created_at as "createdAt", a.finished_at as "finishedAt"
        from billing.checkout_attempts a where a.checkout_session_id = p_session_id order by a.number limit 200
      ) f),
    'intents', (
      select coalesce(jsonb_agg(to_jsonb(f)), '[]') from (
        select p.id, p.stripe_payment_intent_id as "stripeId", p.stripe_charge_id as "chargeId", p.status, p.amount, p.currency,
          p.amount_refunded as "amountRefunded", p.refund_reason as "refundReason", p.stripe_refund_id as "refundId",
          p.refund_status as "refundStatus", p.refund_failures as "refundFailures", p.created_at as "createdAt",
          p.succeeded_at as "succeededAt", p.refunding_since as "refundingSince", p.refunded_at as "refundedAt",
          p.released_at as "releasedAt"
        from billing.payment_intents p where p.checkout_session_id = p_session_id order by p.created_at, p.id limit 200
      ) f),
    'subscription', (
      select to_jsonb(f) from (
        select b.id, b.stripe_subscription_id as "stripeId", b.status, b.checkout_session_id <> p_session_id as "isChanged",
          b.created_at as "createdAt", b.canceled_at as "canceledAt", b.ended_at as "endedAt"
        from billing.subscriptions b where b.id = v_session.subscription_id
      ) f),
    'change', (
      select to_jsonb(f) from (
        select c.claimed_at as "claimedAt", c.finished_at as "finishedAt"
        from billing.subscription_changes c where c.checkout_session_id = p_session_id
      ) f),
    'grants', (
      select coalesce(jsonb_agg(to_jsonb(f)), '[]') from (
        select k.key as feature, g.granted_at as "grantedAt", g.revoked_at as "revokedAt"
        from billing.feature_grants g join billing.features k on k.id = g.feature_id
        where g.subscription_id = v_session.subscription_id order by g.granted_at, k.key limit 200
      ) f),
    'invoices', (
      select coalesce(jsonb_agg(to_jsonb(f)), '[]') from (
        select i.stripe_invoice_id as "stripeId", i.status, i.billing_reason as "billingReason",
          i.amount_paid as "amountPaid", i.amount_due as "amountDue", i.currency, i.created_at as "createdAt"
        from billing.invoices i
        where i.subscription_id = v_session.subscription_id and i.created_at >= v_session.created_at
        order by i.created_at limit 200
      ) f),
    'disputes', (
      select coalesce(jsonb_agg(to_jsonb(f)), '[]') from (
        select d.stripe_dispute_id as "stripeId", d.status, d.reason, d.amount, d.currency, d.created_at as "createdAt"
        from billing.disputes d
        where d.payment_intent_id = any (array(
          select p.id from billing.payment_intents p where p.checkout_session_id = p_session_id))
        order by d.created_at limit 200
      ) f),
    'events', billing_private.session_events(v_session),
    'messages', billing_private.session_messages(v_session)
  );
end;
$$;
