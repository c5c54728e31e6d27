import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { catalogue } from "../../../scripts/catalogue.ts";
import { projectRoot } from "../../../scripts/source/project-files.ts";
import { runCommand } from "../../support/command.ts";
import { failed, keyOf, openCatalogues, wares } from "./shelf.ts";

const { stripe, env, admin, fileOf, typed } = await openCatalogues();

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

  it("keeps the settings that the organization has, so that a push of the file changes none", async () => {
    const input = wares({ discounts: {} });
    const stripeAccount = `acct_${randomUUID().slice(0, 12).replaceAll("-", "")}`;
    await admin("POST", "/accounts", { id: stripeAccount });
    const settings = { taxEnabled: true, pastDueGraceDays: 7, disputePolicy: "suspend" } as const;
    input.organization = {
      ...input.organization,
      ...settings,
      stripeAccount,
      applicationFeeBps: 5,
    };
    await typed("push", input);
    const file = join(projectRoot, "catalogue", `pulled-${randomUUID()}.ts`);
    try {
      await runCommand(catalogue, env, ["pull", "--file", file, "--organization", keyOf(input)]);
      const { stdout } = await runCommand(catalogue, env, ["plan", "--file", file]);
      expect(stdout).toMatch(/\d changes$/m);
      expect(stdout).not.toContain("organization");
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
