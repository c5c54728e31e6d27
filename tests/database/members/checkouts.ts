import { randomUUID } from "node:crypto";
import * as z from "zod";
import { complete, openSession, ORGANIZATION, receive, record } from "../support.ts";
import type { Members } from "./members.ts";

/** Whose rows they are, as far as a row says it. */
export const readable: [relation: string, columns: string][] = [
  ["organizations", "id as organization_id, name, key, livemode"],
  ["checkout_sessions", "organization_id, id, status"],
  ["organization_guards", "organization_id, declines, until"],
  ["checkout_funnel", "organization_id, day, opened, attempted"],
  ["time_to_active", "organization_id, day, succeeded, paid_to_active_p95"],
  ["decline_codes", "organization_id, day, code, attempts"],
  ["refunds_owed", "organization_id, checkout_session_id, amount"],
];

const replayed = z.object({ replayed: z.boolean() });

/** Checkouts of both organizations, and what becomes of events about them. */
export async function openCheckoutsOf(
  { owner, service, keyDigest, otherOrganization, asUser }: Members,
) {
  /**
   * Of an organization a checkout that was declined, one that is active and one whose money is to go back; answers the active
   * one's id.
   */
  async function open(organization: string): Promise<string> {
    const declined = await openSession(service, keyDigest, randomUUID());
    const paid = await openSession(service, keyDigest, randomUUID());
    await record(service, paid, "succeeded");
    await complete(service, paid);
    const owed = await openSession(service, keyDigest, randomUUID());
    await record(service, owed, "succeeded");
    await owner.rows(
      `insert into billing.checkout_attempts
         (checkout_session_id, organization_id, payment_intent_id, number, stripe_payment_method_id, status, decline_code,
          finished_at)
       select s.id, s.organization_id, s.payment_intent_id, 1, 'pm_1', 'failed', 'insufficient_funds', now()
       from billing.checkout_sessions s where s.id = $1`,
      [declined.sessionId],
    );
    await owner.rows(
      `update billing.payment_intents set refund_reason = 'session_closed', refunding_since = now(), status = 'succeeded'
       where checkout_session_id = $1`,
      [owed.sessionId],
    );
    await owner.rows("alter table billing.checkout_sessions disable trigger user");
    const moved = [organization, [declined.sessionId, paid.sessionId, owed.sessionId]];
    await owner.rows(
      "update billing.checkout_sessions set organization_id = $1 where id = any ($2)",
      moved,
    );
    for (const table of ["payment_intents", "checkout_attempts"]) {
      await owner.rows(
        `update billing.${table} set organization_id = $1 where checkout_session_id = any ($2)`,
        moved,
      );
    }
    await owner.rows("alter table billing.checkout_sessions enable trigger user");
    return paid.sessionId;
  }

  /** An event about a session's intent that was given up on; answers its id at Stripe. */
  async function deadEvent(
    sessionId: string,
    payload: object = {},
    account?: string,
  ): Promise<string> {
    const stripeEventId = `evt_${randomUUID().replaceAll("-", "")}`;
    const { eventId } = await receive(service, stripeEventId);
    const { id } = await owner.row<{ id: string }>(
      "select stripe_payment_intent_id as id from billing.payment_intents where checkout_session_id = $1",
      [sessionId],
    );
    await owner.rows(
      "update billing.webhook_events set payload = $2, stripe_account_id = $3 where stripe_event_id = $1",
      [stripeEventId, { data: { object: { id, ...payload } } }, account],
    );
    await service.call("fail_event", {
      p_event_id: eventId,
      p_error: "unreachable",
      p_max_attempts: 1,
    });
    return stripeEventId;
  }

  /** Whether the call says that the event is due again, as it then is. */
  async function replay(user: object | undefined, eventId: string): Promise<boolean> {
    const [row] = await asUser(
      user,
      `select billing.replay_dead_event('${eventId}') as replayed`,
      "authenticated",
      "commit",
    );
    const { status } = await owner.row<{ status: string }>(
      "select status from billing.webhook_events where stripe_event_id = $1",
      [eventId],
    );
    const said = replayed.parse(row).replayed;
    if (said !== (status === "received")) {
      throw new Error(`${eventId} is ${status}, and not as told`);
    }
    return said;
  }

  const own = await open(ORGANIZATION);
  const others = await open(otherOrganization);
  await owner.rows(
    `insert into billing.organization_guards (organization_id, declines, raised_at, until)
     select o.id, 30, now(), now() + interval '1 hour' from billing.organizations o`,
  );
  return { own, others, deadEvent, replay };
}
