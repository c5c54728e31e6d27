import { createServer } from "node:http";
import type { Server } from "node:http";
import { Stripe } from "stripe";
import { afterAll, beforeAll, expect } from "vitest";
import { stripeAdmin } from "../src/admin/client.ts";
import { isObject } from "../src/core/json.ts";
import { startStripeSimulator } from "../src/index.ts";
import type { Exchange, FaultSpec, StripeSimulator, StripeSimulatorOptions } from "../src/index.ts";
import { validateExchanges } from "../src/openapi/index.ts";

export const DAY = 86_400;
export const MERCHANT = "acct_1SimulatorMerchant";
export const RETURN_URL = "https://merchant.example/done";

/** One delivery as the listener got it. */
export interface Received {
  event: Stripe.Event;
  at: number;
}

/** A simulator with the real `stripe` package, an admin client and a webhook listener around it. */
export interface Bench {
  simulator: StripeSimulator;
  stripe: Stripe;
  received: Received[];
  /** What the listener answers; 200 until told otherwise. */
  answers: { status: number };
  listenerUrl: string;
  admin(method: string, path: string, body?: object): Promise<Record<string, unknown>>;
  fault(fault: FaultSpec): Promise<void>;
  advance(seconds: number): Promise<void>;
  idle(): Promise<void>;
  now(): Promise<number>;
  types(): string[];
  exchanges(): Promise<Exchange[]>;
}

export function clientFor(simulator: { url: string }, key: string, retries = 0): Stripe {
  const { hostname, port } = new URL(simulator.url);
  return new Stripe(key, {
    host: hostname,
    port: Number(port),
    protocol: "http",
    maxNetworkRetries: retries,
    telemetry: false,
  });
}

interface Listener {
  server: Server;
  url: string;
  received: Received[];
  answers: { status: number };
  secrets: string[];
}

async function listenForWebhooks(stripe: () => Stripe): Promise<Listener> {
  const received: Received[] = [];
  const answers = { status: 200 };
  const secrets: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (part: string) => {
      body += part;
    });
    request.on("end", () => {
      const signature = String(request.headers["stripe-signature"]);
      const events = secrets.flatMap((secret) => {
        try {
          return [stripe().webhooks.constructEvent(body, signature, secret)];
        } catch {
          return [];
        }
      });
      const [event] = events;
      if (event !== undefined) received.push({ event, at: Date.now() });
      response.writeHead(event === undefined ? 400 : answers.status).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { server, url: `http://127.0.0.1:${port}/`, received, answers, secrets };
}

/** A bench for the tests of one file; what it exchanged is held against Stripe's description. */
export function useBench(options: StripeSimulatorOptions = {}): Bench {
  let simulator: StripeSimulator | undefined;
  let listener: Listener | undefined;
  let stripe: Stripe | undefined;
  const started = (): StripeSimulator => {
    if (simulator === undefined) throw new Error("the simulator has not been started");
    return simulator;
  };
  const client = (): Stripe => {
    stripe ??= clientFor(started(), started().secretKey);
    return stripe;
  };

  beforeAll(async () => {
    simulator = await startStripeSimulator({
      connectedAccounts: [{ id: MERCHANT }],
      webhookBackoffMs: [20, 40],
      seed: 1,
      ...options,
    });
    listener = await listenForWebhooks(client);
    for (const connect of [false, true]) {
      const endpoint = await client().webhookEndpoints.create({
        url: listener.url,
        enabled_events: ["*"],
        connect,
      });
      listener.secrets.push(endpoint.secret ?? "");
    }
  });

  afterAll(async () => {
    const exchanges = await bench.exchanges();
    await started().close();
    listener?.server.close();
    const said = exchanges.length === 0 ? [] : validateExchanges(exchanges);
    // Requests are wrong on purpose in some tests; what the simulator says never may be.
    expect(said.filter((one) => one.in !== "request")).toEqual([]);
    // The description's schemas are compiled as they are met, which takes its time on a busy machine.
  }, 60_000);

  const bench: Bench = {
    get simulator() {
      return started();
    },
    get stripe() {
      return client();
    },
    get received() {
      return listener?.received ?? [];
    },
    get answers() {
      return listener?.answers ?? { status: 0 };
    },
    get listenerUrl() {
      return listener?.url ?? "";
    },
    async admin(method, path, body) {
      const read = await stripeAdmin(started().adminUrl, method, path, body);
      return Object.fromEntries(Object.entries(read ?? {}));
    },
    async fault(fault) {
      await stripeAdmin(started().adminUrl, "POST", "/faults", fault);
    },
    async advance(seconds) {
      await stripeAdmin(started().adminUrl, "POST", "/clock/advance", { seconds });
    },
    async idle() {
      const { idle } = await bench.admin("GET", "/idle?timeout_ms=20000");
      expect(idle).toBe(true);
    },
    async now() {
      return Number((await bench.admin("GET", "/clock"))["now"]);
    },
    types: () => bench.received.map(({ event }) => event.type),
    async exchanges() {
      const read = await stripeAdmin(started().adminUrl, "GET", "/exchanges");
      if (!isExchangeList(read)) throw new Error("the exchange log cannot be read");
      return read;
    },
  };
  return bench;
}

function isExchangeList(value: unknown): value is Exchange[] {
  return Array.isArray(value) &&
    value.every((one) => isObject(one) && (one["kind"] === "api" || one["kind"] === "webhook"));
}

/** The id of a related object, which Stripe gives as id or whole. */
export function idOf(related: string | { id: string } | null | undefined): string {
  if (typeof related === "string") return related;
  if (typeof related === "object" && related !== null) return related.id;
  throw new Error("there is no related object");
}

/** The refusal that a call ends in; a call that succeeds is a failed test. */
export async function refusalOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error("the call was not refused");
}

/** A monthly price of 20 dollars, or another. */
export async function priceOf(
  stripe: Stripe,
  given: Partial<Stripe.PriceCreateParams> = {},
  options: Stripe.RequestOptions = {},
): Promise<Stripe.Price> {
  return stripe.prices.create({
    currency: "usd",
    unit_amount: 2000,
    recurring: { interval: "month" },
    product_data: { name: "Pro" },
    ...given,
  }, options);
}

/** A customer with a payment method attached, which pays by default. */
export async function customerWith(
  stripe: Stripe,
  method = "pm_card_visa",
  options: Stripe.RequestOptions = {},
): Promise<{ customer: string; method: string }> {
  const customer = await stripe.customers.create({ email: "jenny@example.com" }, options);
  const attached = await stripe.paymentMethods.attach(method, { customer: customer.id }, options);
  return { customer: customer.id, method: attached.id };
}
