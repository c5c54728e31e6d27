-- Who has tried which product. A trial is due once for a customer and a product, and whoever comes back under another id
-- is known by the e-mail address or by the card: each row takes all three names at once, so that of two trials that start
-- at the same moment one finds the name taken.
create table billing.trials (
  id uuid not null default gen_random_uuid(),
  product_id uuid not null,
  customer_id uuid not null,
  checkout_session_id uuid not null,
  -- In lower case.
  email text,
  -- Stripe's, of the card or bank account that was set up.
  fingerprint text,
  created_at timestamptz not null default now(),
  constraint trials_pkey primary key (id),
  constraint trials_checkout_session_id_key unique (checkout_session_id),
  constraint trials_product_id_customer_id_key unique (product_id, customer_id),
  constraint trials_product_id_email_key unique (product_id, email),
  constraint trials_product_id_fingerprint_key unique (product_id, fingerprint),
  constraint trials_product_id_fkey foreign key (product_id) references billing.products (id) on delete cascade,
  constraint trials_customer_id_fkey foreign key (customer_id) references billing.customers (id),
  constraint trials_checkout_session_id_fkey foreign key (checkout_session_id)
    references billing.checkout_sessions (id) on delete cascade
);
create index trials_customer_id_idx on billing.trials (customer_id);
alter table billing.trials enable row level security;
grant select on billing.trials to service_role;

-- Whether this customer may still try the product. Whoever has had it needs no trial, and whose trial was refused because
-- of the card is offered the price without one.
create function billing_private.trial_is_due(p_organization_id uuid, p_external_id text, p_email text, p_product_id uuid)
  returns boolean
  language sql stable
  set search_path = ''
as $$
  select not exists (
    select from billing.trials t join billing.customers c on c.id = t.customer_id
    where t.product_id = p_product_id and (c.external_id = p_external_id or t.email = lower(p_email))
  ) and not exists (
    select from billing.customers c join billing.subscriptions sub on sub.customer_id = c.id
    where c.organization_id = p_organization_id and c.external_id = p_external_id and sub.product_id = p_product_id
  ) and not exists (
    select from billing.checkout_sessions s
    where s.organization_id = p_organization_id and s.external_user_id = p_external_id
      and s.product_id = p_product_id and s.error_code = 'trial_used'
  );
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

-- What a customer is asked for, or the outcome that says why not: {outcome, details}.
create type billing_private.terms as (
  refusal jsonb,
  checkout_mode text,
  intent_kind text,
  trial_days integer,
  amount bigint,
  discount_id uuid,
  discount jsonb,
  total_amount bigint
);
-- Usage of a type is everybody's by default.
revoke all on type billing_private.terms from public;

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
    v_terms.refusal := jsonb_build_object('outcome', 'quantity_not_allowed', 'details', jsonb_strip_nulls(
      jsonb_build_object('minQuantity', p_price.min_quantity, 'maxQuantity', p_price.max_quantity)));
    return v_terms;
  end if;
  if p_price.unit_amount::numeric * p_quantity > 999999999999 then
    v_terms.refusal := jsonb_build_object('outcome', 'amount_too_large');
    return v_terms;
  end if;
  v_terms.amount := p_price.unit_amount * p_quantity;
  v_terms.trial_days := 0;
  if p_price.unit_amount = 0 then
    v_terms.checkout_mode := 'free';
  elsif p_price.trial_days > 0
    and billing_private.trial_is_due(p_organization.id, p_external_id, p_email, p_price.product_id) then
    v_terms.checkout_mode := 'trial';
    v_terms.trial_days := p_price.trial_days;
  else
    v_terms.checkout_mode := 'standard';
  end if;
  if p_coupon_code is not null then
    select * into v_discount from billing.discounts d
    where d.organization_id = p_organization.id and lower(d.code) = lower(p_coupon_code);
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
