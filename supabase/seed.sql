-- A demo organization and its catalogue, for local runs only. Stripe's ids are filled in by whoever connects the catalogue
-- to a Stripe account; docs/deploy.md says how an organization's key is made.
insert into billing.organizations (id, name) values
  ('0b500000-0000-4000-8000-000000000001', 'Demo Cloud');

insert into billing.features (id, organization_id, key, name) values
  ('0b500000-0000-4000-8000-0000000000f1', '0b500000-0000-4000-8000-000000000001', 'projects', 'Projects'),
  ('0b500000-0000-4000-8000-0000000000f2', '0b500000-0000-4000-8000-000000000001', 'api-access', 'API access'),
  ('0b500000-0000-4000-8000-0000000000f3', '0b500000-0000-4000-8000-000000000001', 'audit-log', 'Audit log');

insert into billing.products (id, organization_id, name, description) values
  ('0b500000-0000-4000-8000-0000000000a1', '0b500000-0000-4000-8000-000000000001', 'Starter', 'For a first project'),
  ('0b500000-0000-4000-8000-0000000000a2', '0b500000-0000-4000-8000-000000000001', 'Pro', 'For a growing team'),
  ('0b500000-0000-4000-8000-0000000000a3', '0b500000-0000-4000-8000-000000000001', 'Scale', 'With two weeks to try it'),
  ('0b500000-0000-4000-8000-0000000000a4', '0b500000-0000-4000-8000-000000000001', 'Team', 'For each seat');

insert into billing.product_features (product_id, feature_id, quantity, position) values
  ('0b500000-0000-4000-8000-0000000000a1', '0b500000-0000-4000-8000-0000000000f1', 1, 1),
  ('0b500000-0000-4000-8000-0000000000a2', '0b500000-0000-4000-8000-0000000000f1', 25, 1),
  ('0b500000-0000-4000-8000-0000000000a2', '0b500000-0000-4000-8000-0000000000f2', null, 2),
  ('0b500000-0000-4000-8000-0000000000a3', '0b500000-0000-4000-8000-0000000000f1', null, 1),
  ('0b500000-0000-4000-8000-0000000000a3', '0b500000-0000-4000-8000-0000000000f2', null, 2),
  ('0b500000-0000-4000-8000-0000000000a3', '0b500000-0000-4000-8000-0000000000f3', null, 3),
  ('0b500000-0000-4000-8000-0000000000a4', '0b500000-0000-4000-8000-0000000000f1', null, 1);

insert into billing.product_prices (id, product_id, currency, unit_amount, recurring_interval, trial_days, metadata) values
  ('0b500000-0000-4000-8000-0000000000b1', '0b500000-0000-4000-8000-0000000000a1', 'usd', 0, 'month', 0, '{"demo": "free"}'),
  ('0b500000-0000-4000-8000-0000000000b2', '0b500000-0000-4000-8000-0000000000a2', 'usd', 2900, 'month', 0, '{"demo": "monthly"}'),
  ('0b500000-0000-4000-8000-0000000000b3', '0b500000-0000-4000-8000-0000000000a2', 'usd', 29000, 'year', 0, '{"demo": "yearly"}'),
  ('0b500000-0000-4000-8000-0000000000b4', '0b500000-0000-4000-8000-0000000000a2', 'eur', 2700, 'month', 0, '{"demo": "eur"}'),
  ('0b500000-0000-4000-8000-0000000000b5', '0b500000-0000-4000-8000-0000000000a2', 'jpy', 4300, 'month', 0, '{"demo": "jpy"}'),
  ('0b500000-0000-4000-8000-0000000000b6', '0b500000-0000-4000-8000-0000000000a3', 'usd', 9900, 'month', 14, '{"demo": "trial"}');
insert into billing.product_prices (id, product_id, currency, unit_amount, recurring_interval, min_quantity, max_quantity, metadata) values
  ('0b500000-0000-4000-8000-0000000000b7', '0b500000-0000-4000-8000-0000000000a4', 'usd', 1200, 'month', 1, 100, '{"demo": "seats"}');

insert into billing.discounts (organization_id, code, percent_off, duration, duration_in_months) values
  ('0b500000-0000-4000-8000-000000000001', 'WELCOME', 25, 'repeating', 3);

-- Tests and demos come from one address, and fast: the limits of a real project would meet them, not attackers.
update billing.rate_limits set max_count = 1000000 where name <> 'guard';
