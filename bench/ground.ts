import { readFile } from "node:fs/promises";
import { Client } from "pg";
import { type Stack, startStack } from "../stack/index.ts";
import { openRunFolder, type RunFolder } from "../stack/process/run-folder.ts";
import { openShop, type Shop } from "../tests/support/shop.ts";
import { shopStackOf } from "../tests/support/shop-stack.ts";
import { type Books, openBooks } from "./sql/books.ts";
import { type Handler, startHandler } from "./yardsticks/start.ts";

/** A running stack with a shop on it, whose limits nobody reaches. */
export interface Market {
  readonly stack: Stack;
  readonly shop: Shop;
  /** As the superuser. */
  readonly database: Client;
  /** Where a function listens, past the gateway: what the platform's gateway costs is not ours. */
  readonly functionUrl: (slug: string) => Promise<string>;
  /** Starts a handler of yardsticks/ with the stack's database and Stripe. */
  readonly handler: (name: string) => Promise<Handler>;
}

/** What figures stand on; each part is started when it is first asked for. */
export interface Ground {
  readonly folder: RunFolder;
  readonly market: () => Promise<Market>;
  /** A migrated database of its own server each time. */
  readonly books: () => Promise<Books>;
  /** Whether the sizes and times are those of the long run. */
  readonly large: boolean;
  /** Whether they are to be as small as can be, to see that all runs. */
  readonly brief: boolean;
  /** With how many sessions the database is filled, where that was said. */
  readonly sessions?: number | undefined;
  readonly close: () => Promise<void>;
}

export async function openGround(
  scale: Pick<Ground, "large" | "brief" | "sessions">,
): Promise<Ground> {
  const folder = await openRunFolder();
  const closing: (() => Promise<unknown>)[] = [() => folder.remove()];
  let market: Promise<Market> | undefined;
  return {
    ...scale,
    folder,
    market: () => market ??= openMarket(folder, closing),
    books: async () => {
      const books = await openBooks();
      closing.push(() => books.close());
      return books;
    },
    close: async () => {
      for (const close of closing.toReversed()) await close();
    },
  };
}

async function openMarket(
  folder: RunFolder,
  closing: (() => Promise<unknown>)[],
): Promise<Market> {
  const stack = await startStack({ env: {} });
  closing.push(() => stack.stop());
  const database = new Client({ connectionString: stack.superuserUrl });
  await database.connect();
  closing.push(() => database.end());
  await database.query(
    await readFile(new URL("yardsticks/functions.sql", import.meta.url), "utf8"),
  );
  // One machine plays all customers of the world here.
  await database.query("update billing.rate_limits set max_count = 1000000000");
  const shop = await openShop(shopStackOf(stack));
  closing.push(() => shop.close());
  const env = {
    SUPABASE_URL: stack.info.apiUrl,
    SUPABASE_SECRET_KEY: stack.info.secretKey,
    STRIPE_API_URL: stack.info.stripeUrl,
    STRIPE_SECRET_KEY: stack.info.stripeSecretKey,
    STRIPE_WEBHOOK_SECRET: stack.info.webhookSecret,
    DATABASE_URL: stack.superuserUrl,
  };
  return {
    stack,
    shop,
    database,
    functionUrl: async (slug) => {
      const port = await stack.functions.find(slug)?.port();
      if (port === undefined) throw new Error(`function ${slug} does not start`);
      return `http://127.0.0.1:${port}/${slug}`;
    },
    handler: async (name) => {
      const handler = await startHandler(folder, name, env);
      closing.push(() => handler.stop());
      return handler;
    },
  };
}
