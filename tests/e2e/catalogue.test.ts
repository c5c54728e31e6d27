import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripeAdmin } from "@billingos/stripe-simulator/admin";
import { Client } from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { type CatalogueInput, readCatalogue } from "../../catalogue/define.ts";
import { push } from "../../catalogue/push.ts";
import { catalogue } from "../../scripts/catalogue.ts";
import { projectRoot } from "../../scripts/source/project-files.ts";
import { checkoutClient } from "../../shared/client/checkout.ts";
import { request } from "../../shared/client/request.ts";
import { createSessionTokenResponse } from "../../shared/contract/session-token.ts";
import { createOrganizationKey } from "../../stack/catalogue/organization.ts";
import { CommandFailed, runCommand } from "../support/command.ts";
import { eventually, refusal, simulatedStripe } from "../support/shop.ts";
import { stack } from "../support/stack.ts";

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

/** An organization that no other test has. */
function wares(more: Partial<CatalogueInput> = {}): CatalogueInput {
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
function at(amount: number, input: CatalogueInput): CatalogueInput {
  const copy = structuredClone(input);
  const monthly = copy.products?.["pro"]?.prices["monthly"];
  if (monthly === undefined) throw new Error("there is no monthly price");
  monthly.amount = amount;
  return copy;
}

let files = 0;

/** A file that exports it; a new one each time, since a module is loaded once. */
async function fileOf(input: unknown): Promise<string> {
  const file = join(folder, `catalogue-${files += 1}.mts`);
  await writeFile(file, `export default ${JSON.stringify(input)};\n`);
  return file;
}

const typed = async (verb: string, input: unknown, ...args: string[]) =>
  runCommand(catalogue, env, [verb, "--file", await fileOf(input), ...args]);

/** How a command that is to fail has ended. */
async function failed(run: Promise<unknown>): Promise<CommandFailed> {
  try {
    await run;
  } catch (error) {
    if (error instanceof CommandFailed) return error;
    throw error;
  }
  throw new Error("the command ended well");
}

/** Everything that an organization has at Stripe and in the database, to be compared with itself. */
async function everything(key: string, account?: string) {
  const options = account === undefined ? {} : { stripeAccount: account };
  const prices = await stripe.prices.list({ limit: 100 }, options);
  const products = await stripe.products.list({ limit: 100 }, options);
  const isOurs = ({ metadata }: { metadata: Record<string, string> }) =>
    metadata["organization_key"] === key;
  const of = "select o.id from billing.organizations o where o.key = $1";
  return {
    prices: prices.data.filter(isOurs),
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

const byText = (a: string, b: string) => a.localeCompare(b);

/** The id of a related object, which Stripe gives as id or whole. */
function idOf(related: string | { readonly id: string } | null | undefined): string {
  if (related === null || related === undefined) throw new Error("there is no related object");
  return typeof related === "string" ? related : related.id;
}

const keyOf = ({ organization }: CatalogueInput) => organization.key;

/** A customer's token for what the organization sells. */
async function customerOf(key: string): Promise<string> {
  const [organization] = await rows("select id from billing.organizations where key = $1", [key]);
  const digestKey = new Uint8Array(Buffer.from(shopStack.digestKey, "base64url"));
  const bearer = await createOrganizationKey(database, String(organization?.["id"]), digestKey);
  const { sessionToken } = await request(
    `${shopStack.functionsUrl}/session-tokens`,
    createSessionTokenResponse,
    { method: "POST", bearer, body: { externalUserId: randomUUID() } },
  );
  return sessionToken;
}

const client = checkoutClient(shopStack.functionsUrl);

describe("a push", () => {
  it("sells what the file says, and a second one changes nothing", async () => {
    const input = wares();
    const { stdout: planned } = await typed("plan", input);
    expect(planned).toContain("+ Stripe    price monthly: create $29.00 every month");
    expect((await everything(keyOf(input))).rows).toEqual([[], [], []]);
    expect((await typed("push", input)).stdout).toBe(planned);
    await idle();

    const before = await everything(keyOf(input));
    expect(before.products).toHaveLength(2);
    expect(before.prices.map((price) => price.lookup_key ?? "").toSorted(byText)).toEqual(
      ["free", "monthly", "yearly"].map((name) => `${keyOf(input)}:${name}`),
    );
    expect((await typed("plan", input)).stdout).toContain("nothing to do");
    expect((await typed("push", input)).stdout).toContain("nothing to do");
    expect((await typed("check", input)).stdout).toContain("nothing to do");
    expect(await everything(keyOf(input))).toEqual(before);
  });

  it("lets a customer buy by a price's key, and never by another organization's", async () => {
    const [mine, theirs] = [wares(), wares()];
    const other = structuredClone(theirs);
    other.products = {
      solo: {
        name: "Solo",
        prices: {
          "only-theirs": {
            currency: "usd",
            amount: 500,
            interval: "month",
          },
        },
      },
    };
    other.discounts = {};
    await typed("push", mine);
    await typed("push", other);
    const token = await customerOf(keyOf(mine));
    const session = await client.create(token, {
      priceId: "monthly",
      couponCode: `HELLO-${keyOf(mine)}`,
    });
    expect(session).toMatchObject({ priceKey: "monthly", amount: 2900, totalAmount: 2610 });
    const confirmed = await client.confirm(session.clientSecret, {
      paymentMethodId: "pm_card_visa",
    });
    expect(confirmed.status).toBe("active");
    const refused = await refusal(client.create(token, { priceId: "only-theirs" }));
    expect(refused).toMatchObject({ status: 404, code: "price_not_found" });
    expect(
      (await everything(keyOf(mine))).rows[0]?.map((row) => String(row["key"])).toSorted(byText),
    )
      .toEqual(["basic", "pro"]);
  });

  it("makes a new price of a changed one, while open checkouts and subscriptions keep the old", async () => {
    const input = wares();
    await typed("push", input);
    const token = await customerOf(keyOf(input));
    const bought = await client.create(token, { priceId: "monthly" });
    await client.confirm(bought.clientSecret, { paymentMethodId: "pm_card_visa" });
    const open = await client.create(await customerOf(keyOf(input)), { priceId: "monthly" });

    const { stdout } = await typed("push", at(3900, input));
    expect(stdout).toContain("a new row, since it changes: amount 2900 -> 3900");
    expect(stdout).toContain("archive once its 1 open checkouts have ended");
    const fresh = await client.create(await customerOf(keyOf(input)), { priceId: "monthly" });
    expect(fresh).toMatchObject({ amount: 3900, priceKey: "monthly" });
    expect(fresh.priceId).not.toBe(bought.priceId);
    // What waits for a checkout is no drift.
    await typed("check", at(3900, input));

    const paid = await client.confirm(open.clientSecret, { paymentMethodId: "pm_card_visa" });
    expect(paid.status).toBe("active");
    await idle();
    expect((await failed(typed("check", at(3900, input)))).code).toBe(1);
    expect((await typed("push", at(3900, input))).stdout).toMatch(
      /- Stripe +price price_\w+: archive$/m,
    );
    await typed("check", at(3900, input));
    const prices = await rows(
      `select pr.key, pr.active, pr.unit_amount::int as amount from billing.product_prices pr
       where pr.id = any ($1) order by amount`,
      [[bought.priceId, fresh.priceId]],
    );
    expect(prices).toEqual([
      { key: null, active: false, amount: 2900 },
      { key: "monthly", active: true, amount: 3900 },
    ]);
    const live = await rows(
      "select sub.status, sub.price_id from billing.subscriptions sub where sub.price_id = $1",
      [bought.priceId],
    );
    expect(live).toEqual([1, 2].map(() => ({ status: "active", price_id: bought.priceId })));
  });

  it("goes back to an earlier amount, and there is one price on sale", async () => {
    const input = wares();
    for (const amount of [2900, 3900, 2900]) await typed("push", at(amount, input));
    const { prices } = await everything(keyOf(input));
    const monthly = prices.filter((price) => price.metadata["price_key"] === "monthly");
    expect(monthly.filter(({ active }) => active).map((price) => price.unit_amount)).toEqual([
      2900,
    ]);
    await typed("check", input);
  });

  it("archives what the file leaves out, deletes nothing, and sells it again when it is back", async () => {
    const input = wares();
    await typed("push", input);
    const less = { ...input, products: { basic: input.products?.["basic"] }, discounts: {} };
    const { stdout } = await typed("push", less);
    expect(stdout).toContain("- database  product pro: archive");
    await idle();
    const after = await everything(keyOf(input));
    expect(after.rows.map((table) => table.map((row) => row["active"]))).toEqual([
      expect.arrayContaining([false, true]),
      expect.arrayContaining([false, false, true]),
      [false],
    ]);
    expect(after.products.map(({ active }) => String(active)).toSorted(byText)).toEqual([
      "false",
      "true",
    ]);
    await typed("check", less);
    await typed("push", input);
    await idle();
    await typed("check", input);
    expect((await everything(keyOf(input))).prices).toHaveLength(3);
  });

  it("makes another price the default before it archives the one that was", async () => {
    const input = wares();
    await typed("push", input);
    const { prices: [old] } = await (async () => {
      const { prices } = await everything(keyOf(input));
      return { prices: prices.filter((price) => price.metadata["price_key"] === "monthly") };
    })();
    const product = idOf(old?.product);
    await stripe.products.update(product, { default_price: old?.id ?? "" });
    await typed("push", at(3100, input));
    const { default_price: now } = await stripe.products.retrieve(product);
    expect(now).not.toBe(old?.id);
    expect((await stripe.prices.retrieve(idOf(now))).unit_amount).toBe(3100);
    expect((await stripe.prices.retrieve(old?.id ?? "")).active).toBe(false);
  });

  it("that dies between Stripe and the database is finished by the next, which makes nothing twice", async () => {
    const input = wares();
    const lookup = `${keyOf(input)}:free`;
    // All is made at Stripe, and no row can be written.
    const holder = new Client({ connectionString: shopStack.databaseUrl });
    await holder.connect();
    await holder.query("begin; lock table billing.products in share row exclusive mode");
    const child = spawn(
      process.execPath,
      ["scripts/run.mjs", "scripts/catalogue.ts", "push", "--file", await fileOf(input)],
      { cwd: projectRoot, env: { ...process.env, ...env }, stdio: "ignore" },
    );
    const gone = new Promise((resolve) => {
      child.once("close", resolve);
    });
    await eventually(
      () => stripe.prices.list({ lookup_keys: [lookup] }),
      ({ data }) => data.length === 1 || child.exitCode !== null,
    );
    expect(child.exitCode).toBe(null);
    child.kill("SIGKILL");
    await gone;
    await holder.end();
    const crashed = await everything(keyOf(input));
    expect(crashed.rows).toEqual([[], [], []]);

    await typed("push", input);
    const { prices, products } = await everything(keyOf(input));
    expect(new Set(prices.map(({ id }) => id))).toEqual(
      new Set(crashed.prices.map(({ id }) => id)),
    );
    expect(new Set(products.map(({ id }) => id)))
      .toEqual(new Set(crashed.products.map(({ id }) => id)));
    await typed("check", input);
  });

  it("beside another of the same file makes each product and price once", async () => {
    const input = wares();
    const wanted = readCatalogue(input);
    const pushes = await Promise.all([1, 2, 3].map(async () => {
      const own = new Client({ connectionString: shopStack.databaseUrl });
      await own.connect();
      try {
        const place = { client: own, stripe, livemode: false, progress: () => undefined };
        return await push(place, wanted);
      } finally {
        await own.end();
      }
    }));
    const made = pushes.map(({ done }) =>
      done.filter((step) => step.on === "stripe" && step.what === "price").length
    );
    expect(made.toSorted((a, b) => a - b)).toEqual([0, 0, 3]);
    const { prices, products, rows: tables } = await everything(keyOf(input));
    expect([prices.length, products.length, tables.map((table) => table.length)])
      .toEqual([3, 2, [2, 3, 1]]);
  });
});

describe("check", () => {
  /** What somebody did by hand, without waiting for the events that would tell of it. */
  const drifts: [string, (key: string) => Promise<unknown>, RegExp][] = [
    ["a price is archived at Stripe", async (key) => {
      const { data: [price] } = await stripe.prices.list({ lookup_keys: [`${key}:monthly`] });
      await stripe.prices.update(price?.id ?? "", { active: false });
    }, /price monthly: active false -> true/],
    ["a product is archived at Stripe", async (key) => {
      const { products } = await everything(key);
      await stripe.products.update(products[0]?.id ?? "", { active: false });
    }, /product \w+: active false -> true/],
    ["a product is renamed at Stripe", async (key) => {
      const { products } = await everything(key);
      const pro = products.find((one) => one.metadata["product_key"] === "pro");
      await stripe.products.update(pro?.id ?? "", { name: "Premium" });
    }, /Stripe +product pro: name "Premium" -> "Pro"/],
    ["a row has another amount", (key) =>
      rows(
        `update billing.product_prices pr set unit_amount = 1900 from billing.organizations o
         where o.id = pr.organization_id and o.key = $1 and pr.key = 'monthly'`,
        [key],
      ), /amount 1900 -> 2900/],
    ["a row has another currency", (key) =>
      rows(
        `update billing.product_prices pr set currency = 'eur' from billing.organizations o
         where o.id = pr.organization_id and o.key = $1 and pr.key = 'monthly'`,
        [key],
      ), /currency "eur" -> "usd"/],
    ["a row has another interval", (key) =>
      rows(
        `update billing.product_prices pr set recurring_interval = 'week' from billing.organizations o
         where o.id = pr.organization_id and o.key = $1 and pr.key = 'monthly'`,
        [key],
      ), /interval "week" -> "month"/],
    ["a row is not on sale", (key) =>
      rows(
        `update billing.product_prices pr set active = false from billing.organizations o
         where o.id = pr.organization_id and o.key = $1 and pr.key = 'monthly'`,
        [key],
      ), /active false -> true/],
    ["a row names a price that Stripe does not have", (key) =>
      rows(
        `update billing.product_prices pr set stripe_price_id = 'price_nobodys' from billing.organizations o
         where o.id = pr.organization_id and o.key = $1 and pr.key = 'monthly'`,
        [key],
      ), /stripeId "price_nobodys"/],
    ["a row is missing", (key) =>
      rows(
        `delete from billing.product_prices pr using billing.organizations o
         where o.id = pr.organization_id and o.key = $1 and pr.key = 'monthly'`,
        [key],
      ), /database +price monthly: create/],
    ["a feature is worth more", (key) =>
      rows(
        `update billing.product_features pf set quantity = 99 from billing.features f, billing.organizations o
         where f.id = pf.feature_id and o.id = f.organization_id and o.key = $1 and f.key = 'seats'`,
        [key],
      ), /product pro: features/],
    ["a discount takes off more", (key) =>
      rows(
        `update billing.discounts d set percent_off = 99 from billing.organizations o
         where o.id = d.organization_id and o.key = $1`,
        [key],
      ), /discount hello: percentOff 99 -> 10/],
    ["a coupon is deleted at Stripe", async (key) => {
      const { data } = await stripe.coupons.list({ limit: 100 });
      const coupon = data.find(({ name }) => `HELLO-${key}`.startsWith(name ?? "-"));
      await stripe.coupons.del(coupon?.id ?? "");
    }, /coupon hello: create/],
    [
      "a setting of the organization is another",
      (key) => rows("update billing.organizations set tax_enabled = true where key = $1", [key]),
      /taxEnabled true -> false/,
    ],
  ];

  it.each(drifts)("fails where %s, and a push mends it", async (_what, tamper, told) => {
    const input = wares();
    await typed("push", input);
    await idle();
    await typed("check", input);
    await tamper(keyOf(input));
    await idle();
    const { code, stdout } = await failed(typed("check", input));
    expect(code).toBe(1);
    expect(stdout).toMatch(told);
    await typed("push", input);
    await idle();
    await typed("check", input);
  });
});

describe("pull", () => {
  it("writes what an account sells; its plan makes nothing at Stripe, and once pushed it is empty", async () => {
    const account = `acct_${randomUUID().slice(0, 12).replaceAll("-", "")}`;
    await admin("POST", "/accounts", { id: account });
    const options = { stripeAccount: account };
    const product = await stripe.products.create(
      { name: "Équipe & Co", description: "By hand" },
      options,
    );
    await stripe.products.create({ name: "Without a price" }, options);
    const of = { product: product.id, currency: "usd" };
    await stripe.prices.create(
      { ...of, unit_amount: 1900, recurring: { interval: "month" } },
      options,
    );
    await stripe.prices.create({
      ...of,
      unit_amount: 19000,
      recurring: { interval: "year" },
      lookup_key: "team_yearly",
    }, options);
    await stripe.prices.create({ ...of, unit_amount: 5000 }, options);
    const feature = await stripe.entitlements.features.create({
      lookup_key: "api-access",
      name: "API access",
    }, options);
    await stripe.products.createFeature(product.id, { entitlement_feature: feature.id }, options);

    const key = `pulled-${randomUUID().slice(0, 8)}`;
    const file = join(projectRoot, "catalogue", `pulled-${randomUUID()}.ts`);
    try {
      const said = await runCommand(catalogue, env, [
        "pull",
        "--file",
        file,
        "--organization",
        key,
        "--account",
        account,
      ]);
      expect(said.stderr).toContain("it is no subscription's");
      expect(said.stderr).toContain("Without a price");
      const text = await readFile(file, "utf8");
      expect(text).toContain(`import { defineCatalogue } from "./index.ts"`);
      expect(text).toContain(`"api-access": true`);
      expect(text).toContain("team_yearly: {");

      const run = (verb: string) => runCommand(catalogue, env, [verb, "--file", file]);
      const { stdout: planned } = await run("plan");
      expect(planned).toContain("+ database  price equipe-co-monthly: create");
      expect(planned).not.toContain("Stripe  ");
      await run("push");
      expect((await run("plan")).stdout).toContain("nothing to do");
      await run("check");
      // Nothing was made, and what the account knows its prices by is as it was.
      const { data } = await stripe.prices.list({ limit: 100 }, options);
      expect(data.map((price) => price.lookup_key)).toEqual([null, "team_yearly", null]);
    } finally {
      await rm(file, { force: true });
    }
  });

  it("overwrites no file", async () => {
    const file = await fileOf({ mine: true });
    const { code, stderr } = await failed(
      runCommand(catalogue, env, ["pull", "--file", file, "--organization", "acme"]),
    );
    expect([code, stderr]).toEqual([2, expect.stringContaining("--force")]);
    expect(await readFile(file, "utf8")).toContain("mine");
  });
});

it("with Connect everything is made on the organization's account, under the same keys", async () => {
  const account = `acct_${randomUUID().slice(0, 12).replaceAll("-", "")}`;
  await admin("POST", "/accounts", { id: account });
  const input = wares();
  input.organization = { ...input.organization, stripeAccount: account, applicationFeeBps: 250 };
  await typed("push", input);
  const there = await everything(keyOf(input), account);
  expect([there.products.length, there.prices.length]).toEqual([2, 3]);
  expect((await everything(keyOf(input))).prices).toEqual([]);
  const session = await client.create(await customerOf(keyOf(input)), { priceId: "monthly" });
  expect(session.stripeAccountId).toBe(account);
  await typed("check", input);

  input.organization = { key: keyOf(input), name: "A shop" };
  const moved = await failed(typed("push", input));
  expect([moved.code, moved.stderr]).toEqual([
    2,
    expect.stringContaining("organization.stripeAccount"),
  ]);
});

/** What is shown of the price `monthly` and its product. */
const shown = async (key: string) =>
  (await rows(
    `select p.name, p.description, p.active, pr.active as sold from billing.products p
     join billing.product_prices pr on pr.product_id = p.id
     join billing.organizations o on o.id = p.organization_id
     where o.key = $1 and pr.key = 'monthly'`,
    [key],
  ))[0];

describe("Stripe's news", () => {
  it("of a product and a price is written where the catalogue has them, and only there", async () => {
    const input = wares();
    await typed("push", input);
    const { data: [price] } = await stripe.prices.list({
      lookup_keys: [`${keyOf(input)}:monthly`],
    });
    const product = idOf(price?.product);
    await stripe.products.update(product, { name: "Renamed", description: "", active: false });
    await stripe.prices.update(price?.id ?? "", { active: false });
    await idle();
    expect(await shown(keyOf(input)))
      .toEqual({ name: "Renamed", description: null, active: false, sold: false });
    await stripe.products.update(product, { active: true });
    await stripe.prices.update(price?.id ?? "", { active: true });
    // Somebody's own, with a key of ours even: nothing is invented.
    await stripe.prices.create({
      product,
      currency: "usd",
      unit_amount: 100,
      recurring: { interval: "month" },
      metadata: { organization_key: keyOf(input), price_key: "invented" },
    });
    await idle();
    expect(await shown(keyOf(input))).toMatchObject({ active: true, sold: true });
    expect((await everything(keyOf(input))).rows[1]).toHaveLength(3);
    const events = await rows(
      "select e.outcome from billing.webhook_events e where e.type ~ '^(product|price)' and e.status <> 'processed'",
    );
    expect(events).toEqual([]);
  });

  it("does not put on sale again what its owner has taken out", async () => {
    const input = wares();
    await typed("push", input);
    const { data: [price] } = await stripe.prices.list({
      lookup_keys: [`${keyOf(input)}:monthly`],
    });
    const open = await client.create(await customerOf(keyOf(input)), { priceId: "monthly" });
    await typed("push", at(4900, input));
    // It is active there for as long as the checkout is open.
    await stripe.prices.update(price?.id ?? "", { metadata: { note: "seen" } });
    await idle();
    const [old] = await rows("select active from billing.product_prices where id = $1", [
      open.priceId,
    ]);
    expect(old).toEqual({ active: false });
  });
});

describe("what cannot be used is told by its setting, with exit code 2, and nothing is done", () => {
  it.each<[string, (input: CatalogueInput) => unknown, string]>([
    ["an amount with decimals", (input) => at(29.5, input), "products.pro.prices.monthly.amount"],
    [
      "a key that is no key",
      (input) => ({ ...input, products: { "A B": { name: "x", prices: {} } } }),
      "products.A B",
    ],
    ["a setting that is none", (input) => ({ ...input, prices: {} }), "prices is no setting"],
    ["a product that Stripe does not have", (input) => ({
      ...input,
      products: { pro: { name: "Pro", prices: {}, stripeId: "prod_nobodys" } },
      discounts: {},
    }), "products.pro.stripeId"],
    ["no catalogue at all", () => undefined, "default export"],
  ])("%s", async (_what, change, told) => {
    const input = wares();
    const { code, stderr } = await failed(typed("push", change(input)));
    expect([code, stderr]).toEqual([2, expect.stringContaining(told)]);
    const there = await everything(keyOf(input));
    expect([there.prices, there.products, there.rows]).toEqual([[], [], [[], [], []]]);
  });

  it.each<[string, Record<string, string>, string[], string]>([
    ["no Stripe key", { STRIPE_SECRET_KEY: "" }, ["plan"], "STRIPE_SECRET_KEY"],
    [
      "a Stripe key that Stripe does not know",
      { STRIPE_SECRET_KEY: "sk_test_nobodys" },
      ["plan"],
      "STRIPE_SECRET_KEY",
    ],
    ["no file", {}, ["plan", "--file", "/nowhere/billing.ts"], "--file"],
    ["no command", {}, [], "which command"],
    [
      "a pull that does not say for whom",
      {},
      ["pull", "--file", "/nowhere/new.ts"],
      "--organization",
    ],
    ["a pull's option for another command", {}, ["plan", "--force"], "--force"],
  ])("%s", async (_what, changed, argv, told) => {
    const { code, stderr } = await failed(runCommand(catalogue, { ...env, ...changed }, argv));
    expect([code, stderr]).toEqual([2, expect.stringContaining(told)]);
  });

  it("a live key beside an organization in test mode", async () => {
    const input = wares();
    await typed("push", input);
    const place = { client: database, stripe, livemode: true, progress: () => undefined };
    await expect(push(place, readCatalogue(input))).rejects.toThrow("organization.key");
  });
});
