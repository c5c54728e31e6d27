import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { NOBODY } from "../core/actor.ts";
import { isObject } from "../core/json.ts";
import { readFault } from "../faults/spec.ts";
import { readBody } from "../http/body.ts";
import { authenticate } from "../operations/authentications.ts";
import { advance } from "../operations/clockwork.ts";
import { settleDebitOf } from "../operations/debits.ts";
import { openFor, resolveFor } from "./disputes.ts";
import type { Account } from "../store/account.ts";
import { AFTER_RETRIES } from "../world.ts";
import type { World } from "../world.ts";

type Body = Record<string, unknown>;
type Command = (world: World, body: Body, query: URLSearchParams, id: string) => unknown;

class NotFound extends Error {}

function textOf(body: Body, key: string): string {
  const value = body[key];
  if (typeof value !== "string" || value === "") throw new TypeError(`${key} must be text`);
  return value;
}

function numberOf(body: Body, key: string): number {
  const value = body[key];
  if (typeof value !== "number" || !(value >= 0)) throw new TypeError(`${key} must be a number`);
  return value;
}

function connectedNamed(world: World, id: string): Account {
  const account = world.connected.get(id);
  if (account === undefined) throw new NotFound(`no connected account ${id}`);
  return account;
}

/** Runs a command on the account that has the intent. */
function withIntent(world: World, id: string, run: (account: Account) => unknown): unknown {
  const owner = world.accounts().find((account) =>
    account.paymentIntents.find(id) !== undefined || account.setupIntents.find(id) !== undefined
  );
  return found(owner === undefined ? undefined : run(owner), id);
}

function found<T>(outcome: T | undefined, id: string): T {
  if (outcome === undefined) throw new NotFound(`nothing of that kind is pending for ${id}`);
  return outcome;
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
  const end = Date.now() + patience;
  while (world.deliveries.open > 0 && Date.now() < end) await sleep(5);
  return { idle: world.deliveries.open === 0, open: world.deliveries.open };
}

function setCharges(world: World, id: string, enabled: boolean): unknown {
  const { settings } = connectedNamed(world, id);
  world.change(connectedNamed(world, id), "account.updated", settings, NOBODY, () => {
    settings.charges_enabled = enabled;
  });
  return settings;
}

function deauthorize(world: World, id: string): unknown {
  const account = connectedNamed(world, id);
  const application = {
    id: "ca_BillingOSSimulator000000000000",
    object: "application",
    name: "BillingOS",
  };
  world.emit(account, "account.application.deauthorized", application, NOBODY);
  account.authorized = false;
  return { id, authorized: false };
}

/** The admin calls: method, path (`:id` is any one segment), what it does. */
const COMMANDS: readonly [string, string, Command][] = [
  ["GET", "/health", () => ({ ok: true })],
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
  [
    "POST",
    "/disputes/:id/open",
    (world, body, _query, id) => found(openFor(world, id, readDispute(body)), id),
  ],
  ["POST", "/disputes/:id/win", (world, _body, _query, id) => resolve(world, id, "win")],
  ["POST", "/disputes/:id/lose", (world, _body, _query, id) => resolve(world, id, "lose")],
  ["POST", "/disputes/:id/escalate", (world, _body, _query, id) => resolve(world, id, "escalate")],
  ["GET", "/deliveries", (world) => world.deliveries.list()],
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
  ["POST", "/billing", (world, body) => {
    const wanted = AFTER_RETRIES.find((one) => one === body["after_retries"]);
    if (wanted === undefined) {
      throw new TypeError(`after_retries must be one of ${AFTER_RETRIES.join(", ")}`);
    }
    world.billing.afterRetries = wanted;
    return { after_retries: wanted };
  }],
  ["POST", "/search-lag", (world, body) => {
    world.searchLagSeconds = numberOf(body, "seconds");
    return { seconds: world.searchLagSeconds };
  }],
  ["GET", "/accounts", (world) => [...world.connected.values()].map((one) => one.settings)],
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
  ["POST", "/accounts/:id/deauthorize", (world, _body, _query, id) => deauthorize(world, id)],
  ["POST", "/reset", (world) => {
    world.reset();
    return { ok: true };
  }],
];

function findCommand(method: string, path: string): { run: Command; id: string } | undefined {
  const given = path.split("/");
  for (const [wanted, pattern, run] of COMMANDS) {
    const parts = pattern.split("/");
    if (wanted !== method || parts.length !== given.length) continue;
    if (parts.every((part, index) => part.startsWith(":") || part === given[index])) {
      return { run, id: given[parts.findIndex((part) => part.startsWith(":"))] ?? "" };
    }
  }
  return undefined;
}

async function outcomeOf(world: World, request: IncomingMessage): Promise<[number, unknown]> {
  const url = new URL(request.url ?? "/", "http://admin.invalid");
  const command = findCommand(request.method ?? "GET", url.pathname);
  if (command === undefined) return [404, { error: "no such admin call" }];
  try {
    const text = await readBody(request);
    const body: unknown = text === "" ? {} : JSON.parse(text);
    if (!isObject(body)) throw new TypeError("the body must be a JSON object");
    return [200, await command.run(world, body, url.searchParams, command.id)];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof NotFound) return [404, { error: message }];
    if (error instanceof TypeError || error instanceof SyntaxError) {
      return [400, { error: message }];
    }
    console.error(error);
    return [500, { error: message }];
  }
}

/** Serves the admin calls: JSON in, JSON out, no key. */
export async function serveAdmin(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [status, body] = await outcomeOf(world, request);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
