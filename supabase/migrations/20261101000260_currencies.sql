-- What Stripe says of currencies: https://docs.stripe.com/currencies; shared/domain/currencies.ts holds the same, and a test
-- holds the two equal.

-- Amounts that can be charged are multiples of this, in minor units: the last of three decimals is always zero, and krona
-- and shilling have no decimals in fact but are written with two.
create function billing_private.charge_step(p_currency text) returns bigint
  language sql immutable parallel safe
  set search_path = ''
  return case
    when p_currency in ('bhd', 'jod', 'kwd', 'omr', 'tnd') then 10
    when p_currency in ('isk', 'ugx') then 100
    else 1
  end;

-- The least charge, in minor units. For a currency that is not listed it depends on the rate of exchange, and Stripe says so
-- when it is asked for the intent.
create function billing_private.minimum_charge(p_currency text) returns bigint
  language sql immutable parallel safe
  set search_path = ''
  return case p_currency
    when 'aed' then 200
    when 'aud' then 50
    when 'bgn' then 100
    when 'brl' then 50
    when 'cad' then 50
    when 'chf' then 50
    when 'czk' then 1500
    when 'dkk' then 250
    when 'eur' then 50
    when 'gbp' then 30
    when 'hkd' then 400
    when 'huf' then 17500
    when 'inr' then 50
    when 'jpy' then 50
    when 'mxn' then 1000
    when 'myr' then 200
    when 'nok' then 300
    when 'nzd' then 50
    when 'pln' then 200
    when 'ron' then 200
    when 'sek' then 300
    when 'sgd' then 50
    when 'thb' then 1000
    when 'usd' then 50
    else billing_private.charge_step(p_currency)
  end;
