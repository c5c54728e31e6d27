import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCheckoutServer } from "@billingos/checkout/server";
import { stripeAdmin } from "@billingos/stripe-simulator/admin";
import { Client } from "pg";
import { afterAll } from "vitest";
import type { CatalogueInput } from "../../../catalogue/define.ts";
import { catalogue } from "../../../scripts/catalogue.ts";
import { newTestKey } from "../../../stack/organization.ts";
import { checkedClient } from "../../support/checked-client.ts";
import { CommandFailed, runCommand } from "../../support/command.ts";
import { simulatedStripe } from "../../support/shop.ts";
import { stack } from "../../support/stack.ts";

/** An organization that no other test has. */
export function wares(more: Partial<CatalogueInput> = {}): CatalogueInput {
  const key = `shop-${randomUUID().slice(0, 8)}`;
  return {
    organization: { key, name: "A shop" },
    features: { seats: { name: "Seats", type: "perSeat" }, sso: { name: "SSO", type: "boolean" } },
    products: {
      pro: {
        name: "Pro",
        description: "For a team",
        features: { sso: true, seats: 3 },
        prices: {
          monthly: { currency: "usd", amount: 2900, interval: "month" },
          yearly: { currency: "usd", amount: 29000, interval: "year", trialDays: 7 },
        },
      },
      basic: { name: "Basic", prices: { free: { currency: "usd", amount: 0, interval: "month" } } },
    },
    discounts: {
      hello: { code: `HELLO-${key}`, percentOff: 10, duration: "once", product: "pro" },
    },
    ...more,
  };
}

/** The same with another amount of the price `monthly`. */
export function at(amount: number, input: CatalogueInput): CatalogueInput {
  const copy = structuredClone(input);
  const monthly = copy.products?.["pro"]?.prices["monthly"];
  if (monthly === undefined) throw new Error("there is no monthly price");
  monthly.amount = amount;
  return copy;
}

/** How a command that is to fail has ended. */
export async function failed(run: Promise<unknown>): Promise<CommandFailed> {
  try {
    await run;
  } catch (error) {
    if (error instanceof CommandFailed) return error;
    throw error;
  }
  throw new Error("the command ended well");
}

export const byText = (a: string, b: string) => a.localeCompare(b);

/** The id of a related object, which Stripe gives as id or whole. */
export function idOf(related: string | { readonly id: string } | null | undefined): string {
  if (related === null || related === undefined) throw new Error("there is no related object");
  return typeof related === "string" ? related : related.id;
}

export const keyOf = ({ organization }: CatalogueInput) => organization.key;

/** The worker's stack, and what is typed and seen there; closed after the file. */
export async function openCatalogues() {
  const shopStack = stack();
  const stripe = simulatedStripe(shopStack);
  const database = new Client({ connectionString: shopStack.databaseUrl });
  await database.connect();
  const folder = await mkdtemp(join(tmpdir(), "catalogue-"));
  afterAll(async () => {
    await database.end();
    await rm(folder, { recursive: true });
  });

  const env = {
    DATABASE_URL: shopStack.databaseUrl,
    STRIPE_SECRET_KEY: shopStack.stripeSecretKey,
    STRIPE_API_URL: shopStack.stripeUrl,
  };
  const admin = (method: string, path: string, body?: unknown) =>
    stripeAdmin(shopStack.stripeAdminUrl, method, path, body);
  const idle = () => admin("GET", "/idle?timeout_ms=30000");
  const rows = async (sql: string, values: unknown[] = []) =>
    (await database.query<Record<string, unknown>>(sql, values)).rows;

  let files = 0;

  /** A file that exports it; a new one each time, since a module is loaded once. */
  async function fileOf(input: unknown): Promise<string> {
    const file = join(folder, `catalogue-${files += 1}.mts`);
    await writeFile(file, `export default ${JSON.stringify(input)};\n`);
    return file;
  }

  const typed = async (verb: string, input: unknown, ...args: string[]) =>
    runCommand(catalogue, env, [verb, "--file", await fileOf(input), ...args]);

  /** Everything that an organization has at Stripe and in the database once all is told, to be compared with itself. */
  async function everything(key: string, account?: string) {
    await idle();
    const options = account === undefined ? {} : { stripeAccount: account };
    const sold = await stripe.prices.list({ limit: 100 }, options);
    const archived = await stripe.prices.list({ active: false, limit: 100 }, options);
    const products = await stripe.products.list({ limit: 100 }, options);
    const isOurs = ({ metadata }: { metadata: Record<string, string> }) =>
      metadata["organization_key"] === key;
    const of = "select o.id from billing.organizations o where o.key = $1";
    return {
      prices: [...sold.data, ...archived.data].filter(isOurs),
      products: products.data.filter(isOurs),
      rows: [
        await rows(`select * from billing.products where organization_id = (${of}) order by id`, [
          key,
        ]),
        await rows(
          `select * from billing.product_prices where organization_id = (${of}) order by id`,
          [
            key,
          ],
        ),
        await rows(`select * from billing.discounts where organization_id = (${of}) order by id`, [
          key,
        ]),
      ],
    };
  }

  /** A customer's token for what the organization sells. */
  async function customerOf(key: string): Promise<string> {
    const [organization] = await rows("select id from billing.organizations where key = $1", [key]);
    const digestKey = new Uint8Array(Buffer.from(shopStack.digestKey, "base64url"));
    const organizationKey = await newTestKey(
      database,
      String(organization?.["id"]),
      digestKey,
    );
    const server = createCheckoutServer({ functionsUrl: shopStack.functionsUrl, organizationKey });
    const { sessionToken } = await server.createSessionToken({ externalUserId: randomUUID() });
    return sessionToken;
  }

  const client = checkedClient(shopStack.functionsUrl);

  return {
    shopStack,
    stripe,
    database,
    folder,
    env,
    admin,
    idle,
    rows,
    fileOf,
    typed,
    everything,
    customerOf,
    client,
  };
}
