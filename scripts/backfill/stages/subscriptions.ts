import type Stripe from "stripe";
import type { LocatedCheckout } from "../../../shared/domain/sessions.ts";
import { isOfSession } from "../../../shared/domain/session-subscription.ts";
import { failureOf } from "../../../shared/checkout/answer.ts";
import { repairSession } from "../../../shared/checkout/repair.ts";
import { found } from "../../../shared/stripe/errors.ts";
import { subscriptionFacts } from "../../../shared/stripe/facts.ts";
import { hasEnded, labelOf } from "../../../shared/stripe/subscriptions.ts";
import { checkSubscription, syncInvoice } from "../../../shared/sync/billing.ts";
import { unknownOf } from "../../../shared/sync/subscription.ts";
import { drift, type Finding } from "../finding.ts";
import { findings, listed, type Look, nextRows, type Stage } from "../look.ts";
import type { SubscriptionRow } from "../rows.ts";
import { labelled, lost, sellersOf } from "./lost.ts";

const named = ({ id }: { readonly id: string }) =>
  ({ kind: "subscription", stripeId: id }) as const;

/** Subscriptions made since, whoever made them: those of checkouts that did not come to their end have no row. */
export const madeSince: Stage = {
  name: "subscriptions",
  async page(look, after) {
    const { client, place, stripe, rows } = look;
    const { data, last } = await listed(
      look,
      after,
      (params, options) => stripe.subscriptions.list({ ...params, status: "all" }, options),
    );
    const known = new Map(
      (await rows.subscriptions(data.map(({ id }) => id))).map((row) => [row.stripeId, row]),
    );
    const { rows: elsewhere } = await client.query<{ id: string }>(
      `select s.id from billing.checkout_sessions s
       where s.id = any ($1) and $2::uuid is not null and s.organization_id <> $2`,
      [data.flatMap((one) => labelled(one)?.sessionId ?? []), place.organizationId ?? null],
    );
    const theirs = new Set(elsewhere.map(({ id }) => id));
    const ours = data.filter((one) => !theirs.has(labelled(one)?.sessionId ?? ""));
    const sellers = await sellersOf(look, data);
    return {
      findings: await findings(look, ours, named, async (one) => {
        const row = known.get(one.id);
        return row === undefined
          ? unknown(look, one, sellers)
          : compared(look, await whole(look, one), row);
      }),
      read: data.length,
      last,
    };
  },
};

/** Every subscription with which something may still happen, however old: that it changed is in no list by time. */
export const living: Stage = {
  name: "rows of subscriptions",
  async page(look, after) {
    const { place, ports, rows } = look;
    const { page, last } = await nextRows(after, rows.livingSubscriptions);
    const due = page.filter(({ stripeId }) => !look.compared.has(stripeId));
    return {
      findings: await findings(
        look,
        due,
        ({ stripeId }) => ({ kind: "subscription", stripeId }),
        async (row) => {
          const { stripeId } = row;
          const one = await found(ports.stripe.subscriptions.retrieve(stripeId, place.account));
          if (one === undefined) {
            return [{ kind: "subscription", stripeId, problem: "gone" }];
          }
          const differences = compared(look, one, row);
          if (differences.length > 0 || one.latest_invoice === null) return differences;
          return newest(look, one.latest_invoice);
        },
      ),
      read: page.length,
      last,
    };
  },
};

function compared(
  { compared: done, ports, place }: Look,
  subscription: Stripe.Subscription,
  row: SubscriptionRow,
): readonly Finding[] {
  const { id } = subscription;
  done.add(id);
  const fields = drift(
    { ...subscriptionFacts(subscription, row), priceId: row.priceDue ?? row.priceId },
    { ...row.facts, priceId: row.priceId },
  );
  if (fields.length === 0) return [];
  return [{
    ...named(subscription),
    problem: "differs",
    fields,
    repair: () => checkSubscription(ports, id, place.account),
  }];
}

/** An invoice that is older than the beginning, and was never told of, is known by its subscription alone. */
async function newest(
  { ports, place }: Look,
  { id, status }: Stripe.Invoice,
): Promise<readonly Finding[]> {
  if (status === "draft") return [];
  const here = await ports.billing.invoiceStatus(id);
  if (here === status) return [];
  return [{
    kind: "invoice",
    stripeId: id,
    ...(here === null
      ? { problem: "missing" }
      : { problem: "differs", fields: [{ field: "status", here, atStripe: status }] }),
    repair: () => syncInvoice(ports, id, place.account),
  }];
}

/** With all of its items, of which Stripe embeds ten. */
const whole = ({ ports, place }: Look, one: Stripe.Subscription): Promise<Stripe.Subscription> =>
  one.items.has_more
    ? ports.stripe.subscriptions.retrieve(one.id, place.account)
    : Promise.resolve(one);

/**
 * One without a row. Only what a session's own fulfillment has made is completed, or given back where that is past its deadline or
 * refused for good; a surplus one is left, for its event to end.
 */
async function unknown(
  look: Look,
  subscription: Stripe.Subscription,
  sellers: ReadonlySet<string>,
): Promise<readonly Finding[]> {
  const { ports, place, completing } = look;
  const came = await unknownOf(ports, subscription);
  if (came.kind === "just completed") return [];
  if (came.kind === "surplus") return [{ ...named(subscription), problem: "surplus" }];
  if (came.kind !== "being completed") {
    return await lost(look, subscription, sellers) ??
      [{ ...named(subscription), problem: "foreign" }];
  }
  if (!await isBeingMade(look, subscription, came.session)) {
    return [{ ...named(subscription), problem: "foreign" }];
  }
  const { sessionId } = came.session;
  return [{
    ...named(subscription),
    problem: "unfinished",
    repair: async () => {
      const snapshot = await repairSession(completing, sessionId);
      const failure = snapshot === undefined ? undefined : failureOf(snapshot);
      if (failure?.code === "refund_failed") {
        throw new Error(
          `the refund of checkout ${sessionId} has failed: a person has to see to it`,
        );
      }
      if (failure !== undefined && failure.code !== "session_expired") {
        const left = await found(
          ports.stripe.subscriptions.retrieve(subscription.id, place.account),
        );
        if (left === undefined || hasEnded(left)) return "given back";
      }
      if (await ports.events.locateSubscription(subscription.id) !== null) return "completed";
      throw new Error(`checkout ${sessionId} has not come to its end; reconcile tries again`);
    },
  }];
}

/** Whether a session's own fulfillment has made it; where the rows do not know of the payment yet, Stripe says whether there is one. */
async function isBeingMade(
  { ports, place }: Look,
  subscription: Stripe.Subscription,
  { expected, stripePaymentIntentId }: LocatedCheckout,
): Promise<boolean> {
  const label = labelOf(subscription);
  if (expected.payableSince !== null) return isOfSession(label, expected);
  const intent = await ports.stripe.intents.retrieve(stripePaymentIntentId, place.account);
  return intent.status === "succeeded" && isOfSession(label, {
    ...expected,
    stripeCustomerId: expected.stripeCustomerId ?? label.stripeCustomerId,
    payableSince: intent.created,
  });
}
