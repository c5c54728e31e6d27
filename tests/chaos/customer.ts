import { randomUUID } from "node:crypto";
import type { CreateResponse } from "../../shared/contract/create.ts";
import type { Snapshot } from "../../shared/contract/snapshot.ts";
import type { ChangeAction, CreateAction } from "./actions.ts";
import { oneOf, type Shown, type Stage } from "./stage.ts";

/** Plays the customers, and notes at once what no answer may say. */
export class Customers {
  readonly #stage: Stage;
  readonly #run: string = randomUUID().slice(0, 8);
  readonly #tokens = new Map<string, Promise<string>>();
  /** What each idempotency key has answered: the parameters and the session. */
  readonly #answered = new Map<string, string>();
  readonly #seen = new Map<string, Pick<Snapshot, "version" | "status">>();
  readonly sessions: Shown[] = [];
  /** The total that each session was first shown with. */
  readonly totals = new Map<string, number>();
  readonly violations: string[] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** The tokens and idempotency keys of yesterday stand for nothing. */
  newDay(): void {
    this.#tokens.clear();
    this.#answered.clear();
  }

  async create(action: CreateAction): Promise<string> {
    const { shop: { client }, wares } = this.#stage;
    const user = `${this.#run}-${action.customer}`;
    const token = await this.#token(user, action.freshToken);
    const priceId = oneOf(wares.products, action.product)?.priceId ?? "";
    const { quantity, coupon, key } = action;
    const created = await client.create(token, {
      priceId,
      quantity,
      couponCode: coupon,
      customer: action.email ? { email: "customer@example.com" } : {},
    }, key ?? undefined);
    if (key !== null) {
      const asked = JSON.stringify([priceId, action.email, quantity, coupon]);
      this.#answersOnce(`${user} ${key}`, `${created.id} for ${asked}`);
    }
    return this.#show(created, user);
  }

  async change({ product }: ChangeAction, { created, user }: Shown): Promise<string> {
    const { arena, shop: { client }, wares } = this.#stage;
    const [row] = await arena.query<{ id: string | null }>(
      "select subscription_id as id from billing.checkout_sessions where id = $1",
      [created.id],
    );
    if (row === undefined || row.id === null) return "no subscription to change";
    const changed = await client.create(await this.#token(user, false), {
      priceId: oneOf(wares.products, product)?.priceId ?? "",
      existingSubscriptionId: row.id,
    });
    return this.#show(changed, user);
  }

  async #show(created: CreateResponse, user: string): Promise<string> {
    const { id, totalAmount } = created;
    const before = this.totals.get(id) ?? totalAmount;
    if (before !== totalAmount) {
      this.violations.push(`a session shows one amount: ${id} ${before}, then ${totalAmount}`);
    }
    if (!this.totals.has(id)) {
      this.totals.set(id, totalAmount);
      this.sessions.push({ created, user });
      await this.#stage.listener.listen(created.realtime);
    }
    return `${id.slice(0, 8)} ${created.paymentIntentId ?? ""} ${totalAmount}`;
  }

  #answersOnce(name: string, answer: string): void {
    const before = this.#answered.get(name) ?? answer;
    this.#answered.set(name, before);
    if (before !== answer) {
      this.violations.push(`one idempotency key has one answer: ${before}, then ${answer}`);
    }
  }

  async confirm({ created, user }: Shown, paymentMethodId: string): Promise<string> {
    const { arena, shop: { client } } = this.#stage;
    const answer = created.clientSecret === ""
      ? await client.confirmFree(await this.#token(user, false), created.id)
      : await client.confirm(created.clientSecret, { paymentMethodId });
    if (answer.success) {
      const [row] = await arena.query<{ status: string; subscription_id: string }>(
        "select status, subscription_id from billing.checkout_sessions where id = $1",
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

  async cancel({ created: { id }, user }: Shown): Promise<string> {
    const { arena, shop: { client } } = this.#stage;
    const token = await this.#token(user, false);
    const answer = await this.#observe(id, () => client.cancel(token, id));
    const rows = await arena.query<{ status: string }>(
      "select status from billing.checkout_sessions where id = $1",
      [id],
    );
    if (rows[0]?.status !== "canceled") {
      this.violations.push(
        `canceled is answered after its commit: ${answer}, ${JSON.stringify(rows)}`,
      );
    }
    return answer;
  }

  ask({ created: { id }, user }: Shown, asOwner: boolean): Promise<string> {
    const { client } = this.#stage.shop;
    return this.#observe(
      id,
      async () =>
        asOwner ? client.ownStatus(await this.#token(user, false), id) : client.status(id),
    );
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

  #token(user: string, fresh: boolean): Promise<string> {
    if (fresh) return this.#stage.shop.token(user);
    const known = this.#tokens.get(user) ?? this.#stage.shop.token(user);
    this.#tokens.set(user, known);
    return known;
  }
}
