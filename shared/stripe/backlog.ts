import type Stripe from "stripe";
import type { CheckoutIntent } from "./intent-calls.ts";
import { type Account, onAccount } from "./account.ts";
import { read } from "./write.ts";

/** As many types as Stripe lists events by: https://docs.stripe.com/api/events/list#list_events-types */
const TYPES_PER_LIST = 20;

/** Seconds of the first span of a long time. */
const FIRST_SPAN = 3_600;

/** Unix seconds, both of them within. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Goes through a time from its beginning, in spans of as much as one page holds: lists begin with the newest, and what is
 * worked in their order could not be gone on with. Begins small, so that little is read in vain where there is much.
 *
 * @param list answers undefined where the span is to be halved
 */
export async function* spanBySpan<Found>(
  { from, to: end }: Span,
  list: (span: Span) => Promise<Found | undefined>,
): AsyncGenerator<{ found: Found; to: number }> {
  let length = FIRST_SPAN;
  while (from <= end) {
    const to = Math.min(end, from + length - 1);
    const found = await list({ from, to });
    length = to - from + 1;
    if (found === undefined) {
      length = Math.ceil(length / 2);
      continue;
    }
    yield { found, to };
    from = to + 1;
    length *= 2;
  }
}

/** The whole of a list; undefined where that is more than a page, and the span can be halved. */
async function pageOf<One>(
  pages: Stripe.ApiListPromise<One>,
  { from, to }: Span,
): Promise<One[] | undefined> {
  if ((await pages).has_more && to > from) return undefined;
  const found: One[] = [];
  for await (const one of pages) found.push(one);
  return found;
}

/**
 * One that is processing has been paid, by a bank debit of a checkout that a restore of the database has forgotten: Stripe may let it
 * be canceled (https://docs.stripe.com/api/payment_intents/cancel), and it is the customer's to bring to its end.
 */
const ENDED: ReadonlySet<string> = new Set(["canceled", "succeeded", "processing"]);

const isOpenCheckout = ({ status, metadata }: CheckoutIntent) =>
  metadata?.["checkout_session_id"] !== undefined && !ENDED.has(status);

/** An intent that a checkout has made. */
export interface OpenIntent {
  readonly id: string;
  /** The organization of its session, as its metadata has it: another project's may lie on the same account. */
  readonly organizationId: string;
}

/** What lies at Stripe that nobody brought to us. Lists are consistent at once; Stripe's search is not. */
export interface Backlog {
  /** Events of that span that a delivery failed for, oldest first; undefined where it is to be halved. */
  undelivered(account: Account, span: Span, types: string[]): Promise<Stripe.Event[] | undefined>;
  /**
   * The intents of checkout sessions made in that span, those that nobody has paid; undefined where it is to be
   * halved: the merchant's own intents are in these lists too.
   */
  openIntents(account: Account, span: Span): Promise<OpenIntent[] | undefined>;
}

export function backlog(stripe: Stripe): Backlog {
  return {
    undelivered: (account, span, types) =>
      read(async () => {
        const found: Stripe.Event[] = [];
        const created = { gte: span.from, lte: span.to };
        for (let start = 0; start < types.length; start += TYPES_PER_LIST) {
          const some = types.slice(start, start + TYPES_PER_LIST);
          const page = await pageOf(
            stripe.events.list(
              { delivery_success: false, created, types: some, limit: 100 },
              onAccount(account),
            ),
            span,
          );
          if (page === undefined) return undefined;
          found.push(...page);
        }
        return found.toReversed().toSorted((one, other) => one.created - other.created);
      }),

    openIntents: (account, span) =>
      read(async () => {
        const made = { created: { gte: span.from, lte: span.to }, limit: 100 };
        const payments = await pageOf(stripe.paymentIntents.list(made, onAccount(account)), span);
        if (payments === undefined) return undefined;
        const setups = await pageOf(stripe.setupIntents.list(made, onAccount(account)), span);
        if (setups === undefined) return undefined;
        return [...payments, ...setups].filter(isOpenCheckout).map(({ id, metadata }) => ({
          id,
          organizationId: metadata?.["organization_id"] ?? "",
        }));
      }),
  };
}
