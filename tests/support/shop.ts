import { randomBytes, randomUUID } from "node:crypto";
import { createCheckoutServer } from "@billingos/checkout/server";
import { stripeAdmin } from "@billingos/stripe-simulator/admin";
import { Client } from "pg";
import Stripe from "stripe";
import * as z from "zod";
import { newTestKey } from "../../stack/organization.ts";
import { MAKE_PARTITIONS } from "../../stack/realtime/partitions.ts";
import { checkedClient } from "./checked-client.ts";
import { connectPrices } from "./stripe-prices.ts";
import type { CreateResponse } from "../../shared/contract/create.ts";
import { createSessionTokenResponse, type Operation } from "../../shared/contract/session-token.ts";
import type { ShopStack } from "./shop-stack.ts";
import type { Snapshot } from "../../shared/contract/snapshot.ts";

export interface ShopOptions {
  /** Sells on a connected account with this fee, in basis points. */
  readonly applicationFeeBps?: number;
  /** Minor units of the two products' monthly prices. */
  readonly amount?: number;
  readonly currency?: string;
}

/** What is particular about a product for sale; see ShopOptions for the rest. */
export interface Offer {
  readonly amount?: number;
  readonly currency?: string;
  readonly trialDays?: number;
  readonly interval?: "day" | "week" | "month" | "year";
  /** Another price of a product that is for sale. */
  readonly productId?: string;
  readonly intervalCount?: number;
  readonly minQuantity?: number;
  /** Null is no bound. */
  readonly maxQuantity?: number | null;
}

export interface ProductForSale {
  readonly productId: string;
  readonly priceId: string;
}

/** An organization of one's own with two products for sale, so that tests on one stack do not meet. */
export async function openShop(stack: ShopStack, options: ShopOptions = {}) {
  const database = new Client({ connectionString: stack.superuserUrl });
  await database.connect();
  // As where somebody has watched a checkout: what is sent is kept.
  await database.query(MAKE_PARTITIONS);
  const query = async <Row extends object = Record<string, unknown>>(
    sql: string,
    values: unknown[] = [],
  ) => (await database.query<Row>(sql, values)).rows;
  const one = async <Row extends object = Record<string, unknown>>(
    sql: string,
    values: unknown[] = [],
  ) => {
    const [row] = await query<Row>(sql, values);
    if (row === undefined) throw new Error(`no row: ${sql}`);
    return row;
  };

  const account = options.applicationFeeBps === undefined
    ? undefined
    : `acct_${randomBytes(8).toString("hex")}`;
  const admin = (method: string, path: string, body?: unknown) =>
    stripeAdmin(stack.stripeAdminUrl, method, path, body);
  if (account !== undefined) await admin("POST", "/accounts", { id: account });
  const { id: organizationId } = await one<{ id: string }>(
    `insert into billing.organizations (name, stripe_account_id, application_fee_bps)
     values ('A shop', $1, $2) returning id`,
    [account, options.applicationFeeBps ?? 0],
  );
  const newProduct = async (name: string): Promise<string> => {
    const { id } = await one<{ id: string }>(
      "insert into billing.products (organization_id, name) values ($1, $2) returning id",
      [organizationId, name],
    );
    await query(
      `with feature as (
         insert into billing.features (organization_id, key, name)
         select $1, lower($2) || '-' || n, $2 || ' ' || n from generate_series(1, 2) n returning id
       ) insert into billing.product_features (product_id, feature_id) select $3, id from feature`,
      [organizationId, name, id],
    );
    return id;
  };
  const sell = async (name: string, offer: Offer = {}): Promise<ProductForSale> => {
    const productId = offer.productId ?? await newProduct(name);
    const { id: priceId } = await one<{ id: string }>(
      `insert into billing.product_prices (product_id, currency, unit_amount, recurring_interval,
         recurring_interval_count, trial_days, min_quantity, max_quantity)
       values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`,
      [
        productId,
        offer.currency ?? options.currency ?? "usd",
        offer.amount ?? options.amount ?? 2900,
        offer.interval ?? "month",
        offer.intervalCount ?? 1,
        offer.trialDays ?? 0,
        offer.minQuantity ?? 1,
        offer.maxQuantity === undefined ? 1 : offer.maxQuantity,
      ],
    );
    return { productId, priceId };
  };
  const pro = await sell("Pro");
  const team = await sell("Team");
  const stripe = simulatedStripe(stack);
  await connectPrices(database, stripe);
  const digestKey = new Uint8Array(Buffer.from(stack.digestKey, "base64url"));
  const organizationKey = await newTestKey(database, organizationId, digestKey);
  const client = checkedClient(stack.functionsUrl);
  const server = createCheckoutServer({ functionsUrl: stack.functionsUrl, organizationKey });
  const onAccount = account === undefined ? {} : { stripeAccount: account };

  return {
    organizationId,
    organizationKey,
    account,
    pro,
    team,
    /** Puts one more product up for sale. */
    async sell(name: string, offer: Offer): Promise<ProductForSale> {
      const product = await sell(name, offer);
      await connectPrices(database, stripe);
      return product;
    },
    /** Offers a discount, named as the columns of its table; answers its id. */
    async offer(
      discount: { readonly code: string } & Readonly<Record<string, unknown>>,
    ): Promise<string> {
      const given = { organization_id: organizationId, ...discount };
      const columns = Object.keys(given);
      const { id } = await one<{ id: string }>(
        `insert into billing.discounts (${columns.join(", ")})
         values (${columns.map((_, index) => `$${index + 1}`).join(", ")}) returning id`,
        Object.values(given),
      );
      return id;
    },
    client,
    stripe,
    onAccount,
    query,
    one,
    admin,
    close: () => database.end(),

    async token(
      externalUserId: string = randomUUID(),
      expiresIn = 3600,
      allowedOperations?: readonly Operation[],
    ): Promise<string> {
      const answer = await server.createSessionToken({
        externalUserId,
        expiresIn,
        allowedOperations: allowedOperations && [...allowedOperations],
      });
      return createSessionTokenResponse.parse(answer).sessionToken;
    },

    /** A session for the product Pro unless told otherwise, of a new customer unless told which. */
    async create(
      input: {
        readonly user?: string;
        readonly priceId?: string;
        readonly email?: string;
        readonly quantity?: number;
        readonly couponCode?: string;
      } = {},
    ): Promise<CreateResponse> {
      return client.create(await this.token(input.user), {
        priceId: input.priceId ?? pro.priceId,
        quantity: input.quantity,
        couponCode: input.couponCode,
        ...(input.email === undefined ? {} : { customer: { email: input.email } }),
      });
    },

    pay: (session: CreateResponse, paymentMethodId = "pm_card_visa") =>
      client.confirm(session.clientSecret, { paymentMethodId }),

    /** Pays, or sets a card up, as Stripe.js does: from the browser to Stripe, past our confirm. */
    async payInBrowser(session: CreateResponse, paymentMethodId = "pm_card_visa"): Promise<void> {
      const kind = session.paymentIntentId?.startsWith("seti_")
        ? "setup_intents"
        : "payment_intents";
      const response = await fetch(
        `${stack.stripeUrl}/v1/${kind}/${session.paymentIntentId}/confirm`,
        {
          method: "POST",
          headers: {
            authorization: `Bearer ${session.stripePublishableKey}`,
            "content-type": "application/x-www-form-urlencoded",
            ...(account === undefined ? {} : { "stripe-account": account }),
          },
          body: new URLSearchParams({
            client_secret: session.clientSecret,
            payment_method: paymentMethodId,
          }),
        },
      );
      if (!response.ok) throw new Error(`Stripe answered ${response.status}`);
    },

    status: (session: { readonly id: string }): Promise<Snapshot> => client.status(session.id),

    /** Stripe's clock, in Unix seconds. */
    clock: async () => z.object({ now: z.number() }).parse(await admin("GET", "/clock")),

    /** Waits until Stripe has nothing left to deliver, for as long as deliveries arrive. */
    async idle(): Promise<void> {
      const { idle, open } = z.object({ idle: z.boolean(), open: z.number() })
        .parse(await admin("GET", "/idle?timeout_ms=30000"));
      if (!idle) throw new Error(`Stripe still has ${open} deliveries open, and none arrives`);
    },

    /** What the simulator holds for a session, found as an auditor would: by what it charged. */
    async atStripe(session: CreateResponse) {
      const intentId = session.paymentIntentId ?? "";
      const intent = await stripe.paymentIntents.retrieve(intentId, {
        expand: ["latest_charge"],
      }, onAccount);
      const all = await stripe.subscriptions.list({ status: "all", limit: 100 }, onAccount);
      const subscriptions = all.data.filter(({ metadata }) =>
        metadata["checkout_session_id"] === session.id
      );
      const { data: refunds } = await stripe.refunds.list({ payment_intent: intentId }, onAccount);
      return { intent, subscriptions, refunds };
    },
  };
}

export type Shop = Awaited<ReturnType<typeof openShop>>;

/** The real Stripe package, pointed at the simulator: the auditor's view. */
export function simulatedStripe(stack: Pick<ShopStack, "stripeUrl" | "stripeSecretKey">): Stripe {
  const { hostname, port } = new URL(stack.stripeUrl);
  return new Stripe(stack.stripeSecretKey, {
    host: hostname,
    port: Number(port),
    protocol: "http",
  });
}

/** Asks again until the answer is accepted; throws with the last one. */
export async function eventually<T>(
  ask: () => Promise<T>,
  accept: (answer: T) => boolean,
  milliseconds = 180_000,
): Promise<T> {
  const until = Date.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (accept(answer)) return answer;
    if (Date.now() > until) {
      throw new Error(`not within ${milliseconds} ms: ${JSON.stringify(answer)}`);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 25);
    });
  }
}

/** What a refused call answered. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ status: number; code: string; details?: unknown; message: string }> {
  try {
    await call;
  } catch (error) {
    if (typeof error === "object" && error !== null && "status" in error && "code" in error) {
      const { status, code } = error;
      return {
        status: Number(status),
        code: String(code),
        message: error instanceof Error ? error.message : "",
        ...("details" in error ? { details: error.details } : {}),
      };
    }
    throw error;
  }
  throw new Error("the call was not refused");
}
