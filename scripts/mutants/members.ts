import type { SqlMutant } from "./sql-mutant.ts";

const file = "20261101001970_members.sql";
const tests = ["members", "members-inbox", "non-members"];

/** Who reads an organization's checkouts on the operator's page, and what may be done there. */
export const memberMutants: readonly SqlMutant[] = [
  {
    law: "a member who is signed out, banned or deleted reads nothing",
    file,
    from:
      "and billing_private.is_signed_in((v_claims ->> 'sub')::uuid, (v_claims ->> 'session_id')::uuid, false)",
    to: "",
    tests,
  },
  {
    law: "a member's password alone reads nothing where a second factor is set up",
    file,
    from:
      "and billing_private.passed_second_factor((v_claims ->> 'sub')::uuid, v_claims ->> 'aal')",
    to: "",
    tests,
  },
  {
    law: "another app's token of a member reads nothing",
    file,
    from: "and not v_claims ? 'client_id'",
    to: "",
    tests,
  },
  {
    law: "a member reads the own organization's sessions",
    file,
    from: `on billing.checkout_sessions for select to authenticated
  using (organization_id = any ((select billing_private.my_organizations())::uuid[]));`,
    to: "on billing.checkout_sessions for select to authenticated using (true);",
    tests,
  },
  {
    law: "a member reads attempts of the own organization's sessions",
    file,
    from: `on billing.checkout_attempts for select to authenticated
  using (organization_id = any ((select billing_private.my_organizations())::uuid[]));`,
    to: "on billing.checkout_attempts for select to authenticated using (true);",
    tests,
  },
  {
    law: "an event is the organization's whose row it is about, on the event's account",
    file,
    from:
      "where p.stripe_payment_intent_id = any (v_about) and p.stripe_account_id is not distinct from p_stripe_account_id",
    to: "where p.stripe_payment_intent_id = any (v_about)",
    tests,
  },
  {
    law: "a member replays events of the own organization",
    file,
    from:
      "and billing_private.event_organizations(e.stripe_account_id, e.payload) && v_organizations",
    to: "",
    tests,
  },
  {
    law: "a member replays what is dead",
    file,
    from: "where e.stripe_event_id = p_stripe_event_id and e.status = 'dead'",
    to: "where e.stripe_event_id = p_stripe_event_id",
    tests,
  },
  {
    law: "a dead event that became the organization's only after it died is in its inbox",
    file,
    from: "and coalesce(d.stripe_account_id, '') = v_account",
    to: "and false",
    tests,
  },
  {
    law: "an inbox has what is the organization's now",
    file,
    from:
      "where p_organization_id = any (billing_private.event_organizations(e.stripe_account_id, e.payload))",
    to: "where true",
    tests,
  },
  {
    law: "a timeline is shown to members of the session's organization",
    file,
    from:
      "where s.id = p_session_id and s.organization_id = any (billing_private.my_organizations());",
    to: "where s.id = p_session_id;",
    tests,
  },
];
