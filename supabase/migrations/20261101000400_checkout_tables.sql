-- State tables. service_role may read them; only the functions of later migrations write them, so that no code path
-- outside the transition functions can move a session, a subscription or a grant.

create table billing.customers (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null,
  -- The merchant's own id of this user, from the session token.
  external_id text not null,
  email text,
  name text,
  -- The id stands for a customer on this account (null: the platform's own). After an organization has connected
  -- another account, its customers are made there anew.
  stripe_customer_id text,
  stripe_account_id text,
  -- Rises when the id is forgotten because Stripe no longer has the customer: the next one needs another key.
  stripe_generation integer not null default 1,
  -- Rises whenever the e-mail address or the name changes.
  details_revision bigint not null default 1,
  -- What Stripe has been told of the two, {email, name}, and as of which revision. Null before the first plan that may make the
  -- customer there; from then on frozen until the customer exists.
  told_revision bigint,
  told jsonb,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint customers_pkey primary key (id),
  constraint customers_organization_id_external_id_key unique (organization_id, external_id),
  constraint customers_organization_id_fkey foreign key (organization_id)
    references billing.organizations (id) on delete cascade,
  constraint customers_told_is_dated check ((told is null) = (told_revision is null))
);
create unique index customers_stripe_customer_id_key on billing.customers (stripe_customer_id);
alter table billing.customers enable row level security;
grant select on billing.customers to service_role;
create trigger customers_touch before update on billing.customers
  for each row execute function billing_private.touch_updated_at();

create table billing.checkout_sessions (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null,
  session_token_id uuid not null,
  external_user_id text not null,
  product_id uuid not null,
  price_id uuid not null,
  customer_id uuid,
  payment_intent_id uuid,
  subscription_id uuid,
  status text not null default 'open',
  version bigint not null default 1,
  -- Rises with every writing of the intent's state, also where nothing shows: a writer that read Stripe under an older
  -- one reads again.
  intent_revision bigint not null default 1,
  checkout_mode text not null,
  -- With what the customer pays: a payment intent; a set-up intent where nothing is due now and something is later; nothing.
  intent_kind text not null default 'payment',
  -- Seats; `amount` is for all of them.
  quantity integer not null default 1,
  -- Amounts in the currency's minor unit, frozen when the session is made.
  amount bigint not null,
  currency text not null,
  discount_amount bigint not null default 0,
  discount_id uuid,
  -- The discount as it was then; see billing_private.discount_terms.
  discount jsonb,
  tax_amount bigint not null default 0,
  -- What the customer had at Stripe before and Stripe settles with the first invoice: a credit below zero, a debt above.
  adjustment_amount bigint not null default 0,
  -- Due now, and what Stripe's first invoice has to come to. A trial has its price in `amount` and nothing here.
  total_amount bigint not null,
  application_fee_amount bigint not null default 0,
  application_fee_bps integer not null default 0,
  trial_days integer not null default 0,
  -- What the customer was shown: {name, description, interval, intervalCount, features}.
  product jsonb not null,
  -- The account that the intent lives on, frozen: an organization that connects later does not orphan open sessions.
  stripe_account_id text,
  -- Null only where nothing is ever charged.
  stripe_price_id text,
  customer_email text,
  customer_name text,
  -- {country, postalCode?, state?, city?, line1?, line2?}
  customer_address jsonb,
  -- {type, value}, the type being Stripe's word.
  customer_tax_id jsonb,
  -- Frozen with the amounts.
  automatic_tax boolean not null default false,
  -- When Stripe's preview of the first invoice was written into the amounts; the first one stands. Null also where nothing
  -- but the price decides.
  previewed_at timestamptz,
  -- From the moment that its payment is to be honored until that is done or given up: other payments of the same customer
  -- for the product go back, and what fails is tried again until a deadline after it.
  fulfilling_since timestamptz,
  -- When a run was last told what is to be made at Stripe: for some seconds others wait for it.
  planned_at timestamptz,
  -- How often Stripe told of the session's subscription while there was no row for it: what was read before is old.
  subscription_news bigint not null default 0,
  -- When a repair last took the session up, and when one is to look; null where nothing is ever to be done. Kept by triggers:
  -- billing_private.session_repair_at.
  checked_at timestamptz,
  repair_at timestamptz,
  idempotency_key text,
  request_hash text not null,
  success_url text,
  cancel_url text,
  error_code text,
  error_message text,
  metadata jsonb not null default '{}',
  -- The trace that the call which opened the session was part of, by the caller's word (W3C Trace Context). It decides nothing.
  trace_id text,
  livemode boolean not null default false,
  expires_at timestamptz not null,
  completed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- The days (UTC) that charts count by. Columns, because under row security an index of an expression serves nobody: Postgres lets a
  -- function see a row before the policy has only where it is marked leakproof, and timezone() is not
  -- (https://www.postgresql.org/docs/17/rules-privileges.html). Comparing dates is.
  opened_on date generated always as ((created_at at time zone 'UTC')::date) stored,
  completed_on date generated always as ((completed_at at time zone 'UTC')::date) stored,
  constraint checkout_sessions_pkey primary key (id),
  constraint checkout_sessions_organization_id_fkey foreign key (organization_id)
    references billing.organizations (id) on delete cascade,
  constraint checkout_sessions_session_token_id_fkey foreign key (session_token_id)
    references billing.session_tokens (id),
  constraint checkout_sessions_product_id_fkey foreign key (product_id) references billing.products (id),
  constraint checkout_sessions_price_id_fkey foreign key (price_id) references billing.product_prices (id),
  constraint checkout_sessions_discount_id_fkey foreign key (discount_id) references billing.discounts (id),
  constraint checkout_sessions_customer_id_fkey foreign key (customer_id) references billing.customers (id),
  constraint checkout_sessions_status_known check (
    status in ('open', 'requires_action', 'processing', 'succeeded', 'failed', 'expired', 'canceled')
  ),
  constraint checkout_sessions_checkout_mode_known check (checkout_mode in ('standard', 'trial', 'free', 'change')),
  constraint checkout_sessions_tax_needs_address check (not automatic_tax or customer_address is not null),
  constraint checkout_sessions_tax_is_previewed check (tax_amount = 0 or previewed_at is not null),
  constraint checkout_sessions_intent_kind_known check (intent_kind in ('payment', 'setup', 'none')),
  constraint checkout_sessions_intent_for_money check ((intent_kind = 'payment') = (total_amount > 0)),
  constraint checkout_sessions_price_at_stripe check (intent_kind = 'none' or stripe_price_id is not null),
  constraint checkout_sessions_discount_is_whole check (
    num_nonnulls(discount_id, discount) <> 1 and (discount_amount = 0 or previewed_at is not null)
  ),
  constraint checkout_sessions_quantity_range check (quantity >= 1),
  constraint checkout_sessions_may_try check (
    case checkout_mode when 'change' then trial_days >= 0 else (checkout_mode = 'trial') = (trial_days > 0) end
  ),
  constraint checkout_sessions_total_amount check (
    case checkout_mode
      when 'trial' then total_amount = 0
      -- What a change comes to stands in subscription_changes; one of a free subscription may begin a trial.
      when 'change' then total_amount >= 0 and (trial_days = 0 or total_amount = 0)
      -- Until it is previewed, a discounted or taxed session shows its price.
      else total_amount = amount - discount_amount + tax_amount + adjustment_amount
    end
  ),
  constraint checkout_sessions_amounts_range check (
    amount >= 0 and discount_amount between 0 and amount and tax_amount >= 0
      and application_fee_amount between 0 and total_amount
  ),
  -- Law 1: a session that succeeded has its subscription and its customer, and says when.
  constraint checkout_sessions_succeeded_is_whole check (
    status <> 'succeeded' or num_nulls(subscription_id, customer_id, completed_at) = 0
  ),
  constraint checkout_sessions_idempotency_key_length check (length(idempotency_key) between 1 and 255),
  constraint checkout_sessions_trace_id_form check (trace_id ~ '^[0-9a-f]{32}$')
);
-- One session for one key of one customer, whichever of two concurrent creates comes first.
create unique index checkout_sessions_idempotency_key_key
  on billing.checkout_sessions (organization_id, external_user_id, idempotency_key)
  where idempotency_key is not null;
create index checkout_sessions_session_token_id_idx on billing.checkout_sessions (session_token_id, request_hash);
create index checkout_sessions_product_id_idx on billing.checkout_sessions (product_id);
create index checkout_sessions_price_id_idx on billing.checkout_sessions (price_id);
-- What a session has not yet, most never: without it no entry is written, at its opening and with most of its updates.
create index checkout_sessions_discount_id_idx on billing.checkout_sessions (discount_id, status) where discount_id is not null;
create index checkout_sessions_customer_id_idx on billing.checkout_sessions (customer_id) where customer_id is not null;
create index checkout_sessions_payment_intent_id_idx on billing.checkout_sessions (payment_intent_id)
  where payment_intent_id is not null;
create index checkout_sessions_subscription_id_idx on billing.checkout_sessions (subscription_id)
  where subscription_id is not null;
create index checkout_sessions_organization_id_idx on billing.checkout_sessions (organization_id, created_at);
-- Of two payments for one product one is honored. A change of a subscription is promised elsewhere: subscription_changes.
create unique index checkout_sessions_one_fulfillment
  on billing.checkout_sessions (organization_id, external_user_id, product_id)
  where fulfilling_since is not null and checkout_mode <> 'change';
-- For whoever follows a trace.
create index checkout_sessions_trace_id_idx on billing.checkout_sessions (trace_id) where trace_id is not null;
create index checkout_sessions_repair_at_idx on billing.checkout_sessions (repair_at) where repair_at is not null;
create index checkout_sessions_unfinished_of_product_idx
  on billing.checkout_sessions (organization_id, external_user_id, product_id)
  where status in ('open', 'requires_action', 'processing');
alter table billing.checkout_sessions enable row level security;
grant select on billing.checkout_sessions to service_role;

-- Stripe's intents, payment intents and set-up intents: one lives the same life as the other, over no amount.
create table billing.payment_intents (
  id uuid not null default gen_random_uuid(),
  checkout_session_id uuid not null,
  -- The session's, which never changes: row security looks at each row by itself.
  organization_id uuid not null,
  kind text not null default 'payment',
  stripe_payment_intent_id text not null,
  stripe_account_id text,
  -- Keyed digest: the secret itself is read from Stripe whenever its owner may see it.
  client_secret_digest text not null,
  -- Stripe's own status word, as last read from Stripe.
  status text not null,
  amount bigint not null,
  currency text not null,
  application_fee_amount bigint not null default 0,
  stripe_payment_method_id text,
  stripe_charge_id text,
  -- Stripe's: the same for one card or bank account, however often it is entered.
  fingerprint text,
  succeeded_at timestamptz,
  -- What went back to the card, by whomever, as the charge says.
  amount_refunded bigint not null default 0,
  -- Rises with every writing of what the charge says; a writer that read Stripe under an older one reads again.
  charge_revision bigint not null default 1,
  -- Set in the transaction that decides that this payment cannot be honored; from then on it is only refunded, and a
  -- set-up only let go.
  refund_reason text,
  -- When that was decided.
  refunding_since timestamptz,
  stripe_refund_id text,
  -- Stripe's word of the refund, as last read from Stripe; given_up is ours: the bank sent it back too often, and a
  -- person has to see to it.
  refund_status text,
  -- How many refunds of this payment have failed at Stripe.
  refund_failures integer not null default 0,
  -- When the refund that stands was first seen.
  refunded_at timestamptz,
  -- When reconcile looks again; null where it never does.
  refund_look_at timestamptz,
  -- When a set-up was let go, or an operator settled by other means what was given up.
  released_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint payment_intents_pkey primary key (id),
  constraint payment_intents_stripe_payment_intent_id_key unique (stripe_payment_intent_id),
  constraint payment_intents_client_secret_digest_key unique (client_secret_digest),
  constraint payment_intents_checkout_session_id_fkey foreign key (checkout_session_id)
    references billing.checkout_sessions (id) on delete cascade,
  constraint payment_intents_kind_known check (kind in ('payment', 'setup')),
  constraint payment_intents_stripe_id_of_kind check (
    starts_with(stripe_payment_intent_id, case kind when 'setup' then 'seti_' else 'pi_' end)
  ),
  constraint payment_intents_amount_range check (amount >= 0 and (kind = 'payment') = (amount > 0)),
  constraint payment_intents_amount_refunded_range check (amount_refunded between 0 and amount),
  constraint payment_intents_refund_reason_known check (
    refund_reason in (
      'already_subscribed', 'product_unavailable', 'session_closed', 'fulfillment_refused', 'trial_used',
      'subscription_changed', 'amount_mismatch', 'deadline_passed', 'money_returned'
    )
  ),
  constraint payment_intents_refund_is_dated check ((refund_reason is null) = (refunding_since is null)),
  constraint payment_intents_refund_status_known check (
    refund_status in ('pending', 'requires_action', 'succeeded', 'failed', 'canceled', 'given_up')
  ),
  constraint payment_intents_refund_is_whole check (
    num_nulls(stripe_refund_id, refund_status, refunded_at) in (0, 3)
  )
);
create index payment_intents_checkout_session_id_idx on billing.payment_intents (checkout_session_id);
create index payment_intents_organization_id_idx on billing.payment_intents (organization_id);
alter table billing.payment_intents enable row level security;
grant select on billing.payment_intents to service_role;
create trigger payment_intents_touch before update on billing.payment_intents
  for each row execute function billing_private.touch_updated_at();

-- One row for each card that a session was confirmed with. The number is part of Stripe's idempotency key, so a retry of one
-- attempt is replayed by Stripe and a new card is a new request.
create table billing.checkout_attempts (
  id uuid not null default gen_random_uuid(),
  checkout_session_id uuid not null,
  -- As payment_intents.organization_id.
  organization_id uuid not null,
  payment_intent_id uuid not null,
  number integer not null,
  stripe_payment_method_id text not null,
  status text not null default 'started',
  error_code text,
  decline_code text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  -- As checkout_sessions.opened_on.
  begun_on date generated always as ((created_at at time zone 'UTC')::date) stored,
  constraint checkout_attempts_pkey primary key (id),
  constraint checkout_attempts_session_number_key unique (checkout_session_id, number),
  constraint checkout_attempts_checkout_session_id_fkey foreign key (checkout_session_id)
    references billing.checkout_sessions (id) on delete cascade,
  constraint checkout_attempts_payment_intent_id_fkey foreign key (payment_intent_id)
    references billing.payment_intents (id) on delete cascade,
  constraint checkout_attempts_status_known check (
    status in ('started', 'requires_action', 'processing', 'succeeded', 'failed')
  )
);
create index checkout_attempts_payment_intent_id_idx on billing.checkout_attempts (payment_intent_id);
create index checkout_attempts_organization_id_idx on billing.checkout_attempts (organization_id);
alter table billing.checkout_attempts enable row level security;
grant select on billing.checkout_attempts to service_role;

create table billing.subscriptions (
  id uuid not null default gen_random_uuid(),
  organization_id uuid not null,
  customer_id uuid not null,
  product_id uuid not null,
  price_id uuid not null,
  -- What it began with: a checkout here, or one in the system that this one replaced, from which it was moved in then.
  checkout_session_id uuid,
  imported_at timestamptz,
  payment_intent_id uuid,
  -- Null for a free subscription, of which Stripe knows nothing.
  stripe_subscription_id text,
  stripe_account_id text,
  -- Its session's: with keys of the other mode it cannot be read.
  livemode boolean not null,
  -- Stripe's own status word: https://docs.stripe.com/api/subscriptions/object#subscription_object-status
  status text not null,
  -- When it was first heard that it is past due, from which the organization's grace is counted. Kept by a trigger.
  past_due_since timestamptz,
  -- What is paid for at Stripe. The price is of this organization's catalogue where the catalogue knows it; one that it
  -- does not know leaves product_id and price_id as they were.
  stripe_price_id text,
  -- The item that the checkout sold, among others that a merchant may have added.
  stripe_item_id text,
  quantity bigint not null default 1,
  current_period_start timestamptz not null,
  current_period_end timestamptz not null,
  cancel_at_period_end boolean not null default false,
  -- When it will end by itself. Stripe's portal sets this and not the flag.
  cancel_at timestamptz,
  -- What becomes of its invoices while none is collected: https://docs.stripe.com/billing/subscriptions/pause-payment
  collection_paused text,
  collection_resumes_at timestamptz,
  -- A change that waits for its payment until then: https://docs.stripe.com/billing/subscriptions/pending-updates
  pending_update_expires_at timestamptz,
  -- A schedule of Stripe's will change or end it.
  scheduled boolean not null default false,
  -- Whether Stripe collects its invoices or sends them: https://docs.stripe.com/billing/collection-method
  collection_method text not null default 'charge_automatically',
  -- Whether Stripe names an application that made it: never on the platform's own account. Of a connected account none made what is the
  -- merchant's own, which only the merchant can change or end: https://docs.stripe.com/connect/subscriptions
  made_by_application boolean not null default true,
  canceled_at timestamptz,
  ended_at timestamptz,
  trial_end timestamptz,
  -- When Stripe told that this trial_end is near (three days, or at once for a shorter trial).
  trial_will_end_at timestamptz,
  -- When it began, or began anew: a free subscription's periods are counted from here.
  started_at timestamptz not null default now(),
  -- Rises with every write; a writer that read Stripe under an older revision reads again.
  revision bigint not null default 1,
  -- When it was last read at Stripe and written down, and when it is to be read again although nothing was told of it; null
  -- where nothing more can become of it there. Kept by a trigger: billing_private.subscription_reread_at.
  checked_at timestamptz,
  reread_at timestamptz,
  metadata jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint subscriptions_pkey primary key (id),
  constraint subscriptions_stripe_subscription_id_key unique (stripe_subscription_id),
  -- Law 1: one session, one subscription.
  constraint subscriptions_checkout_session_id_key unique (checkout_session_id),
  constraint subscriptions_organization_id_fkey foreign key (organization_id)
    references billing.organizations (id) on delete cascade,
  constraint subscriptions_customer_id_fkey foreign key (customer_id) references billing.customers (id),
  constraint subscriptions_product_id_fkey foreign key (product_id) references billing.products (id),
  constraint subscriptions_price_id_fkey foreign key (price_id) references billing.product_prices (id),
  constraint subscriptions_payment_intent_id_fkey foreign key (payment_intent_id)
    references billing.payment_intents (id),
  constraint subscriptions_checkout_session_id_fkey foreign key (checkout_session_id)
    references billing.checkout_sessions (id),
  constraint subscriptions_one_origin check (num_nonnulls(checkout_session_id, imported_at) = 1),
  constraint subscriptions_imported_is_at_stripe check (imported_at is null or stripe_subscription_id is not null),
  constraint subscriptions_quantity_range check (quantity >= 0),
  constraint subscriptions_status_known check (
    status in ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'canceled', 'unpaid', 'paused')
  ),
  constraint subscriptions_past_due_is_dated check ((status = 'past_due') = (past_due_since is not null))
);
create unique index subscriptions_one_live_per_customer_and_product
  on billing.subscriptions (customer_id, product_id)
  where status not in ('canceled', 'incomplete_expired');
create index subscriptions_free_period_idx on billing.subscriptions (current_period_end)
  where stripe_subscription_id is null and status = 'active';
create index subscriptions_reread_at_idx on billing.subscriptions (livemode, (coalesce(stripe_account_id, '')), reread_at)
  where reread_at is not null;
create index subscriptions_customer_id_idx on billing.subscriptions (customer_id);
create index subscriptions_organization_id_idx on billing.subscriptions (organization_id);
create index subscriptions_product_id_idx on billing.subscriptions (product_id);
create index subscriptions_price_id_idx on billing.subscriptions (price_id);
create index subscriptions_payment_intent_id_idx on billing.subscriptions (payment_intent_id);
alter table billing.subscriptions enable row level security;
grant select on billing.subscriptions to service_role;
create trigger subscriptions_touch before update on billing.subscriptions
  for each row execute function billing_private.touch_updated_at();

-- A session of mode `change` moves a subscription that exists to another price. One row beside each such session: what it
-- starts from, what Stripe's preview of the change came to, and how far it is.
create table billing.subscription_changes (
  checkout_session_id uuid not null,
  subscription_id uuid not null,
  -- A subscription that has another price by the time of the payment is no longer the one that the customer saw.
  from_price_id uuid not null,
  -- Once Stripe has been asked (checkout_sessions.previewed_at).
  stripe_item_id text,
  -- Of the item as it was.
  stripe_price_id text,
  quantity bigint,
  trialing boolean,
  -- The new price has another rhythm, so that a new period begins with the change.
  restarts boolean,
  -- The instant to which the figures apply; null where there is nothing to prorate.
  prorated_at timestamptz,
  -- Minor units, before tax.
  credited bigint not null default 0,
  charged bigint not null default 0,
  -- From the moment that the change is decided upon until it is done or given up, no other may be.
  claimed_at timestamptz,
  finished_at timestamptz,
  constraint subscription_changes_pkey primary key (checkout_session_id),
  constraint subscription_changes_checkout_session_id_fkey foreign key (checkout_session_id)
    references billing.checkout_sessions (id) on delete cascade,
  constraint subscription_changes_subscription_id_fkey foreign key (subscription_id)
    references billing.subscriptions (id) on delete cascade,
  constraint subscription_changes_from_price_id_fkey foreign key (from_price_id)
    references billing.product_prices (id),
  constraint subscription_changes_preview_is_whole check (
    num_nulls(stripe_item_id, stripe_price_id, quantity, trialing, restarts) in (0, 5)
  ),
  constraint subscription_changes_amounts_range check (credited >= 0 and charged >= 0),
  constraint subscription_changes_finished_was_claimed check (finished_at is null or claimed_at is not null)
);
create index subscription_changes_subscription_id_idx on billing.subscription_changes (subscription_id);
create index subscription_changes_from_price_id_idx on billing.subscription_changes (from_price_id);
create unique index subscription_changes_one_at_a_time
  on billing.subscription_changes (subscription_id)
  where claimed_at is not null and finished_at is null;
alter table billing.subscription_changes enable row level security;
grant select on billing.subscription_changes to service_role;

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

create table billing.feature_grants (
  id uuid not null default gen_random_uuid(),
  customer_id uuid not null,
  subscription_id uuid not null,
  feature_id uuid not null,
  quantity bigint,
  granted_at timestamptz not null default now(),
  revoked_at timestamptz,
  -- The end of a grace that is running: from then on the grant is none, also where nobody has revoked it yet.
  expires_at timestamptz,
  constraint feature_grants_pkey primary key (id),
  -- Law 1: one set of grants.
  constraint feature_grants_subscription_id_feature_id_key unique (subscription_id, feature_id),
  constraint feature_grants_customer_id_fkey foreign key (customer_id) references billing.customers (id),
  constraint feature_grants_subscription_id_fkey foreign key (subscription_id)
    references billing.subscriptions (id) on delete cascade,
  constraint feature_grants_feature_id_fkey foreign key (feature_id) references billing.features (id)
);
create index feature_grants_expires_at_idx on billing.feature_grants (expires_at)
  where revoked_at is null and expires_at is not null;
create index feature_grants_customer_id_idx on billing.feature_grants (customer_id);
create index feature_grants_feature_id_idx on billing.feature_grants (feature_id);
alter table billing.feature_grants enable row level security;
grant select on billing.feature_grants to service_role;

alter table billing.checkout_sessions
  add constraint checkout_sessions_payment_intent_id_fkey foreign key (payment_intent_id)
    references billing.payment_intents (id),
  add constraint checkout_sessions_subscription_id_fkey foreign key (subscription_id)
    references billing.subscriptions (id);
