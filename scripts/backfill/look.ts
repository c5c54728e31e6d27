import type { Client } from "pg";
import type Stripe from "stripe";
import { causeText } from "../../shared/runtime/cause.ts";
import { AccountGone } from "../../shared/stripe/errors.ts";
import { onAccount } from "../../shared/stripe/account.ts";
import { read } from "../../shared/stripe/write.ts";
import type { SyncPorts } from "../../shared/sync/ports.ts";
import type { Finding } from "./finding.ts";
import type { Place, Row, Rows } from "./rows.ts";

/** What one account is compared with. */
export interface Look {
  readonly place: Place;
  /** Unix seconds. */
  readonly since: number;
  readonly client: Client;
  readonly rows: Rows;
  readonly stripe: Stripe;
  /** Of which Stripe is only read. */
  readonly ports: SyncPorts;
  /** For a checkout that is to be completed, as reconcile does it. */
  readonly completing: SyncPorts;
  /** Subscriptions that were compared already in this run. */
  readonly compared: Set<string>;
  /** Subscriptions of checkouts in no row here that were told of in this run, and these checkouts. */
  readonly lost: Set<string>;
  /** Payments of invoices that were told of in this run: known by no row, and all the same not for nothing. */
  readonly billed: Set<string>;
}

/** Some of a list, in an order in which the next can be asked for. */
export interface Page {
  readonly findings: readonly Finding[];
  /** How many things were looked at. */
  readonly read: number;
  /** After which the next page begins; undefined at the end. */
  readonly last: string | undefined;
}

/** One list that is gone through. */
export interface Stage {
  readonly name: string;
  readonly page: (look: Look, after: string | undefined) => Promise<Page>;
}

interface ListParams {
  readonly limit: number;
  readonly created: { readonly gte: number };
  readonly starting_after?: string;
}

/**
 * As many as Stripe lists at a time (https://docs.stripe.com/api/pagination), newest first, of what was made since the beginning:
 * `created` is the one time that its lists go by (https://docs.stripe.com/api/subscriptions/list#list_subscriptions-created).
 */
export async function listed<One extends { readonly id: string }>(
  { since, place }: Look,
  after: string | undefined,
  list: (params: ListParams, options: Stripe.RequestOptions) => Stripe.ApiListPromise<One>,
): Promise<{ readonly data: readonly One[]; readonly last: string | undefined }> {
  const params = { limit: 100, created: { gte: since } };
  const { data, has_more: hasMore } = await read<Stripe.ApiList<One>>(() =>
    list(
      after === undefined ? params : { ...params, starting_after: after },
      onAccount(place.account),
    )
  );
  return { data, last: hasMore ? data.at(-1)?.id : undefined };
}

/** Rows that are compared with readings of their own, after which the run keeps how far it is. */
const ROWS = 25;

/** The next rows, by Stripe's ids, and after which the ones behind them begin. */
export async function nextRows<One extends Row>(
  after: string | undefined,
  list: (after: string, limit: number) => Promise<readonly One[]>,
): Promise<{ readonly page: readonly One[]; readonly last: string | undefined }> {
  const page = await list(after ?? "", ROWS);
  return { page, last: page.length < ROWS ? undefined : page.at(-1)?.stripeId };
}

/** What comes of each; one that fails is a finding, and holds up no other. */
export async function findings<One>(
  { ports }: Look,
  things: readonly One[],
  named: (one: One) => Pick<Finding, "kind" | "stripeId">,
  look: (one: One) => Promise<readonly Finding[]>,
): Promise<Finding[]> {
  const all = await Promise.all(things.map(async (one): Promise<readonly Finding[]> => {
    try {
      return await look(one);
    } catch (error) {
      if (error instanceof AccountGone) throw error;
      const { kind, stripeId } = named(one);
      ports.log.error("not compared", { kind, stripeId, cause: causeText(error) });
      return [{ kind, stripeId, problem: "failed" }];
    }
  }));
  return all.flat();
}
