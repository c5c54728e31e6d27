import { randomUUID } from "node:crypto";
import * as z from "zod";
import { CheckoutRequestError } from "../../shared/client/request.ts";
import type { CreateResponse } from "../../shared/contract/create.ts";
import type { Snapshot } from "../../shared/contract/snapshot.ts";
import type { Shop } from "../support/shop.ts";
import type { Action, CreateAction, SessionAction } from "./actions.ts";
import type { Arena } from "./arena.ts";
import type { Listener } from "./listener.ts";
import { hourPasses, minutePasses } from "./time.ts";

/** A service that answers with one of these has lost its footing, whatever Stripe does to it. */
const NEVER = new Set(["internal_error", "unknown_error", "network_error"]);
const eventIds = z.array(z.object({ event: z.string() }));

/** Plays the customers, Stripe and the merchant, and notes at once what no answer may say. */
export class Cast {
  readonly #arena: Arena;
  readonly #shop: Shop;
  readonly #listener: Listener;
  readonly #run: string = randomUUID().slice(0, 8);
  readonly #tokens = new Map<string, Promise<string>>();
  readonly #sessions: { readonly created: CreateResponse; readonly user: string }[] = [];
  /** What each idempotency key has answered: the parameters and the session. */
  readonly #answered = new Map<string, string>();
  readonly #seen = new Map<string, Pick<Snapshot, "version" | "status">>();
  readonly violations: string[] = [];
  /** What was done and what came of it, oldest first. */
  readonly journal: string[] = [];

  constructor(arena: Arena, shop: Shop, listener: Listener) {
    this.#arena = arena;
    this.#shop = shop;
    this.#listener = listener;
  }

  /** The tokens and idempotency keys of yesterday stand for nothing. */
  newDay(): void {
    this.#tokens.clear();
    this.#answered.clear();
  }

  async perform(action: Action): Promise<void> {
    const started = JSON.stringify(action);
    try {
      const answer = await this.#perform(action);
      this.journal.push(`${started} -> ${answer}`);
    } catch (error) {
      this.journal.push(`${started} -> ${told(error)}`);
      const isRefusal = error instanceof CheckoutRequestError && !NEVER.has(error.code);
      if (!isRefusal && !(error instanceof Refused)) {
        this.violations.push(`${action.do} fails only as the table of errors says: ${told(error)}`);
      }
    }
  }

  async #perform(action: Action): Promise<string> {
    const { admin, tamper } = this.#arena;
    if ("session" in action) return this.#onSession(action);
    switch (action.do) {
      case "create":
        return this.#create(action);
      case "break":
        return said(await admin("POST", "/faults", action.fault), "armed");
      case "mend":
        return said(await admin("DELETE", "/faults"), "mended");
      case "reconcile":
        return JSON.stringify(
          await Promise.all(Array.from({ length: action.times }, () => this.#arena.reconcile())),
        );
      case "let a minute pass":
        return said(await minutePasses(this.#arena), "passed");
      case "put on sale": {
        const { productId } = this.#product(action.product);
        await tamper("update public.products set active = $2 where id = $1", [
          productId,
          action.active,
        ]);
        return productId;
      }
      case "deliver again": {
        const known = eventIds.parse(await admin("GET", "/deliveries"));
        const one = known[action.event % Math.max(1, known.length)];
        if (one === undefined) return "nothing to deliver";
        return said(await admin("POST", `/events/${one.event}/resend`), one.event);
      }
    }
  }

  async #onSession(action: SessionAction): Promise<string> {
    const found = this.#sessions[action.session % Math.max(1, this.#sessions.length)];
    if (found === undefined) return "no session yet";
    const { created, user } = found;
    const shop = this.#shop;
    const intent = created.paymentIntentId ?? "";
    const at = created.id.slice(0, 8);
    switch (action.do) {
      case "confirm":
        return this.#confirm(created, action.card);
      case "confirm in browser":
        await outside(shop.payInBrowser(created, action.card));
        return at;
      case "authenticate":
        await outside(shop.admin("POST", `/3ds/${intent}/${action.well ? "complete" : "fail"}`));
        return at;
      case "settle debit":
        await outside(shop.admin("POST", `/debits/${intent}/${action.well ? "settle" : "fail"}`));
        return at;
      case "let an hour pass":
        return said(await hourPasses(this.#arena, created.id), at);
      case "cancel session":
        return this.#cancel(created.id, await this.#token(user, false));
      case "cancel intent":
        await outside(shop.stripe.paymentIntents.cancel(intent));
        return at;
      case "cancel subscription": {
        const { data } = await outside(shop.stripe.subscriptions.list({ limit: 100 }));
        const own = data.find(({ metadata }) => metadata["checkout_session_id"] === created.id);
        if (own === undefined) return `${at} has no subscription`;
        await outside(shop.stripe.subscriptions.cancel(own.id));
        return `${at} ${own.id}`;
      }
      case "ask status":
        return this.#observe(created.id, () => shop.client.status(created.id));
      case "ask own status":
        return this.#observe(
          created.id,
          async () => shop.client.ownStatus(await this.#token(user, false), created.id),
        );
    }
  }

  async #create(action: CreateAction): Promise<string> {
    const user = `${this.#run}-${action.customer}`;
    const token = await this.#token(user, action.freshToken);
    const { priceId } = this.#product(action.product);
    const customer = action.email ? { email: "customer@example.com" } : {};
    const created = await this.#shop.client.create(
      token,
      { priceId, customer },
      action.key ?? undefined,
    );
    if (!this.#sessions.some((one) => one.created.id === created.id)) {
      this.#sessions.push({ created, user });
      await this.#listener.listen(created.realtime);
    }
    if (action.key !== null) {
      const name = `${user} ${action.key}`;
      const answer = `${created.id} for ${priceId} ${action.email}`;
      const before = this.#answered.get(name) ?? answer;
      this.#answered.set(name, before);
      if (before !== answer) {
        this.violations.push(`one idempotency key has one answer: ${before}, then ${answer}`);
      }
    }
    return `${created.id.slice(0, 8)} ${created.paymentIntentId ?? ""}`;
  }

  async #confirm(created: CreateResponse, paymentMethodId: string): Promise<string> {
    const answer = await this.#shop.client.confirm(created.clientSecret, { paymentMethodId });
    if (answer.success) {
      const [row] = await this.#arena.query<{ status: string; subscription_id: string }>(
        "select status, subscription_id from public.checkout_sessions where id = $1",
        [created.id],
      );
      if (row?.status !== "succeeded" || row.subscription_id !== answer.subscriptionId) {
        this.violations.push(
          `success is answered after its commit: ${JSON.stringify({ answer, row })}`,
        );
      }
    }
    return `${created.id.slice(0, 8)} ${answer.status}`;
  }

  async #cancel(sessionId: string, token: string): Promise<string> {
    const answer = await this.#observe(
      sessionId,
      () => this.#shop.client.cancel(token, sessionId),
    );
    const rows = await this.#arena.query<{ status: string }>(
      "select status from public.checkout_sessions where id = $1",
      [sessionId],
    );
    if (rows[0]?.status !== "canceled") {
      this.violations.push(
        `canceled is answered after its commit: ${answer}, ${JSON.stringify(rows)}`,
      );
    }
    return answer;
  }

  /** What is asked later shows no older version, and never anything after succeeded but succeeded. */
  async #observe(sessionId: string, ask: () => Promise<Snapshot>): Promise<string> {
    const before = this.#seen.get(sessionId);
    const { version, status } = await ask();
    if (before !== undefined && version < before.version) {
      this.violations.push(`versions never fall: ${before.version}, then ${version}`);
    }
    if (before?.status === "succeeded" && status !== "succeeded") {
      this.violations.push(`succeeded is never left: then ${status}`);
    }
    const last = this.#seen.get(sessionId);
    if (last === undefined || version > last.version) {
      this.#seen.set(sessionId, { version, status });
    }
    return `${sessionId.slice(0, 8)} ${status} ${version}`;
  }

  #product(index: number) {
    return index === 0 ? this.#shop.pro : this.#shop.team;
  }

  #token(user: string, fresh: boolean): Promise<string> {
    if (fresh) return this.#shop.token(user);
    const known = this.#tokens.get(user) ?? this.#shop.token(user);
    this.#tokens.set(user, known);
    return known;
  }
}

/** Refused by Stripe or its admin port, not by the service: everything may be refused there. */
class Refused extends Error {}

async function outside<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw new Refused("refused at Stripe", { cause: error });
  }
}

const said = (_answer: unknown, word: string): string => word;

const told = (error: unknown): string =>
  error instanceof CheckoutRequestError
    ? `${error.status} ${error.code} ${error.requestId ?? ""}`
    : error instanceof Error
    ? error.message
    : "something that is no error";
