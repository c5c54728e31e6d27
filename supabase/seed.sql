-- A demo organization and its catalogue, for local runs only: what billing.catalogue.ts says, with ids that tests can name (a test
-- holds the two equal). Pushing that file adds Stripe's ids; docs/deploy.md says how an organization's key is made.
insert into billing.organizations (id, key, name) values
  ('0b500000-0000-4000-8000-000000000001', 'demo-cloud', 'Demo Cloud');

insert into billing.features (id, organization_id, key, name) values
  ('0b500000-0000-4000-8000-0000000000f1', '0b500000-0000-4000-8000-000000000001', 'projects', 'Projects'),
  ('0b500000-0000-4000-8000-0000000000f2', '0b500000-0000-4000-8000-000000000001', 'api-access', 'API access'),
  ('0b500000-0000-4000-8000-0000000000f3', '0b500000-0000-4000-8000-000000000001', 'audit-log', 'Audit log');

insert into billing.products (id, organization_id, key, name, description) values
  ('0b500000-0000-4000-8000-0000000000a1', '0b500000-0000-4000-8000-000000000001', 'starter', 'Starter', 'For a first project'),
  ('0b500000-0000-4000-8000-0000000000a2', '0b500000-0000-4000-8000-000000000001', 'pro', 'Pro', 'For a growing team'),
  ('0b500000-0000-4000-8000-0000000000a3', '0b500000-0000-4000-8000-000000000001', 'scale', 'Scale', 'With two weeks to try it'),
  ('0b500000-0000-4000-8000-0000000000a4', '0b500000-0000-4000-8000-000000000001', 'team', 'Team', 'For each seat');

insert into billing.product_features (product_id, feature_id, quantity, position) values
  ('0b500000-0000-4000-8000-0000000000a1', '0b500000-0000-4000-8000-0000000000f1', 1, 1),
  ('0b500000-0000-4000-8000-0000000000a2', '0b500000-0000-4000-8000-0000000000f1', 25, 1),
  ('0b500000-0000-4000-8000-0000000000a2', '0b500000-0000-4000-8000-0000000000f2', null, 2),
  ('0b500000-0000-4000-8000-0000000000a3', '0b500000-0000-4000-8000-0000000000f1', null, 1),
  ('0b500000-0000-4000-8000-0000000000a3', '0b500000-0000-4000-8000-0000000000f2', null, 2),
  ('0b500000-0000-4000-8000-0000000000a3', '0b500000-0000-4000-8000-0000000000f3', null, 3),
  ('0b500000-0000-4000-8000-0000000000a4', '0b500000-0000-4000-8000-0000000000f1', null, 1);

insert into billing.product_prices (id, product_id, key, currency, unit_amount, recurring_interval, trial_days) values
  ('0b500000-0000-4000-8000-0000000000b1', '0b500000-0000-4000-8000-0000000000a1', 'free', 'usd', 0, 'month', 0),
  ('0b500000-0000-4000-8000-0000000000b2', '0b500000-0000-4000-8000-0000000000a2', 'pro-monthly', 'usd', 2900, 'month', 0),
  ('0b500000-0000-4000-8000-0000000000b3', '0b500000-0000-4000-8000-0000000000a2', 'pro-yearly', 'usd', 29000, 'year', 0),
  ('0b500000-0000-4000-8000-0000000000b4', '0b500000-0000-4000-8000-0000000000a2', 'pro-monthly-eur', 'eur', 2700, 'month', 0),
  ('0b500000-0000-4000-8000-0000000000b5', '0b500000-0000-4000-8000-0000000000a2', 'pro-monthly-jpy', 'jpy', 4300, 'month', 0),
  ('0b500000-0000-4000-8000-0000000000b6', '0b500000-0000-4000-8000-0000000000a3', 'scale-monthly', 'usd', 9900, 'month', 14);
insert into billing.product_prices (id, product_id, key, currency, unit_amount, recurring_interval, min_quantity, max_quantity) values
  ('0b500000-0000-4000-8000-0000000000b7', '0b500000-0000-4000-8000-0000000000a4', 'team-seats', 'usd', 1200, 'month', 1, 100);

insert into billing.discounts (id, organization_id, key, code, percent_off, duration, duration_in_months) values
  ('0b500000-0000-4000-8000-0000000000d2', '0b500000-0000-4000-8000-000000000001', 'launch', 'LAUNCH', 100, 'once', null),
  ('0b500000-0000-4000-8000-0000000000d1', '0b500000-0000-4000-8000-000000000001', 'welcome', 'WELCOME', 25, 'repeating', 3);

-- Tests and demos come from one address, and fast: the limits of a real project would meet them, not attackers.
update billing.rate_limits set max_count = 1000000 where name <> 'guard';
