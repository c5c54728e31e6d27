-- What an organization owes one of its customers: a copy of all that is held, and its erasure.

-- The disputes about what a customer paid, in a checkout or by an invoice.
create function billing_private.customer_disputes(p_organization_id uuid, p_external_id text) returns setof billing.disputes
  language plpgsql stable
  set search_path = ''
as $$
begin
  return query
  select d.* from billing.disputes d
  where d.payment_intent_id in (
    select p.id from billing.payment_intents p join billing.checkout_sessions s on s.id = p.checkout_session_id
    where s.organization_id = p_organization_id and s.external_user_id = p_external_id
  ) or d.invoice_id in (
    select i.id from billing.invoices i join billing.customers c on c.id = i.customer_id
    where c.organization_id = p_organization_id and c.external_id = p_external_id
  );
end;
$$;

-- The stored events that speak of a customer: by one of the ids that Stripe or we gave, as a whole text somewhere in the
-- payload, on an account that this customer has paid on. An id inside a longer text is another's.
create function billing_private.customer_events(p_organization_id uuid, p_external_id text) returns setof uuid
  language plpgsql stable
  set search_path = ''
as $$
begin
  return query
  with session as (
    select s.id, s.stripe_account_id, s.subscription_id from billing.checkout_sessions s
    where s.organization_id = p_organization_id and s.external_user_id = p_external_id
  ), customer as (
    select c.id, c.stripe_customer_id, c.stripe_account_id from billing.customers c
    where c.organization_id = p_organization_id and c.external_id = p_external_id
  ), account as (
    select stripe_account_id from session union select stripe_account_id from customer
  ), name as (
    select s.id::text as id from session s
    union select c.id::text from customer c
    union select c.stripe_customer_id from customer c
    union select sub.stripe_subscription_id from billing.subscriptions sub join customer c on c.id = sub.customer_id
    union select p.stripe_payment_intent_id from billing.payment_intents p join session s on s.id = p.checkout_session_id
    union select p.stripe_charge_id from billing.payment_intents p join session s on s.id = p.checkout_session_id
    union select p.stripe_refund_id from billing.payment_intents p join session s on s.id = p.checkout_session_id
    union select p.stripe_payment_method_id
      from billing.payment_intents p join session s on s.id = p.checkout_session_id
    union select i.stripe_invoice_id from billing.invoices i join customer c on c.id = i.customer_id
    union select i.stripe_payment_intent_id from billing.invoices i join customer c on c.id = i.customer_id
    union select d.stripe_dispute_id from billing_private.customer_disputes(p_organization_id, p_external_id) d
    union select d.stripe_charge_id from billing_private.customer_disputes(p_organization_id, p_external_id) d
    union select a.stripe_payment_method_id
      from billing.checkout_attempts a join session s on s.id = a.checkout_session_id
  )
  select e.id from billing.webhook_events e
  where exists (select from account a where a.stripe_account_id is not distinct from e.stripe_account_id)
    and exists (
      select from jsonb_path_query(e.payload, 'strict $.** ? (@.type() == "string")') said
      where said #>> '{}' in (select n.id from name n)
    );
end;
$$;

-- Everything held of one customer, rows as they stand and without digests: of those nobody can read anything. Null where
-- nothing is held.
create function billing.export_customer(p_organization_id uuid, p_external_id text) returns jsonb
  language sql stable
  security definer
  set search_path = ''
as $$
  with token as (
    select * from billing.session_tokens t
    where t.organization_id = p_organization_id and t.external_user_id = p_external_id
  ), session as (
    select * from billing.checkout_sessions s
    where s.organization_id = p_organization_id and s.external_user_id = p_external_id
  ), customer as (
    select * from billing.customers c
    where c.organization_id = p_organization_id and c.external_id = p_external_id
  )
  select jsonb_build_object(
    'organizationId', p_organization_id,
    'externalId', p_external_id,
    'customer', (select to_jsonb(c) from customer c),
    'sessionTokens', (select coalesce(jsonb_agg(to_jsonb(t) order by t.created_at), '[]') from token t),
    'checkoutSessions', (
      select coalesce(jsonb_agg(to_jsonb(s) - 'request_hash' order by s.created_at), '[]') from session s
    ),
    'paymentIntents', (
      select coalesce(jsonb_agg(to_jsonb(p) - 'client_secret_digest' order by p.created_at), '[]')
      from billing.payment_intents p join session s on s.id = p.checkout_session_id
    ),
    'checkoutAttempts', (
      select coalesce(jsonb_agg(to_jsonb(a) order by a.created_at, a.number), '[]')
      from billing.checkout_attempts a join session s on s.id = a.checkout_session_id
    ),
    'subscriptions', (
      select coalesce(jsonb_agg(to_jsonb(sub) order by sub.created_at), '[]')
      from billing.subscriptions sub join customer c on c.id = sub.customer_id
    ),
    'invoices', (
      select coalesce(jsonb_agg(to_jsonb(i) order by i.created_at), '[]')
      from billing.invoices i join customer c on c.id = i.customer_id
    ),
    'disputes', (
      select coalesce(jsonb_agg(to_jsonb(d) order by d.opened_at), '[]')
      from billing_private.customer_disputes(p_organization_id, p_external_id) d
    ),
    'subscriptionChanges', (
      select coalesce(jsonb_agg(to_jsonb(ch)), '[]')
      from billing.subscription_changes ch join session s on s.id = ch.checkout_session_id
    ),
    'trials', (
      select coalesce(jsonb_agg(to_jsonb(t) order by t.created_at), '[]')
      from billing.trials t join customer c on c.id = t.customer_id
    ),
    'featureGrants', (
      select coalesce(jsonb_agg(to_jsonb(g) || jsonb_build_object('feature', f.key) order by g.granted_at, f.key), '[]')
      from billing.feature_grants g join customer c on c.id = g.customer_id
      join billing.features f on f.id = g.feature_id
    ),
    'webhookEvents', (
      select coalesce(jsonb_agg(to_jsonb(e) order by e.received_at), '[]')
      from billing_private.customer_events(p_organization_id, p_external_id) mentioned(id)
      join billing.webhook_events e on e.id = mentioned.id
    )
  )
  where exists (select from token) or exists (select from session) or exists (select from customer);
$$;

-- Takes the person out of the rows and leaves what the books need: amounts, currencies, dates, states, Stripe's ids. The
-- merchant's id of the customer gives way to a pseudonym that leads nowhere; under that name the call may be repeated, for
-- events that came in afterwards. Locks in the order of the other functions: tokens, sessions, subscriptions, customer, events.
-- Outcomes: erased; not_found; live_subscription (may still charge: end it first); unfinished (a payment may still come in
-- or is owed an end: wait for it).
create function billing.erase_customer(p_organization_id uuid, p_external_id text) returns jsonb
  language plpgsql
  security definer
  set search_path = ''
as $$
declare
  v_tokens uuid[];
  v_sessions uuid[];
  v_customer billing.customers;
  v_blocking jsonb;
  v_events uuid[];
  v_pseudonym text;
  v_changed integer;
begin
  -- Nobody opens a session with a token that is locked.
  select array_agg(held.id) into v_tokens from (
    select t.id from billing.session_tokens t
    where t.organization_id = p_organization_id and t.external_user_id = p_external_id
    order by t.id for no key update
  ) held;
  -- As whoever completes one does: that one, then those that its subscription had before (lock_subscription).
  select array_agg(held.id) into v_sessions from (
    select s.id from billing.checkout_sessions s
    where s.organization_id = p_organization_id and s.external_user_id = p_external_id
    order by s.completed_at nulls first, s.id for update
  ) held;
  -- Of those that were moved in no session is held: whoever writes about one has it before the customer.
  perform from billing.subscriptions sub join billing.customers c on c.id = sub.customer_id
  where c.organization_id = p_organization_id and c.external_id = p_external_id
  order by sub.id for update of sub;
  select * into v_customer from billing.customers c
  where c.organization_id = p_organization_id and c.external_id = p_external_id for update;
  if num_nonnulls(v_tokens, v_sessions, v_customer.id) = 0 then
    return jsonb_build_object('outcome', 'not_found');
  end if;

  select jsonb_agg(coalesce(sub.stripe_subscription_id, sub.id::text) order by sub.created_at) into v_blocking
  from billing.subscriptions sub where sub.customer_id = v_customer.id
    and sub.status not in ('canceled', 'incomplete_expired');
  if v_blocking is not null then
    return jsonb_build_object('outcome', 'live_subscription', 'stripeSubscriptionIds', v_blocking);
  end if;
  select jsonb_agg(s.id order by s.created_at) into v_blocking
  from billing.checkout_sessions s left join billing.payment_intents p on p.id = s.payment_intent_id
  where s.id = any (v_sessions) and (
    s.status in ('open', 'requires_action', 'processing')
    or (s.status <> 'succeeded' and billing_private.is_refund_open(p))
  );
  if v_blocking is not null then
    return jsonb_build_object('outcome', 'unfinished', 'sessionIds', v_blocking);
  end if;

  -- By their old names, which are about to go.
  select array_agg(mentioned.id) into v_events
  from (
    -- In the order in which receive_events takes them.
    select e.id from billing.webhook_events e
    where e.id in (select of.id from billing_private.customer_events(p_organization_id, p_external_id) of(id))
    order by e.stripe_event_id for update
  ) mentioned;
  v_pseudonym := case
    when p_external_id ~ '^erased:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then p_external_id
    -- Not derived from the name: whoever can guess a name could then find its rows.
    else 'erased:' || gen_random_uuid()
  end;

  update billing.session_tokens t
  set external_user_id = v_pseudonym, external_organization_id = null,
    revoked_at = coalesce(t.revoked_at, clock_timestamp())
  where t.id = any (v_tokens)
    and (t.external_user_id <> v_pseudonym or t.external_organization_id is not null or t.revoked_at is null);
  update billing.checkout_sessions s
  set external_user_id = v_pseudonym, customer_email = null, customer_name = null, customer_address = null,
    customer_tax_id = null, automatic_tax = false, metadata = '{}', trace_id = null,
    success_url = null, cancel_url = null, idempotency_key = null, request_hash = 'erased'
  where s.id = any (v_sessions) and s.request_hash <> 'erased';
  update billing.customers c
  set external_id = v_pseudonym, email = null, name = null, told = null, told_revision = null, metadata = '{}'
  where c.id = v_customer.id
    and (c.external_id, c.email, c.name, c.told, c.metadata)
      is distinct from (v_pseudonym, null, null, null::jsonb, '{}'::jsonb);
  update billing.trials t set email = null, fingerprint = null where t.customer_id = v_customer.id;
  update billing.payment_intents p set fingerprint = null
  where p.checkout_session_id = any (v_sessions) and p.fingerprint is not null;
  -- Whatever is counted: a digest is of a name that can be guessed. By each limit's name, as the key finds it.
  delete from billing.rate_counters c
  where c.name = any (array(select l.name from billing.rate_limits l))
    and c.subject = billing_private.customer_subject(p_organization_id, p_external_id);
  update billing.subscriptions sub set metadata = '{}'
  where sub.customer_id = v_customer.id and sub.metadata <> '{}';
  update billing.webhook_events e set payload = billing_private.bare_event(e.payload)
  where e.id = any (v_events) and e.payload <> billing_private.bare_event(e.payload);
  get diagnostics v_changed = row_count;

  return jsonb_build_object(
    'outcome', 'erased',
    'pseudonym', v_pseudonym,
    'sessions', coalesce(cardinality(v_sessions), 0),
    'events', v_changed,
    'stripeCustomerId', v_customer.stripe_customer_id,
    'stripeAccountId', v_customer.stripe_account_id
  );
end;
$$;
