import { createCheckoutServer } from "@billingos/checkout/server";
import { afterAll, expect, it } from "vitest";
import { backfill } from "../../../scripts/backfill.ts";
import { doctor } from "../../../scripts/doctor.ts";
import { events } from "../../../scripts/events.ts";
import { grants } from "../../../scripts/grants.ts";
import { keys } from "../../../scripts/keys.ts";
import { hourPasses, minutePasses } from "../../chaos/time.ts";
import { CommandFailed, runCommand } from "../../support/command.ts";
import { reconcileAt } from "../../support/reconcile-at.ts";
import { refusal } from "../../support/shop.ts";
import { expectStripesContract } from "../../support/stripe-contract.ts";
import { reportOf } from "../backfill/drifting.ts";
import { tellStory } from "./story.ts";

// The database is put back to an earlier time, and Stripe is not: what comes in line by itself, what by the commands of the runbook
// (docs/operations.md, "Backup and restore", in its order), and what they can only tell of. A stack of its own, since all of it is
// put back.

const { arena, shop, env, backup, before, after, rightBooks, ...seen } = await tellStory();
const { stack } = arena;
afterAll(async () => {
  try {
    await expectStripesContract(stack.stripeAdminUrl ?? "");
  } finally {
    await arena.close();
  }
});
const since = ["--since", backup.takenAt];
const opens = (organizationKey: string) =>
  createCheckoutServer({ functionsUrl: stack.info.functionsUrl, organizationKey })
    .createSessionToken({ externalUserId: "somebody" });
const lostPayment = after.unfulfilled.session.paymentIntentId ?? "";
const problems = async (...more: string[]) =>
  (await reportOf(env, [...since, ...more])).ours.map((
    { problem, stripeId },
  ) => [stripeId, problem]);
const own = async (one: (typeof before)["opened"]) => (await seen.subscriptionsOf(one))[0]?.id;

it("reconcile, which begins before anybody can stop it, does nothing twice and settles what is due (laws 1, 2, 6)", async () => {
  const due = [before.onTrial, before.changed.change, before.changedTwice.change];
  for (const { session } of [...due, before.left]) await hourPasses(arena, session.id);
  await arena.reconcile();
  await minutePasses(arena);
  await arena.reconcile();
  expect(await seen.books()).toEqual(rightBooks);
  for (const { session } of due) {
    expect(await shop.status(session)).toMatchObject({
      status: "succeeded",
      subscription: { status: "active" },
    });
  }
  // Who has paid and left again gets nothing anew.
  expect(await shop.status(before.left.session)).toMatchObject({
    status: "succeeded",
    subscription: { status: "canceled" },
    features: [],
  });
  // Stripe does not tell again what it has told: of the rest nobody knows yet.
  expect(
    await arena.query("select status from billing.checkout_sessions where id = $1", [
      before.opened.session.id,
    ]),
  ).toEqual([{ status: "open" }]);
  expect(await seen.featuresOf(before.canceled)).toEqual(["pro-1", "pro-2"]);
  expect(await seen.featuresOf(after.bought)).toEqual([]);
});

it("a key and a token that were made since open nothing, and a key that was revoked since opens until it is revoked again", async () => {
  expect(await refusal(opens(after.key))).toMatchObject({ status: 401 });
  expect(await refusal(shop.client.entitlements(after.token))).toMatchObject({ status: 401 });
  await opens(before.key);
  await runCommand(keys, env, ["revoke", before.key.slice(0, 12), "--tokens"]);
  expect(await refusal(opens(before.key))).toMatchObject({ status: 401 });
});

it("backfill tells what differs and what no row knows any more, and changes nothing", async () => {
  const told = await problems();
  for (
    const one of [
      [after.bought.stripeId, "lost"],
      [after.ended.stripeId, "lost"],
      [after.upgraded.stripeId, "lost"],
      [before.upgraded.stripeId, "differs"],
      [lostPayment, "lost"],
      [await own(before.opened), "unfinished"],
      [before.renewed.stripeId, "differs"],
      [before.canceled.stripeId, "differs"],
      [before.refunded.session.paymentIntentId, "differs"],
    ]
  ) expect(told).toContainEqual(one);
  expect(told).toContainEqual([expect.stringMatching(/^du_/), "missing"]);
  expect(told.filter(([, problem]) => problem === "lost")).toHaveLength(4);
  expect(await problems()).toEqual(told);
});

it("with --apply all is brought in line but the payment that brought nothing, which is named with what to do (law 7)", async () => {
  const error = await runCommand(backfill, env, [...since, "--apply"])
    .then(() => undefined, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CommandFailed);
  expect(error).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(
      new RegExp(
        `payment ${lostPayment} is of a checkout that is in no row here\\n {2}left as it is\\n {2}.*refund it at Stripe`,
      ),
    ) as unknown,
  });
  expect(error).toMatchObject({ stdout: expect.stringMatching(/, 1 left\n$/) as unknown });
  expect(await problems()).toEqual([[lostPayment, "lost"]]);
});

it("nobody was charged twice, has a second subscription, or is without what they paid for (laws 1, 2)", async () => {
  expect(await seen.books()).toEqual(rightBooks);
  const features = async (one: (typeof before)["opened"]) => (await seen.featuresOf(one)).join(" ");
  expect({
    renewed: await features(before.renewed),
    refunded: await features(before.refunded),
    disputed: await features(before.disputed),
    canceled: await features(before.canceled),
    opened: await features(before.opened),
    onTrial: await features(before.onTrial),
    left: await features(before.left),
    changed: await features(before.changed),
    changedTwice: await features(before.changedTwice),
    changedTwiceLate: await features(before.changedTwiceLate),
    upgraded: await features(before.upgraded),
    upgradedSince: await features(after.upgraded),
    bought: await features(after.bought),
    ended: await features(after.ended),
    unfulfilled: await features(after.unfulfilled),
  }).toEqual({
    renewed: "pro-1 pro-2",
    refunded: "pro-1 pro-2",
    disputed: "pro-1 pro-2",
    canceled: "",
    opened: "pro-1 pro-2",
    onTrial: "scale-1 scale-2",
    left: "",
    changed: "max-1 max-2",
    changedTwice: "ultra-1 ultra-2",
    changedTwiceLate: "ultra-1 ultra-2",
    upgraded: "max-1 max-2",
    upgradedSince: "max-1 max-2",
    bought: "pro-1 pro-2",
    ended: "",
    unfulfilled: "",
  });
  expect(await refusal(shop.create({ user: after.bought.user }))).toMatchObject({
    code: "already_subscribed",
  });
});

it("the other commands of the runbook find nothing", async () => {
  expect(await runCommand(events, env, ["list"])).toMatchObject({ stdout: "0 dead\n" });
  expect((await runCommand(grants, env, ["rebuild"])).stdout).toMatch(/ 0 differences\n$/);
  expect((await runCommand(doctor, env, ["--skip", "advisors"])).stdout).toMatch(/ 0 failures/);
});

it("a change that was paid since and is settled only now costs nobody what was paid for it (laws 1, 2)", async () => {
  const { change } = before.changedTwiceLate;
  await hourPasses(arena, change.session.id);
  await minutePasses(arena);
  await arena.reconcile();
  expect(await shop.status(change.session)).toMatchObject({ status: "succeeded" });
  expect(await seen.books()).toEqual(rightBooks);
  expect(await seen.featuresOf(before.changedTwiceLate)).toEqual(["ultra-1", "ultra-2"]);
});

it("what is still open of a forgotten checkout is closed once it has expired there, before anybody can pay it", async () => {
  await minutePasses(arena);
  const { now } = await shop.clock();
  await reconcileAt(stack.info, now + 7_200);
  const intent = await shop.stripe.paymentIntents.retrieve(
    after.unpaid.session.paymentIntentId ?? "",
  );
  expect(intent.status).toBe("canceled");
});

it("once that payment is refunded by hand, backfill ends with all in line", async () => {
  await shop.stripe.refunds.create({ payment_intent: lostPayment });
  await shop.idle();
  expect(await reportOf(env, since)).toMatchObject({ code: 0, left: 0 });
});
