import { setTimeout as sleep } from "node:timers/promises";
import { readFault } from "../faults/spec.ts";
import { authenticate } from "../operations/authentications.ts";
import { advance } from "../operations/clockwork.ts";
import { settleDebitOf } from "../operations/debits.ts";
import { answerRefund } from "../operations/refunds.ts";
import type { Account } from "../store/account.ts";
import { AFTER_RETRIES } from "../world.ts";
import type { World } from "../world.ts";
import { deauthorize, savePortal, setCharges } from "./accounts.ts";
import { openFor, resolveFor } from "./disputes.ts";
import { found, numberOf, textOf } from "./read.ts";
import type { Body, Command } from "./read.ts";
import { SUBSCRIPTION_COMMANDS } from "./subscriptions.ts";

/** Runs a command on the account that has the intent. */
function withIntent(world: World, id: string, run: (account: Account) => unknown): unknown {
  const owner = world.accounts().find((account) =>
    account.paymentIntents.find(id) !== undefined || account.setupIntents.find(id) !== undefined
  );
  return found(owner === undefined ? undefined : run(owner), id);
}

function readDispute(body: Body): { reason?: string; amount?: number; inquiry?: boolean } {
  return {
    ...(body["reason"] === undefined ? {} : { reason: textOf(body, "reason") }),
    ...(body["amount"] === undefined ? {} : { amount: numberOf(body, "amount") }),
    inquiry: body["inquiry"] === true,
  };
}

function resolve(world: World, id: string, outcome: "win" | "lose" | "escalate"): unknown {
  return found(resolveFor(world, id, outcome), id);
}

async function waitIdle(world: World, query: URLSearchParams): Promise<unknown> {
  const patience = Number(query.get("timeout_ms") ?? 10_000);
  let { ended } = world.deliveries;
  let end = Date.now() + patience;
  while (world.deliveries.open > 0 && Date.now() < end) {
    await sleep(5);
    if (world.deliveries.ended === ended) continue;
    ended = world.deliveries.ended;
    end = Date.now() + patience;
  }
  return { idle: world.deliveries.open === 0, open: world.deliveries.open };
}

/** Lets the bank answer a refund, whatever its card's bank would say. */
function answerRefundNamed(world: World, id: string, failure: string | null): unknown {
  const owner = world.accounts().find((account) => account.refunds.find(id) !== undefined);
  return found(owner === undefined ? undefined : answerRefund(world, owner, id, failure), id);
}

/** Sets what is given of an account's billing settings. */
function setBilling({ billing }: World, body: Body): unknown {
  const { after_retries: then, metadata_after_invoice: late } = body;
  if (then !== undefined) {
    const wanted = AFTER_RETRIES.find((one) => one === then);
    if (wanted === undefined) {
      throw new TypeError(`after_retries must be one of ${AFTER_RETRIES.join(", ")}`);
    }
    billing.afterRetries = wanted;
  }
  if (late !== undefined) billing.metadataAfterInvoice = late === true;
  return {
    after_retries: billing.afterRetries,
    metadata_after_invoice: billing.metadataAfterInvoice,
  };
}

/** The admin calls: method, path (`:id` is any one segment), what it does. */
export const COMMANDS: readonly [string, string, Command][] = [
  ["GET", "/clock", (world) => ({ now: world.clock.now() })],
  ["POST", "/clock/advance", (world, body) => {
    advance(world, numberOf(body, "seconds"));
    return { now: world.clock.now() };
  }],
  [
    "POST",
    "/3ds/:id/complete",
    (world, _body, _query, id) =>
      withIntent(world, id, (account) => authenticate(world, account, id, true)),
  ],
  [
    "POST",
    "/3ds/:id/fail",
    (world, _body, _query, id) =>
      withIntent(world, id, (account) => authenticate(world, account, id, false)),
  ],
  [
    "POST",
    "/debits/:id/settle",
    (world, _body, _query, id) =>
      withIntent(world, id, (account) => settleDebitOf(world, account, id, null)),
  ],
  ["POST", "/debits/:id/fail", (world, body, _query, id) =>
    withIntent(world, id, (account) => {
      const reason = typeof body["reason"] === "string" ? body["reason"] : "insufficient_funds";
      return settleDebitOf(world, account, id, reason);
    })],
  ["POST", "/refunds/:id/settle", (world, _body, _query, id) => answerRefundNamed(world, id, null)],
  [
    "POST",
    "/refunds/:id/fail",
    (world, _body, _query, id) => answerRefundNamed(world, id, "unknown"),
  ],
  [
    "POST",
    "/disputes/:id/open",
    (world, body, _query, id) => found(openFor(world, id, readDispute(body)), id),
  ],
  ["POST", "/disputes/:id/win", (world, _body, _query, id) => resolve(world, id, "win")],
  ["POST", "/disputes/:id/lose", (world, _body, _query, id) => resolve(world, id, "lose")],
  ["POST", "/disputes/:id/escalate", (world, _body, _query, id) => resolve(world, id, "escalate")],
  ...SUBSCRIPTION_COMMANDS,
  [
    "GET",
    "/deliveries",
    (world, _body, query) => world.deliveries.list(query.getAll("about")),
  ],
  ["POST", "/events/:id/resend", (world, _body, _query, id) => ({
    sent: world.deliveries.resend(id),
  })],
  ["GET", "/idle", (world, _body, query) => waitIdle(world, query)],
  ["GET", "/exchanges", (world) => world.exchanges.list()],
  ["DELETE", "/exchanges", (world) => {
    world.exchanges.clear();
    return { ok: true };
  }],
  ["GET", "/faults", (world) => world.faults.list()],
  ["POST", "/faults", (world, body) => world.faults.add(readFault(body))],
  ["POST", "/faults/seed", (world, body) => {
    world.faults.reseed(numberOf(body, "seed"));
    return { ok: true };
  }],
  ["DELETE", "/faults", (world) => {
    world.faults.clear();
    return { ok: true };
  }],
  ["DELETE", "/faults/:id", (world, _body, _query, id) => {
    world.faults.clear(id);
    return { ok: true };
  }],
  ["POST", "/billing", setBilling],
  ["POST", "/accounts", (world, body) => world.connect(textOf(body, "id")).settings],
  [
    "POST",
    "/accounts/:id/disable-charges",
    (world, _body, _query, id) => setCharges(world, id, false),
  ],
  [
    "POST",
    "/accounts/:id/enable-charges",
    (world, _body, _query, id) => setCharges(world, id, true),
  ],
  ["POST", "/accounts/:id/save-portal", (world, _body, _query, id) => savePortal(world, id)],
  ["POST", "/accounts/:id/deauthorize", (world, _body, _query, id) => deauthorize(world, id)],
  ["POST", "/keys/forget", (world) => {
    world.keys.clear();
    return { ok: true };
  }],
  ["POST", "/reset", (world) => {
    world.reset();
    return { ok: true };
  }],
];
