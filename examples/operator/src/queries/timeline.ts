import * as z from "zod";
import type { SessionFacts } from "../../../../scripts/console/facts.ts";
import { supabase } from "../supabase.ts";

const time = z.string().transform((text) => new Date(text));
const perhaps = time.nullable();
const word = z.string().nullable();

/** What billing.session_facts answers. */
const answered = z.object({
  session: z.object({
    id: z.string(),
    organization: z.string(),
    status: z.string(),
    version: z.string(),
    mode: z.string(),
    quantity: z.number(),
    amount: z.number(),
    currency: z.string(),
    errorCode: word,
    stripeAccountId: word,
    createdAt: time,
    previewedAt: perhaps,
    expiresAt: time,
    fulfillingSince: perhaps,
    completedAt: perhaps,
    updatedAt: time,
    repairAt: perhaps,
  }),
  attempts: z.array(z.object({
    number: z.number(),
    status: z.string(),
    intentId: z.string(),
    errorCode: word,
    declineCode: word,
    createdAt: time,
    finishedAt: perhaps,
  })),
  intents: z.array(z.object({
    id: z.string(),
    stripeId: z.string(),
    chargeId: word,
    status: z.string(),
    amount: z.number(),
    currency: z.string(),
    amountRefunded: z.number(),
    refundReason: word,
    refundId: word,
    refundStatus: word,
    refundFailures: z.number(),
    createdAt: time,
    succeededAt: perhaps,
    refundingSince: perhaps,
    refundedAt: perhaps,
    releasedAt: perhaps,
  })),
  subscription: z.object({
    id: z.string(),
    stripeId: word,
    status: z.string(),
    // Null of one that was moved in: it is of no session, so that this one has changed it.
    isChanged: z.boolean().nullable().transform((isChanged) => isChanged ?? true),
    createdAt: time,
    canceledAt: perhaps,
    endedAt: perhaps,
  }).nullable(),
  change: z.object({ claimedAt: perhaps, finishedAt: perhaps }).nullable(),
  grants: z.array(z.object({ feature: z.string(), grantedAt: time, revokedAt: perhaps })),
  invoices: z.array(z.object({
    stripeId: z.string(),
    status: z.string(),
    billingReason: word,
    amountPaid: z.number(),
    amountDue: z.number(),
    currency: z.string(),
    createdAt: time,
  })),
  disputes: z.array(z.object({
    stripeId: z.string(),
    status: z.string(),
    reason: z.string(),
    amount: z.number(),
    currency: z.string(),
    createdAt: time,
  })),
  events: z.array(z.object({
    id: z.string(),
    type: z.string(),
    status: z.string(),
    outcome: word,
    attempts: z.number(),
    lastError: word,
    receivedAt: time,
    processedAt: perhaps,
    nextAttemptAt: time,
  })),
  messages: z.array(
    z.object({ version: z.number(), status: z.string(), errorCode: word, at: time }),
  ),
}).nullable();

/** All that the rows say of a session; null where there is none that the user may see. */
export async function readFacts(sessionId: string): Promise<SessionFacts | null> {
  const { data, error } = await supabase.rpc("session_facts", { p_session_id: sessionId });
  if (error !== null) throw new Error(error.message);
  const facts = answered.parse(data);
  return facts && {
    ...facts,
    subscription: facts.subscription ?? undefined,
    change: facts.change ?? undefined,
  };
}
