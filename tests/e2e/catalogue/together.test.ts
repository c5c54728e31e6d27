import { Client } from "pg";
import Stripe from "stripe";
import { expect, it } from "vitest";
import { readCatalogue } from "../../../catalogue/define.ts";
import { push } from "../../../catalogue/push.ts";
import { eventually } from "../../support/shop.ts";
import { keyOf, openCatalogues, wares } from "./shelf.ts";

const { shopStack, stripe, rows, typed } = await openCatalogues();

async function connected(): Promise<Client> {
  const one = new Client({ connectionString: shopStack.databaseUrl });
  await one.connect();
  return one;
}

const progress = () => undefined;

/** Stripe's client, which stops before it archives the first price until `meanwhile` has come to its end. */
function stoppedBy(meanwhile: () => Promise<unknown>): Stripe {
  let came: Promise<unknown> | undefined;
  const fetchLater = async (input: URL | RequestInfo, init?: RequestInit) => {
    const request = new Request(input, init);
    const body = request.method === "POST" ? await request.clone().text() : "";
    if (request.url.includes("/v1/prices/") && body.includes("active=false")) {
      await (came ??= meanwhile());
    }
    return fetch(request);
  };
  const { hostname, port } = new URL(shopStack.stripeUrl);
  return new Stripe(shopStack.stripeSecretKey, {
    host: hostname,
    port: Number(port),
    protocol: "http",
    httpClient: Stripe.createFetchHttpClient(fetchLater),
  });
}

const waiting = () =>
  rows(
    "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%pg_advisory_lock(%'",
  );

it("a push waits until another of its organization has archived at Stripe, and then sells what it says", async () => {
  const input = wares();
  await typed("push", input);
  const without = structuredClone(input);
  delete without.products?.["basic"];
  const [first, second] = [await connected(), await connected()];
  try {
    let later: Promise<unknown> | undefined;
    const slow = stoppedBy(async () => {
      later = push({ client: second, stripe, livemode: false, progress }, readCatalogue(input));
      const ended = later.then(() => ["not waited for"]);
      const came = await eventually(
        () => Promise.race([ended, waiting()]),
        (found) => found.length > 0,
      );
      expect(came).toEqual([{}]);
    });
    const taken = await push(
      { client: first, stripe: slow, livemode: false, progress },
      readCatalogue(without),
    );
    expect(taken.done).toContainEqual(expect.objectContaining({ on: "stripe", act: "archive" }));
    expect(later).toBeDefined();
    await later;
  } finally {
    await Promise.all([first.end(), second.end()]);
  }
  const { data: [price] } = await stripe.prices.list({ lookup_keys: [`${keyOf(input)}:free`] });
  expect(price?.active).toBe(true);
  await typed("check", input);
  expect(await waiting()).toEqual([]);
});

it("a push that fails lets go of its organization", async () => {
  const input = wares();
  const client = await connected();
  try {
    const refused = { client, stripe, livemode: false, progress };
    const wanted = readCatalogue(input);
    await client.query("set default_transaction_read_only = on");
    await expect(push(refused, wanted)).rejects.toThrow("read-only");
    await typed("push", input);
  } finally {
    await client.end();
  }
});
