import { randomUUID } from "node:crypto";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { CommandFailed, runCommand } from "../../support/command.ts";
import { openShop } from "../../support/shop.ts";
import { stack } from "../../support/stack.ts";
import { importCommand } from "../../../scripts/import.ts";
import { openOldSystem } from "./old-system.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
const old = await openOldSystem(stack(), shop);

beforeEach(async () => {
  await old.empty();
});

const all = () => ["--from", old.url, "--organization", shop.organizationId, "--apply"];

describe("what cannot be used is told by its setting, with exit code 2, and nothing is done", () => {
  it.each<[string, Record<string, string>, () => string[], string]>([
    ["no old database", {}, () => ["--organization", shop.organizationId], "--from"],
    ["an old database that is none", {}, () => ["--from", "old", "--organization", "x"], "--from"],
    [
      "an old database to which the password would go in plain text",
      {},
      () => ["--from", "postgresql://u:p@db.example.com/x?sslmode=disable", ...all().slice(2)],
      "--from: sslmode=disable",
    ],
    ["no organization", {}, () => ["--from", old.url], "--organization"],
    [
      "an organization that is not there",
      {},
      () => ["--from", old.url, "--organization", randomUUID()],
      "--organization",
    ],
    ["no Stripe key", { STRIPE_SECRET_KEY: "" }, all, "STRIPE_SECRET_KEY"],
    ["a key of the other mode", { STRIPE_SECRET_KEY: "sk_live_nobodys" }, all, "STRIPE_SECRET_KEY"],
    [
      "a database of another kind",
      {},
      () => ["--from", stack().databaseUrl, "--organization", shop.organizationId],
      "--from: there is no table public.customers",
    ],
    [
      "an organization that the old database does not have",
      {},
      () => [...all(), "--from-organization", randomUUID()],
      "--from-organization",
    ],
    ["an unknown option", {}, () => [...all(), "--dry"], "--dry"],
  ])("%s", async (_what, changed, argv, told) => {
    const run = runCommand(importCommand, { ...old.env, ...changed }, argv());
    const error = await run.then(() => undefined, (thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommandFailed);
    expect(error).toMatchObject({ code: 2, stderr: expect.stringContaining(told) as unknown });
  });

  it("customers of several organizations, of which none is named", async () => {
    const other = randomUUID();
    await old.customer();
    await old.customer({ organization_id: other });
    const error = await old.run().then(() => undefined, (thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--from-organization") as unknown,
    });
    const { stdout } = await old.run("--from-organization", other);
    expect(stdout).toContain("customers: 1 to import");
  });
});
