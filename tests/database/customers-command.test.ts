import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { customers as customersCommand } from "../../scripts/customers.ts";
import { runCommand } from "../support/command.ts";
import {
  complete,
  openDatabase,
  openSession,
  openShop,
  record,
  subscriptionFacts,
} from "./support.ts";

const database = await openDatabase();
const [owner, service] = await Promise.all([database.owner(), database.service()]);
const { keyDigest } = await openShop(owner);
const organization = "0b500000-0000-4000-8000-000000000001";

/** The command on the database of this file. */
function customers(command: string, customer: string, ...more: string[]) {
  const args = ["--organization", organization, "--customer", customer, ...more];
  return runCommand(customersCommand, { DATABASE_URL: database.databaseUrl }, [command, ...args]);
}

/** A customer whose subscription has this status. */
async function subscribed(status: string) {
  const externalId = `user ${randomUUID()}`;
  const session = await openSession(service, keyDigest, externalId);
  await record(service, session, "succeeded");
  const facts = subscriptionFacts({ status });
  await complete(service, session, facts);
  const stripeCustomerId = `cus_${randomUUID().slice(0, 8)}`;
  await owner.rows("update billing.customers set stripe_customer_id = $2 where external_id = $1", [
    externalId,
    stripeCustomerId,
  ]);
  return { externalId, session, stripeCustomerId, subscription: String(facts["id"]) };
}

const refusal = (reason: string, code = 1) => ({
  code,
  stdout: "",
  stderr: expect.stringContaining(reason) as unknown,
});

describe("npm run customers", () => {
  it("exports one JSON document, erases, and then holds nothing under that name", async () => {
    const { externalId, session, stripeCustomerId } = await subscribed("canceled");
    const { stdout: exported } = await customers("export", externalId);
    expect(JSON.parse(exported)).toMatchObject({
      externalId,
      customer: { stripe_customer_id: stripeCustomerId },
      checkoutSessions: [{ id: session.sessionId, status: "succeeded" }],
    });

    const { stdout: told } = await customers("erase", externalId);
    expect(told).toContain(`delete ${stripeCustomerId} there`);
    const [pseudonym = ""] = /erased:[0-9a-f-]{36}/.exec(told) ?? [];
    expect(JSON.parse((await customers("export", pseudonym)).stdout)).toMatchObject({
      checkoutSessions: [{ id: session.sessionId, status: "succeeded" }],
    });
    await expect(customers("export", externalId)).rejects.toMatchObject(refusal("nothing is held"));
    await expect(customers("erase", externalId)).rejects.toMatchObject(refusal("nothing is held"));
    const { stdout: again } = await customers("erase", pseudonym, "--json");
    expect(JSON.parse(again)).toMatchObject({ outcome: "erased", pseudonym, events: 0 });
  });

  it("says which subscription must be canceled first, and erases nothing", async () => {
    const { externalId, subscription } = await subscribed("active");
    const before = (await customers("export", externalId)).stdout;
    await expect(customers("erase", externalId)).rejects.toMatchObject(
      refusal(`cancel ${subscription} at Stripe first`),
    );
    expect((await customers("export", externalId)).stdout).toBe(before);
  });

  it("says which checkouts must end first", async () => {
    const externalId = randomUUID();
    const { sessionId } = await openSession(service, keyDigest, externalId);
    await expect(customers("erase", externalId)).rejects.toMatchObject(refusal(sessionId));
  });

  it.each([
    ["a command that it does not know", "forget", "user", []],
    ["two commands", "export", "user", ["erase"]],
    ["no customer", "export", "", []],
    ["an organization that is not an id", "export", "user", ["--organization", "all"]],
    ["an option that would force it", "erase", "user", ["--force"]],
  ])("refuses %s and says how it is used", async (_name, command, customer, args) => {
    await expect(customers(command, customer, ...args)).rejects.toMatchObject(
      refusal("usage: npm run customers", 2),
    );
  });
});
