import { spawn } from "node:child_process";
import { Client } from "pg";
import { describe, expect, it } from "vitest";
import { readCatalogue } from "../../../catalogue/define.ts";
import { push } from "../../../catalogue/push.ts";
import { projectRoot } from "../../../scripts/source/project-files.ts";
import { withClient } from "../../../stack/postgres/with-client.ts";
import { eventually, refusal } from "../../support/shop.ts";
import { at, byText, failed, idOf, keyOf, openCatalogues, wares } from "./shelf.ts";

const {
  shopStack,
  stripe,
  env,
  idle,
  rows,
  fileOf,
  typed,
  everything,
  customerOf,
  client,
} = await openCatalogues();

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
    const pushes = await Promise.all(
      [1, 2, 3].map(() =>
        withClient(shopStack.databaseUrl, (own) =>
          push({
            client: own,
            stripe,
            livemode: false,
            progress: () => undefined,
          }, wanted))
      ),
    );
    const made = pushes.map(({ done }) =>
      done.filter((step) => step.on === "stripe" && step.what === "price").length
    );
    expect(made.toSorted((a, b) => a - b)).toEqual([0, 0, 3]);
    const { prices, products, rows: tables } = await everything(keyOf(input));
    expect([prices.length, products.length, tables.map((table) => table.length)])
      .toEqual([3, 2, [2, 3, 1]]);
  });
});
