import type { Actor } from "./core/actor.ts";
import { createClock } from "./core/clock.ts";
import type { Clock } from "./core/clock.ts";
import { StripeRefusal } from "./core/errors.ts";
import { newId } from "./core/ids.ts";
import { changedFrom, snapshot } from "./core/json.ts";
import { newAccount } from "./entities/account.ts";
import { Faults } from "./faults/faults.ts";
import { Account } from "./store/account.ts";
import { shortenLists } from "./store/embedded.ts";
import type { StoredEvent } from "./store/types.ts";
import { Deliveries } from "./webhooks/deliveries.ts";
import { ExchangeLog } from "./http/exchanges.ts";
import { IdempotencyKeys } from "./http/idempotency.ts";

/** The API version that the `stripe` package of this project speaks, and the only one served. */
export const API_VERSION = "2026-10-28.endive";

export interface WorldOptions {
  secretKey: string;
  publishableKey: string;
  restrictedKeys: Readonly<Record<string, readonly string[]>>;
  connectedAccounts: readonly string[];
  /** Seeds the faults that come by probability. */
  seed: number;
  /** Delays before each redelivery of a webhook, in milliseconds; the last one repeats. */
  webhookBackoffMs: readonly number[];
  /** How long a renewal invoice stays a draft, in seconds: an hour at Stripe. */
  invoiceDraftSeconds: number;
}

/** What an account sets in Stripe's dashboard. */
export interface BillingSettings {
  /** What becomes of a subscription when the last attempt to collect a renewal has failed. */
  afterRetries: AfterRetries;
  /** Whether an update makes its invoice before it sets metadata: the worst case of what Stripe may do. */
  metadataAfterInvoice: boolean;
}

export const AFTER_RETRIES = ["cancel", "unpaid", "past_due"] as const;
export type AfterRetries = (typeof AFTER_RETRIES)[number];

function defaultSettings(): BillingSettings {
  return { afterRetries: "cancel", metadataAfterInvoice: false };
}

/** All state of one simulator. */
export class World {
  readonly options: WorldOptions;
  readonly clock: Clock = createClock();
  platform: Account;
  readonly connected = new Map<string, Account>();
  readonly faults: Faults;
  readonly deliveries: Deliveries;
  readonly exchanges = new ExchangeLog();
  readonly keys: IdempotencyKeys;
  /** Base URL of the API server, for links inside objects; known once it listens. */
  url = "";
  billing = defaultSettings();

  constructor(options: WorldOptions) {
    this.options = options;
    this.faults = new Faults(options.seed);
    this.deliveries = new Deliveries(this.faults, options.webhookBackoffMs);
    this.keys = new IdempotencyKeys(this.clock);
    this.platform = new Account(newAccount(newId("acct"), this.clock.now()), false);
    for (const id of options.connectedAccounts) this.connect(id);
  }

  connect(id: string): Account {
    const account = new Account(newAccount(id, this.clock.now()), true);
    this.connected.set(id, account);
    return account;
  }

  /** Forgets all but the accounts themselves and the webhook endpoints, and goes back to real time. */
  reset(): void {
    this.faults.clear();
    this.deliveries.reset();
    this.exchanges.clear();
    this.keys.clear();
    this.clock.reset();
    this.billing = defaultSettings();
    const endpoints = this.platform.webhookEndpoints.all();
    this.platform = new Account(this.platform.settings, false);
    for (const endpoint of endpoints) this.platform.webhookEndpoints.add(endpoint);
    for (const id of this.connected.keys()) this.connect(id);
  }

  accounts(): Account[] {
    return [this.platform, ...this.connected.values()];
  }

  /** The account a request is about. Throws Stripe's 403 for one that the key does not open. */
  accountFor(stripeAccount: string | undefined): Account {
    if (stripeAccount === undefined || stripeAccount === this.platform.id) return this.platform;
    const account = this.connected.get(stripeAccount);
    if (account?.authorized === true) return account;
    const key = this.options.secretKey;
    const shown = `${key.slice(0, 8)}${"*".repeat(12)}${key.slice(-4)}`;
    throw new StripeRefusal(403, {
      type: "invalid_request_error",
      code: "account_invalid",
      message:
        `The provided key '${shown}' does not have access to account '${stripeAccount}' (or that account does not exist). Application access may have been revoked.`,
    }, false);
  }

  /** Records what happened and sends it to every endpoint that listens for it. */
  emit(
    account: Account,
    type: string,
    object: object,
    actor: Actor,
    previous?: Record<string, unknown>,
  ): StoredEvent {
    const endpoints = this.platform.webhookEndpoints.all().filter((endpoint) =>
      this.deliveries.listens(endpoint, type, account.connected)
    );
    const shown = snapshot(object);
    shortenLists(shown);
    const event: StoredEvent = {
      id: newId("evt"),
      object: "event",
      ...(account.connected ? { account: account.id } : {}),
      api_version: API_VERSION,
      created: this.clock.now(),
      data: {
        object: shown,
        ...(previous === undefined ? {} : { previous_attributes: previous }),
      },
      livemode: false,
      pending_webhooks: endpoints.length,
      request: { ...actor },
      type,
    };
    account.events.add(event);
    this.deliveries.enqueue(event, endpoints);
    return event;
  }

  /** Changes an object and tells what it was before; a change of nothing tells nothing. */
  change<T extends object>(
    account: Account,
    type: string,
    object: T,
    actor: Actor,
    apply: (object: T) => void,
  ): void {
    const before = snapshot(object);
    apply(object);
    const previous = changedFrom(before, snapshot(object));
    if (Object.keys(previous).length > 0) this.emit(account, type, object, actor, previous);
  }
}
