import type { Client } from "pg";
import { tables } from "./export.ts";

/** What would be lost with the tables, for nobody else sees it through. */
export interface Owed {
  /** Checkouts whose customer may be paying. */
  readonly open: number;
  /** Payments that were taken, and neither fulfilled nor paid back. */
  readonly paid: number;
  /** When the last of the open ones is due to end; null where none is open. */
  readonly until: Date | null;
}

/** Nothing where the tables are not there. A refund that was given up is not among them: a person sees to it, from the export too. */
export async function owed(database: Client): Promise<Owed> {
  if ((await tables(database)).length === 0) return { open: 0, paid: 0, until: null };
  const { rows: [row] } = await database.query<Owed>(
    `select count(*)::integer as open, max(s.expires_at) as until, (
       select count(*)::integer from billing.payment_intents p
         join billing.checkout_sessions of on of.id = p.checkout_session_id
        where p.kind = 'payment' and billing_private.is_refund_open(p) and p.refund_status is distinct from 'given_up'
          and (of.status <> 'succeeded' or p.refund_reason is not null)
     ) as paid
     from billing.checkout_sessions s where s.status in ('open', 'requires_action', 'processing')`,
  );
  if (row === undefined) throw new Error("nothing was counted");
  return row;
}

/** What is owed in a sentence; undefined where nothing is. */
export function spoken({ open, paid, until }: Owed): string | undefined {
  if (open === 0 && paid === 0) return undefined;
  const end = until === null
    ? ""
    : ` (the last ends by ${until.toISOString()}, if no payment is under way)`;
  return `checkouts that are open: ${open}${end}; payments neither fulfilled nor paid back yet: ${paid}`;
}
