import { randomInt } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { serveAdmin } from "./admin/server.ts";
import { serveApi } from "./http/api.ts";
import { listen } from "./http/listen.ts";
import { answerPreflight } from "./http/respond.ts";
import { PORTAL_PATH, servePortalPage } from "./http/portal-page.ts";
import { serveThreeDSecure } from "./http/three-d-secure.ts";
import { runDue } from "./operations/clockwork.ts";
import { routes } from "./routes/index.ts";
import { World } from "./world.ts";

export type { ApiExchange, Exchange, WebhookExchange } from "./http/exchanges.ts";
export type { FaultSpec } from "./faults/spec.ts";

export interface StripeSimulatorOptions {
  /** Port of the API; a free one when absent. */
  port?: number;
  /** Port of the admin server; a free one when absent. */
  adminPort?: number;
  secretKey?: string;
  publishableKey?: string;
  /** Restricted keys, each with its permissions: `customer_read`, or `customer_write`, which includes reading. */
  restrictedKeys?: Readonly<Record<string, readonly string[]>>;
  /** Accounts that are connected to the platform from the start, by id (`acct_…`). */
  connectedAccounts?: readonly { id: string }[];
  /** Seeds the faults that come by probability. */
  seed?: number;
  /** Waits before each redelivery of a webhook, in milliseconds; the last repeats. */
  webhookBackoffMs?: readonly number[];
  /** How long a renewal invoice stays a draft, in seconds: an hour at Stripe. */
  invoiceDraftSeconds?: number;
}

export interface StripeSimulator {
  /** What takes the place of `https://api.stripe.com`. */
  url: string;
  adminUrl: string;
  secretKey: string;
  publishableKey: string;
  /** The platform's own account. */
  accountId: string;
  close(): Promise<void>;
}

const BACKOFF_MS = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000];

/** Starts a simulator with nothing in it. Two never share anything. */
export async function startStripeSimulator(
  options: StripeSimulatorOptions = {},
): Promise<StripeSimulator> {
  const world = new World({
    secretKey: options.secretKey ?? "sk_test_simulator_0123456789abcdef",
    publishableKey: options.publishableKey ?? "pk_test_simulator_0123456789abcdef",
    restrictedKeys: options.restrictedKeys ?? {},
    connectedAccounts: (options.connectedAccounts ?? []).map((account) => account.id),
    seed: options.seed ?? randomInt(2 ** 31),
    webhookBackoffMs: options.webhookBackoffMs ?? BACKOFF_MS,
    invoiceDraftSeconds: options.invoiceDraftSeconds ?? 3600,
  });
  world.deliveries.onAttempt = (url, event, status) => {
    const sent = structuredClone(event);
    world.exchanges.add({ kind: "webhook", at: world.clock.now(), url, event: sent, status });
  };
  const api = await listen(options.port ?? 0, (request, response) => {
    serve(world, request, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  });
  world.url = api.url;
  const admin = await listen(options.adminPort ?? 0, (request, response) => {
    void serveAdmin(world, request, response);
  });
  const ticking = setInterval(() => runDue(world, world.clock.now()), 1000);
  ticking.unref();
  return {
    url: api.url,
    adminUrl: admin.url,
    secretKey: world.options.secretKey,
    publishableKey: world.options.publishableKey,
    accountId: world.platform.id,
    async close() {
      clearInterval(ticking);
      world.deliveries.close();
      await Promise.all([api.close(), admin.close()]);
    },
  };
}

async function serve(
  world: World,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === "OPTIONS") answerPreflight(request, response);
  else if (request.url?.startsWith("/3ds/") === true) serveThreeDSecure(world, request, response);
  else if (request.url?.startsWith(PORTAL_PATH) === true) {
    await servePortalPage(world, request, response);
  } else await serveApi(world, routes, request, response);
}
