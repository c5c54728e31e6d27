import type { SessionFacts } from "./facts.ts";
import { money } from "./words.ts";

/** Where an entry comes from: a table of ours, the inbox, the broadcasts or a log. */
export type Source =
  | "session"
  | "intent"
  | "attempt"
  | "refund"
  | "change"
  | "subscription"
  | "grant"
  | "invoice"
  | "dispute"
  | "event"
  | "status"
  | "log";

export interface Entry {
  readonly at: Date;
  readonly source: Source;
  readonly what: string;
  /** By Stripe's clock, which counts whole seconds and is not ours. */
  readonly isStripes?: true;
  /** What it follows from: it stands behind that, whatever the clocks say. */
  readonly after?: Date | undefined;
}

/** The entries in order. By no clock alone: what Stripe dates stands behind what it follows from. */
export const inOrder = <Placed extends Pick<Entry, "at" | "after">>(
  entries: readonly Placed[],
): Placed[] => {
  const place = ({ at, after }: Placed) => Math.max(at.getTime(), after?.getTime() ?? 0);
  return entries.toSorted((one, other) => place(one) - place(other));
};

/** One session from its opening on, as its rows tell it. */
export const timelineOf = (facts: SessionFacts): Entry[] =>
  inOrder([
    ...sessionEntries(facts),
    // Before the intents, so that of one moment the attempt stands first and its success behind it.
    ...attemptEntries(facts),
    ...facts.intents.flatMap((_, index) => intentEntries(facts, index)),
    ...subscriptionEntries(facts),
    ...besideEntries(facts),
    ...eventEntries(facts),
    ...statusEntries(facts),
  ]);

/** An entry where its time is known. */
const when = (
  at: Date | null | undefined,
  source: Source,
  what: string,
  more: Pick<Entry, "isStripes" | "after"> = {},
): Entry[] => at === null || at === undefined ? [] : [{ at, source, what, ...more }];

function sessionEntries({ session, messages }: SessionFacts): Entry[] {
  const { status, mode, amount, currency, quantity, errorCode } = session;
  const told = messages.at(-1);
  const final = `${status}${errorCode === null ? "" : ` (${errorCode})`}`;
  return [
    ...when(
      session.createdAt,
      "session",
      `opened: ${mode}, ${
        money(amount, currency)
      }, quantity ${quantity}, expires ${session.expiresAt.toISOString()}`,
    ),
    ...when(session.previewedAt, "session", "amounts previewed by Stripe"),
    ...when(session.fulfillingSince, "session", "paid and to be fulfilled, and not fulfilled yet"),
    ...when(session.completedAt, "session", "succeeded: subscription and features are visible"),
    // What was broadcast has told of it.
    ...(session.completedAt === null && Number(session.version) > 1 &&
        String(told?.version) !== session.version
      ? when(session.updatedAt, "session", `last change, version ${session.version}: ${final}`)
      : []),
    ...when(session.repairAt, "session", "reconcile looks at it, at the earliest"),
  ];
}

function intentEntries({ intents, attempts }: SessionFacts, index: number): Entry[] {
  const intent = intents[index];
  if (intent === undefined) return [];
  const { stripeId, amount, currency, refundId, refundStatus, refundFailures } = intent;
  // Stripe's second may have begun before the attempt that paid.
  const paidBy = attempts.findLast(({ intentId, createdAt }) =>
    intentId === intent.id && createdAt.getTime() < (intent.succeededAt?.getTime() ?? 0) + 1_000
  );
  const back = intent.amountRefunded > 0
    ? `, ${money(intent.amountRefunded, currency)} of it back`
    : "";
  return [
    ...when(
      intent.createdAt,
      "intent",
      `${stripeId} (${index + 1} of ${intents.length}) over ${
        money(amount, currency)
      }, now ${intent.status}`,
    ),
    ...when(intent.succeededAt, "intent", `${stripeId} succeeded${back}`, {
      isStripes: true,
      after: paidBy?.createdAt ?? intent.createdAt,
    }),
    ...when(intent.refundingSince, "refund", `${stripeId} is not honored: ${intent.refundReason}`),
    ...when(
      intent.refundedAt,
      "refund",
      `${refundId} ${refundStatus}${refundFailures === 0 ? "" : `, ${refundFailures} failed`}`,
    ),
    ...when(intent.releasedAt, "refund", `${stripeId} let go: nothing is owed`),
  ];
}

const attemptEntries = ({ attempts }: SessionFacts): Entry[] =>
  attempts.flatMap(({ number, status, errorCode, declineCode, createdAt, finishedAt }) => {
    const why = [errorCode, declineCode].filter((code) => code !== null).join(", ");
    return [
      ...when(
        createdAt,
        "attempt",
        `attempt ${number} begun${finishedAt === null ? `, now ${status}` : ""}`,
      ),
      ...when(finishedAt, "attempt", `attempt ${number} ${status}${why === "" ? "" : `: ${why}`}`),
    ];
  });

function subscriptionEntries({ subscription, change, grants }: SessionFacts): Entry[] {
  const name = subscription?.stripeId ?? subscription?.id ?? "";
  const together = (at: Date) =>
    grants.filter(({ grantedAt }) => grantedAt.getTime() === at.getTime());
  return [
    ...(subscription?.isChanged === false
      ? when(subscription.createdAt, "subscription", `${name} written, now ${subscription.status}`)
      : []),
    ...when(subscription?.canceledAt, "subscription", `${name} canceled`, { isStripes: true }),
    ...when(subscription?.endedAt, "subscription", `${name} ended`, { isStripes: true }),
    ...when(change?.claimedAt, "change", `change of ${name} decided upon`),
    ...when(change?.finishedAt, "change", `change of ${name} done or given up`),
    ...grants.flatMap(({ feature, grantedAt }) => {
      const features = together(grantedAt).map((grant) => grant.feature);
      if (features[0] !== feature) return [];
      return when(grantedAt, "grant", `granted: ${features.join(", ")}`);
    }),
    ...grants.flatMap(({ feature, revokedAt }) => when(revokedAt, "grant", `revoked: ${feature}`)),
  ];
}

const besideEntries = ({ invoices, disputes }: SessionFacts): Entry[] => [
  ...invoices.flatMap((
    { stripeId, status, billingReason, amountPaid, amountDue, currency, createdAt },
  ) =>
    when(
      createdAt,
      "invoice",
      `${stripeId} ${billingReason ?? ""} written, now ${status}: ${
        money(amountPaid, currency)
      } of ${money(amountDue, currency)} paid`,
    )
  ),
  ...disputes.flatMap(({ stripeId, status, reason, amount, currency, createdAt }) =>
    when(
      createdAt,
      "dispute",
      `${stripeId} over ${money(amount, currency)}: ${reason}, now ${status}`,
    )
  ),
];

const eventEntries = ({ events }: SessionFacts): Entry[] =>
  events.flatMap(({ id, type, status, outcome, attempts, lastError, ...at }) => {
    const error = lastError === null ? "" : `: ${lastError}`;
    const fate = {
      dead: `, dead after ${attempts} attempts${error}`,
      processed: "",
      processing: `, being worked on, attempt ${attempts}`,
      received:
        `, waits until ${at.nextAttemptAt.toISOString()} after ${attempts} attempts${error}`,
    }[status];
    return [
      ...when(at.receivedAt, "event", `${type} ${id} received${fate ?? `, ${status}`}`),
      ...when(at.processedAt, "event", `${type} ${id} ${outcome}, attempt ${attempts}`),
    ];
  });

/** Each broadcast that told of another status or error than the one before. */
const statusEntries = ({ messages }: SessionFacts): Entry[] =>
  messages.flatMap(({ version, status, errorCode, at }, index) => {
    const before = messages[index - 1] ?? { status: "pending", errorCode: null };
    if (before.status === status && before.errorCode === errorCode) return [];
    const error = errorCode === null ? "" : ` (${errorCode})`;
    return when(at, "status", `${before.status} to ${status}${error}, version ${version}`);
  });
