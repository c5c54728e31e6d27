import { isRowId } from "../operator.ts";
import type { Rows } from "./connection.ts";

/** A session among those that a name stands for. */
export interface Found {
  readonly id: string;
  readonly organization: string;
  readonly status: string;
  readonly createdAt: Date;
}

/** Of a customer's sessions: the newest ones. */
const MANY = 20;

const found =
  `select s.id, (select coalesce(o.key, o.id::text) from billing.organizations o where o.id = s.organization_id) as organization,
     s.status, s.created_at as "createdAt"
   from billing.checkout_sessions s`;
const ofOrganization = "($2::uuid is null or s.organization_id = $2)";

/** What a name may stand for, each by an index; a merchant's id of a customer may look like any of the others. */
const ways: readonly { readonly fits: (name: string) => boolean; readonly sql: string }[] = [
  { fits: isRowId, sql: `${found} where s.id = $1 and ${ofOrganization}` },
  {
    fits: (name) => /^(pi|seti)_/.test(name),
    sql: `${found} where ${ofOrganization} and s.id = (
      select p.checkout_session_id from billing.payment_intents p where p.stripe_payment_intent_id = $1)`,
  },
  {
    fits: (name) => name.startsWith("sub_"),
    sql: `${found} where ${ofOrganization} and s.id = (
      select sub.checkout_session_id from billing.subscriptions sub where sub.stripe_subscription_id = $1)`,
  },
  {
    fits: () => true,
    sql: `with of_customer as materialized (
       select c.* from billing.checkout_sessions c where c.external_user_id = $1
         and ($2::uuid is null or c.organization_id = $2)
     ) ${
      found.replace("billing.checkout_sessions", "of_customer")
    } order by s.created_at desc, s.id limit ${MANY}`,
  },
];

/**
 * The sessions that a name stands for, newest first: a session's id, the id of its intent or subscription at Stripe, or the id
 * that the merchant has for the customer. Empty where there is none.
 */
export async function findSessions(
  rows: Rows,
  name: string,
  organization: string | null,
): Promise<Found[]> {
  for (const { fits, sql } of ways) {
    if (!fits(name)) continue;
    const sessions = await rows<Found>(sql, [name, organization]);
    if (sessions.length > 0) return sessions;
  }
  return [];
}
