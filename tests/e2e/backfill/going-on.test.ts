import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, describe, expect, it } from "vitest";
import { backfill } from "../../../scripts/backfill.ts";
import { projectRoot } from "../../../scripts/source/project-files.ts";
import { CommandFailed, runCommand } from "../../support/command.ts";
import { eventually, openShop } from "../../support/shop.ts";
import { stack } from "../../support/stack.ts";
import { drifting } from "./drifting.ts";

const shop = await openShop(stack());
afterAll(() => shop.close());
const { env, argv, since, run, report, unheard, asked } = drifting(stack(), shop);
const { stripe } = shop;

const cursor = () =>
  shop.query<{ stage: string }>(
    "select stage from billing_private.backfill_cursors where scope = $1",
    [shop.organizationId],
  );
const lists = (calls: readonly { path: string }[]) =>
  new Set(calls.map(({ path }) => path).filter((path) => /^\/v1\/\w+$/.test(path)));

async function bought() {
  const session = await shop.create();
  await shop.pay(session);
  await shop.idle();
  const { subscriptions: [one] } = await shop.atStripe(session);
  return { session, stripeId: one?.id ?? "" };
}

/** Starts the command as an operator does. */
function typed(): ChildProcess {
  return spawn(process.execPath, ["scripts/run.mjs", "scripts/backfill.ts", ...argv("--apply")], {
    cwd: projectRoot,
    env: { ...process.env, ...env },
    stdio: "ignore",
  });
}

/** A run that is killed while it waits for the list of refunds; all that was to go wrong meanwhile is forgotten with it. */
async function killedAtRefunds(): Promise<void> {
  await shop.admin("POST", "/faults", {
    kind: "latency",
    method: "GET",
    path: "/v1/refunds",
    ms: 600_000,
    count: null,
  });
  const child = typed();
  const closed = once(child, "close");
  try {
    await eventually(cursor, ([row]) => row?.stage === "refunds" || child.exitCode !== null);
  } finally {
    child.kill("SIGKILL");
    await closed;
    await shop.admin("DELETE", "/faults");
  }
}

/** What a run leaves that was stopped so long ago, once it had gone through everything. */
const stoppedAtTheEnd = (ago: string, left: number) =>
  shop.query(
    `insert into billing_private.backfill_cursors (scope, stripe_account_id, livemode, since, stage, left_count, updated_at)
     values ($1, '', false, date_trunc('second', $2::timestamptz), 'done', $3, clock_timestamp() - $4::interval)`,
    [shop.organizationId, since, left, ago],
  );

describe("a backfill", () => {
  it("that was killed goes on where it was, and in the end all is in line", async () => {
    const { session, stripeId } = await bought();
    await unheard(async () => {
      await stripe.refunds.create({ payment_intent: session.paymentIntentId ?? "", amount: 700 });
      await stripe.subscriptions.update(stripeId, { cancel_at_period_end: true });
    });
    await killedAtRefunds();
    expect(await cursor()).toEqual([{ stage: "refunds" }]);

    const calls = await asked(async () => {
      expect(await report("--apply")).toMatchObject({ code: 0, left: 0, repaired: 1 });
    });
    expect(lists(calls)).toEqual(new Set(["/v1/refunds", "/v1/disputes"]));
    expect(await cursor()).toEqual([]);
    expect(await report()).toMatchObject({ code: 0, ours: [] });
  });

  it("that was killed has not forgotten what it had left when it goes on", async () => {
    const { stripeId } = await bought();
    await unheard(() => stripe.subscriptions.cancel(stripeId));
    await shop.admin("POST", "/faults", {
      kind: "error_before",
      path: `/v1/subscriptions/${stripeId}`,
      count: null,
    });
    await killedAtRefunds();
    expect(await report("--apply")).toMatchObject({
      code: 1,
      left: 1,
      resumed: [{ account: null, stage: "refunds", left: 1 }],
      ours: [],
    });
    // That was its end: the next run looks at everything.
    expect(await report("--apply")).toMatchObject({ code: 0, repaired: 1, left: 0, resumed: [] });
  });

  it("that was stopped at its end says so, and does not say that all is in line", async () => {
    await stoppedAtTheEnd("1 hour", 2);
    const error = await run("--apply").then(() => undefined, (thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 1,
      stdout: "own account: was gone through before, 2 left until there\n" +
        "1 Stripe accounts: 2 left before; 0 brought in line, 2 left\n",
    });
  });

  it("that was stopped more than a day ago begins anew", async () => {
    const { stripeId } = await bought();
    await unheard(() => stripe.subscriptions.cancel(stripeId));
    await stoppedAtTheEnd("25 hours", 2);
    expect(await report("--apply")).toMatchObject({ code: 0, repaired: 1, left: 0, resumed: [] });
  });

  it("that has come to its end begins at the beginning the next time", async () => {
    expect(await once(typed(), "close")).toEqual([0, null]);
    expect(lists(await asked(() => run("--apply")))).toEqual(
      new Set([
        "/v1/subscriptions",
        "/v1/invoices",
        "/v1/payment_intents",
        "/v1/refunds",
        "/v1/disputes",
      ]),
    );
  });

  it("that only looks keeps nothing, and asks for everything", async () => {
    await run();
    expect(await cursor()).toEqual([]);
  });

  it("waits where Stripe says that it is too much, and comes to its end", async () => {
    const { stripeId } = await bought();
    await unheard(() => stripe.subscriptions.cancel(stripeId));
    await shop.admin("POST", "/faults", { kind: "rate_limit", method: "GET", count: 2 });
    const said: string[] = [];
    const code = await backfill({
      argv: argv("--apply"),
      env,
      out: () => {},
      err: () => {},
      progress: (line) => said.push(line),
    });
    expect(code).toBe(0);
    expect(said.join("\n")).toMatch(/Stripe asks to wait \d+ s \(endpoint-rate\)/);
    expect(said.join("\n")).toMatch(/own account: \d+ of subscriptions/);
    expect(await report()).toMatchObject({ code: 0, ours: [] });
  });

  it("tells what it could not read, goes on with the rest, and ends with 1", async () => {
    const [one, other] = [await bought(), await bought()];
    await unheard(async () => {
      await stripe.subscriptions.cancel(one.stripeId);
      await stripe.subscriptions.cancel(other.stripeId);
    });
    await shop.admin("POST", "/faults", {
      kind: "error_before",
      path: `/v1/subscriptions/${one.stripeId}`,
      count: null,
    });
    const { code, findings } = await report("--apply");
    await shop.admin("DELETE", "/faults");
    expect(code).toBe(1);
    const came = findings.map(({ stripeId, repaired }) => [stripeId, repaired]);
    expect(came).toContainEqual([one.stripeId, false]);
    expect(came).toContainEqual([other.stripeId, true]);
    expect(await report("--apply")).toMatchObject({ code: 0, repaired: 1 });
  });
});

describe("what cannot be used is told by its setting, with exit code 2, and nothing is done", () => {
  it.each<[string, Record<string, string>, readonly string[], string]>([
    ["no date", {}, [], "--since"],
    ["a date that is none", {}, ["--since", "2026-02-31"], "--since"],
    ["a word", {}, ["--since", "yesterday"], "--since"],
    ["a day to come", {}, ["--since", "2999-01-01"], "--since"],
    ["no Stripe key", { STRIPE_SECRET_KEY: "" }, ["--since", "2026-01-01"], "STRIPE_SECRET_KEY"],
    [
      "a publishable key",
      { STRIPE_SECRET_KEY: "pk_test_x" },
      ["--since", "2026-01-01"],
      "STRIPE_SECRET_KEY",
    ],
    [
      "a key that Stripe does not know",
      { STRIPE_SECRET_KEY: "sk_test_nobodys" },
      ["--since", "2026-01-01"],
      "STRIPE_SECRET_KEY",
    ],
    [
      "a key of the other mode",
      { STRIPE_SECRET_KEY: "sk_live_nobodys" },
      ["--since", "2026-01-01", "--organization", shop.organizationId],
      "STRIPE_SECRET_KEY",
    ],
    [
      "an address that is none",
      { STRIPE_API_URL: "nowhere" },
      ["--since", "2026-01-01"],
      "STRIPE_API_URL",
    ],
    [
      "an organization that is not there",
      {},
      ["--since", "2026-01-01", "--organization", "nobody"],
      "nobody",
    ],
    ["an unknown option", {}, ["--since", "2026-01-01", "--dry"], "--dry"],
  ])("%s", async (_what, changed, given, told) => {
    const error = await runCommand(backfill, { ...env, ...changed }, [...given, "--apply"])
      .then(() => undefined, (thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommandFailed);
    expect(error).toMatchObject({ code: 2, stderr: expect.stringContaining(told) as unknown });
    expect(await cursor()).toEqual([]);
  });
});
